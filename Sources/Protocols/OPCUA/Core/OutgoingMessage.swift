public import NIOCore
public import OPCUATypes

/// A service message ready to be cut into chunks. Room for the headers of a chunk is kept before it, so that a message
/// of one chunk is never copied.
public struct OutgoingMessage: Hashable, Sendable {
    /// Frame header 8, channel 4, token 4, sequence number 4, request id 4.
    static let headroom = 24

    var buffer: ByteBuffer

    /// The NodeId of the structure's encoding, then the structure.
    public init<T: Structure>(_ structure: T) {
        self.init(typeId: T.binaryEncodingId) { structure.encode(to: &$0) }
    }

    /// The NodeId of an encoding, then whatever `body` writes.
    public init(typeId: UInt32, capacity: Int = 256, body: (inout BinaryWriter) -> Void) {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(capacity + Self.headroom + 4)
        buffer.writeRepeatingByte(0, count: Self.headroom)
        var writer = BinaryWriter(buffer)
        buffer = ByteBuffer()
        NodeId(typeId).encode(to: &writer)
        body(&writer)
        self.buffer = writer.buffer
    }

    /// A ServiceFault that answers a request.
    public init(fault status: StatusCode, requestHandle: UInt32, at time: DateTime) {
        self.init(
            ServiceFault(
                responseHeader: ResponseHeader(timestamp: time, requestHandle: requestHandle, serviceResult: status)))
    }

    /// Bytes of the message without chunk headers.
    public var bodyBytes: Int { buffer.readableBytes - Self.headroom }
}

/// A received service message: the number of its encoding and what follows.
public struct IncomingMessage: Hashable, Sendable {
    /// Numeric NodeId of the encoding in namespace 0.
    public var typeId: UInt32
    /// The structure's bytes.
    public var body: ByteBuffer

    public init(_ message: ByteBuffer) throws(BinaryDecodingError) {
        var end = 0
        let result = message.withUnsafeReadableBytes { bytes -> Result<UInt32, BinaryDecodingError> in
            var reader = BinaryReader(bytes)
            do throws(BinaryDecodingError) {
                let typeId = try NodeId(from: &reader)
                end = reader.offset
                guard let number = typeId.standard else { return .failure(.invalid(.message)) }
                return .success(number)
            } catch {
                return .failure(error)
            }
        }
        typeId = try result.get()
        body = message
        body.moveReaderIndex(forwardBy: end)
    }

    /// Decodes the message when it is of this type; nil for another.
    public func decode<T: Structure>(
        _ type: T.Type, limits: DecodingLimits = DecodingLimits()
    ) throws(BinaryDecodingError) -> T? {
        typeId == T.binaryEncodingId ? try T(decoding: body, limits: limits) : nil
    }
}
