import NIOCore
import OPCUASecurity
import OPCUATypes

/// The header of an OpenSecureChannel chunk (Part 6, 6.7.2.3): who speaks, under which policy.
struct AsymmetricHeader: Hashable, Sendable, BinaryCodable {
    var securityPolicyURI: String?
    var senderCertificate: ByteString?
    var receiverThumbprint: ByteString?

    /// What this side writes: its certificate with the issuers, and which of the other's certificates it uses.
    init(_ security: ChannelSecurity) {
        self.init(
            securityPolicyURI: security.policy.uri, senderCertificate: security.credentials?.chainBytes,
            receiverThumbprint: security.peer.map { ByteString($0.thumbprint) })
    }

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

/// The readable front of an OpenSecureChannel chunk, by which the rest is opened.
struct AsymmetricFront: Hashable, Sendable {
    var channelId: UInt32
    var header: AsymmetricHeader
    /// Bytes of the frame up to the sequence header.
    var plainBytes: Int

    init(_ frame: Frame) throws(OPCUAError) {
        guard frame.kind == .final else {
            throw OPCUAError(.badTcpMessageTypeInvalid, "an OpenSecureChannel message came in several chunks")
        }
        let result = frame.content.withUnsafeReadableBytes { bytes -> Result<Self, BinaryDecodingError> in
            var reader = BinaryReader(bytes)
            do throws(BinaryDecodingError) {
                return .success(try Self(from: &reader))
            } catch {
                return .failure(error)
            }
        }
        do throws(BinaryDecodingError) {
            self = try result.get()
        } catch {
            throw OPCUAError(error, in: "the OpenSecureChannel message")
        }
    }

    private init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        channelId = try reader.readUInt32()
        header = try AsymmetricHeader(from: &reader)
        plainBytes = Frame.headerBytes + reader.offset
    }
}

/// An OpenSecureChannel chunk taken apart. These messages always fit one chunk.
struct AsymmetricChunk: Hashable, Sendable {
    var channelId: UInt32
    var sequenceNumber: UInt32
    var requestId: UInt32
    /// NodeId and structure.
    var body: ByteBuffer

    /// - Parameter security: opens the chunk; nil for the policy None.
    init(_ frame: Frame, _ front: AsymmetricFront, security: AsymmetricSecurity?) throws(OPCUAError) {
        var bytes = frame.bytes
        try security?.open(&bytes, plainBytes: front.plainBytes)
        bytes.moveReaderIndex(forwardBy: front.plainBytes)
        guard let sequenceNumber = bytes.readInteger(endianness: .little, as: UInt32.self),
            let requestId = bytes.readInteger(endianness: .little, as: UInt32.self)
        else { throw OPCUAError(.badDecodingError, "the OpenSecureChannel message is too short") }
        channelId = front.channelId
        self.sequenceNumber = sequenceNumber
        self.requestId = requestId
        body = bytes
    }

    /// The bytes of a chunk that carries `structure`.
    static func bytes<T: Structure>(
        _ structure: T, channelId: UInt32, security: ChannelSecurity, sequenceNumber: UInt32, requestId: UInt32
    ) throws(OPCUAError) -> ByteBuffer {
        var writer = BinaryWriter()
        writer.write(0 as UInt64)
        writer.write(channelId)
        AsymmetricHeader(security).encode(to: &writer)
        let plainBytes = writer.buffer.readableBytes
        writer.write(sequenceNumber)
        writer.write(requestId)
        NodeId(T.binaryEncodingId).encode(to: &writer)
        structure.encode(to: &writer)
        let size = writer.buffer.readableBytes
        writer.buffer.setInteger(Frame.header(.openSecureChannel, .final, bytes: size), at: 0)
        try security.asymmetric()?.seal(&writer.buffer, plainBytes: plainBytes)
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
