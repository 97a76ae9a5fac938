public import NIOCore
public import OPCUATypes

/// The first three bytes of every frame (Part 6, 6.7.2.2 and 7.1.2.2).
public enum FrameType: UInt32, Hashable, Sendable {
    case hello = 0x48454C
    case acknowledge = 0x41434B
    case error = 0x455252
    case reverseHello = 0x524845
    case message = 0x4D5347
    case openSecureChannel = 0x4F504E
    case closeSecureChannel = 0x434C4F
}

/// The fourth byte: whether more chunks of the message follow (Part 6, table 55).
public enum ChunkKind: UInt8, Hashable, Sendable {
    case intermediate = 0x43
    case final = 0x46
    case abort = 0x41
}

/// One frame of UACP: a handshake message, or a chunk of a secure channel.
public struct Frame: Hashable, Sendable {
    /// Bytes of the header: type, kind and size.
    public static let headerBytes = 8

    public var type: FrameType
    public var kind: ChunkKind
    /// The whole frame with its header, as a signature covers it.
    public var bytes: ByteBuffer

    /// What follows the header.
    public var content: ByteBuffer {
        bytes.getSlice(at: bytes.readerIndex + Self.headerBytes, length: bytes.readableBytes - Self.headerBytes)
            ?? ByteBuffer()
    }

    /// Writes a header; the size is of the whole frame.
    static func header(_ type: FrameType, _ kind: ChunkKind, bytes size: Int) -> UInt64 {
        UInt64(type.rawValue) << 40 | UInt64(kind.rawValue) << 32 | UInt64(UInt32(truncatingIfNeeded: size).byteSwapped)
    }
}

/// Cuts a stream of bytes into frames; holds at most one unfinished frame.
public struct FrameDecoder: Sendable {
    private var pending = ByteBuffer()
    /// Largest frame that is accepted, in bytes.
    public var maxFrameBytes: Int

    public init(maxFrameBytes: Int) { self.maxFrameBytes = maxFrameBytes }

    /// Takes bytes as they came from the socket.
    public mutating func append(_ bytes: ByteBuffer) {
        if pending.readableBytes == 0 {
            pending = bytes
            return
        }
        let needed = pending.readableBytes + bytes.readableBytes
        if pending.writableBytes < bytes.readableBytes {
            // One copy to a buffer that holds the frame to its end, rather than one copy per read.
            var larger = ByteBuffer()
            larger.reserveCapacity(max(needed, min(announcedSize ?? 0, maxFrameBytes)))
            larger.writeImmutableBuffer(pending)
            pending = larger
        }
        pending.writeImmutableBuffer(bytes)
    }

    private var announcedSize: Int? {
        pending.getInteger(at: pending.readerIndex + 4, endianness: .little, as: UInt32.self).map(Int.init)
    }

    /// The next whole frame; nil until more bytes have come.
    public mutating func next() throws(OPCUAError) -> Frame? {
        guard let word = pending.getInteger(at: pending.readerIndex, as: UInt32.self), let size = announcedSize else {
            return nil
        }
        guard let type = FrameType(rawValue: word >> 8), let kind = ChunkKind(rawValue: UInt8(word & 0xFF)) else {
            throw OPCUAError(.badTcpMessageTypeInvalid, "the peer does not speak opc.tcp: unknown message type")
        }
        guard size >= Frame.headerBytes, size <= maxFrameBytes else {
            throw OPCUAError(
                .badTcpMessageTooLarge, "a message chunk of \(size) bytes came, at most \(maxFrameBytes) are allowed")
        }
        guard let bytes = pending.readSlice(length: size) else { return nil }
        if pending.readableBytes == 0 { pending = ByteBuffer() }
        return Frame(type: type, kind: kind, bytes: bytes)
    }
}
