import NIOCore
import OPCUATypes

/// The header of an OpenSecureChannel chunk (Part 6, 6.7.2.3): who speaks, under which policy.
struct AsymmetricHeader: Hashable, Sendable, BinaryCodable {
    var securityPolicyURI: String?
    var senderCertificate: ByteString?
    var receiverThumbprint: ByteString?

    static let none = AsymmetricHeader(securityPolicyURI: SecurityPolicyURI.none)

    init(securityPolicyURI: String, senderCertificate: ByteString? = nil, receiverThumbprint: ByteString? = nil) {
        self.securityPolicyURI = securityPolicyURI
        self.senderCertificate = senderCertificate
        self.receiverThumbprint = receiverThumbprint
    }

    init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        securityPolicyURI = try String.read(from: &reader)
        senderCertificate = try ByteString.read(from: &reader)
        receiverThumbprint = try ByteString.read(from: &reader)
    }

    func encode(to writer: inout BinaryWriter) {
        writer.write(string: securityPolicyURI)
        writer.write(lengthPrefixed: senderCertificate?.bytes)
        writer.write(lengthPrefixed: receiverThumbprint?.bytes)
    }
}

/// An OpenSecureChannel chunk taken apart. These messages always fit one chunk.
struct AsymmetricChunk: Hashable, Sendable {
    var channelId: UInt32
    var header: AsymmetricHeader
    var sequenceNumber: UInt32
    var requestId: UInt32
    /// NodeId and structure.
    var body: ByteBuffer

    init(_ frame: Frame) throws(OPCUAError) {
        guard frame.kind == .final else {
            throw OPCUAError(.badTcpMessageTypeInvalid, "an OpenSecureChannel message came in several chunks")
        }
        let content = frame.content
        var end = 0
        let result = content.withUnsafeReadableBytes { bytes -> Result<Self, BinaryDecodingError> in
            var reader = BinaryReader(bytes)
            do throws(BinaryDecodingError) {
                let chunk = try Self(from: &reader)
                end = reader.offset
                return .success(chunk)
            } catch {
                return .failure(error)
            }
        }
        do throws(BinaryDecodingError) {
            self = try result.get()
        } catch {
            throw OPCUAError(error, in: "the OpenSecureChannel message")
        }
        body = content
        body.moveReaderIndex(forwardBy: end)
    }

    private init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        channelId = try reader.readUInt32()
        header = try AsymmetricHeader(from: &reader)
        sequenceNumber = try reader.readUInt32()
        requestId = try reader.readUInt32()
        body = ByteBuffer()
    }

    /// The bytes of a chunk that carries `structure`.
    static func bytes<T: Structure>(
        _ structure: T, channelId: UInt32, header: AsymmetricHeader, sequenceNumber: UInt32, requestId: UInt32
    ) -> ByteBuffer {
        var writer = BinaryWriter()
        writer.write(0 as UInt64)
        writer.write(channelId)
        header.encode(to: &writer)
        writer.write(sequenceNumber)
        writer.write(requestId)
        NodeId(T.binaryEncodingId).encode(to: &writer)
        structure.encode(to: &writer)
        let size = writer.buffer.readableBytes
        writer.buffer.setInteger(Frame.header(.openSecureChannel, .final, bytes: size), at: 0)
        return writer.buffer
    }
}

/// A symmetric chunk taken apart: channel, token, sequence number, request id, body.
struct SymmetricChunk: Hashable, Sendable {
    var channelId: UInt32
    var tokenId: UInt32
    var sequenceNumber: UInt32
    var requestId: UInt32
    var body: ByteBuffer

    /// Channel and token of a chunk that is still sealed.
    static func address(_ frame: Frame) throws(OPCUAError) -> ChunkAddress {
        let start = frame.bytes.readerIndex
        guard let channelId = frame.bytes.getInteger(at: start + 8, endianness: .little, as: UInt32.self),
            let tokenId = frame.bytes.getInteger(at: start + 12, endianness: .little, as: UInt32.self)
        else { throw OPCUAError(.badDecodingError, "a message chunk is too short") }
        return ChunkAddress(channelId: channelId, tokenId: tokenId)
    }

    init(_ frame: Frame, security: SecurityContext) throws(OPCUAError) {
        let address = try Self.address(frame)
        var bytes = frame.bytes
        try security.open(&bytes, plainBytes: 16)
        bytes.moveReaderIndex(forwardBy: 16)
        guard let sequenceNumber = bytes.readInteger(endianness: .little, as: UInt32.self),
            let requestId = bytes.readInteger(endianness: .little, as: UInt32.self)
        else { throw OPCUAError(.badDecodingError, "a message chunk is too short") }
        channelId = address.channelId
        tokenId = address.tokenId
        self.sequenceNumber = sequenceNumber
        self.requestId = requestId
        body = bytes
    }
}
