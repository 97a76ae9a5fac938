public import NIOCore
public import OPCUATypes

/// What one side can take, as told in Hello and Acknowledge (Part 6, 7.1.2.3); 0 for message and chunk limits is "any".
public struct TransportLimits: Hashable, Sendable {
    /// Largest chunk this side receives, in bytes.
    public var receiveBufferBytes: UInt32
    /// Largest chunk this side sends, in bytes.
    public var sendBufferBytes: UInt32
    /// Largest message this side receives, in bytes.
    public var maxMessageBytes: UInt32
    /// Most chunks of a message this side receives.
    public var maxChunkCount: UInt32

    /// Smallest buffer that the standard allows.
    public static let smallestBuffer: UInt32 = 8192

    public init(
        receiveBufferBytes: UInt32 = 65_536, sendBufferBytes: UInt32 = 65_536, maxMessageBytes: UInt32 = 0,
        maxChunkCount: UInt32 = 0
    ) {
        self.receiveBufferBytes = receiveBufferBytes
        self.sendBufferBytes = sendBufferBytes
        self.maxMessageBytes = maxMessageBytes
        self.maxChunkCount = maxChunkCount
    }
}

/// Hello (Part 6, 7.1.2.3): the client's first message.
public struct Hello: Hashable, Sendable, BinaryCodable {
    public var protocolVersion: UInt32
    public var limits: TransportLimits
    public var endpointURL: String

    /// Longest URL in bytes.
    static let maxURLBytes = 4096

    public init(limits: TransportLimits, endpointURL: String) {
        protocolVersion = 0
        self.limits = limits
        self.endpointURL = endpointURL
    }

    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        protocolVersion = try reader.readUInt32()
        limits = try TransportLimits(from: &reader)
        endpointURL = try String.read(from: &reader) ?? ""
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(protocolVersion)
        limits.encode(to: &writer)
        writer.write(string: endpointURL)
    }
}

/// Acknowledge (Part 6, 7.1.2.4): the server's answer, with sizes no larger than the client offered.
public struct Acknowledge: Hashable, Sendable, BinaryCodable {
    public var protocolVersion: UInt32
    public var limits: TransportLimits

    public init(limits: TransportLimits) {
        protocolVersion = 0
        self.limits = limits
    }

    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        protocolVersion = try reader.readUInt32()
        limits = try TransportLimits(from: &reader)
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(protocolVersion)
        limits.encode(to: &writer)
    }
}

/// ReverseHello (Part 6, 7.1.2.6): the first message of a connection that the server has made.
public struct ReverseHello: Hashable, Sendable, BinaryCodable {
    /// ApplicationUri of the server.
    public var serverURI: String
    /// The endpoint on which the client shall open its channel; it goes back in Hello.
    public var endpointURL: String

    public init(serverURI: String, endpointURL: String) {
        self.serverURI = serverURI
        self.endpointURL = endpointURL
    }

    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        serverURI = try String.read(from: &reader) ?? ""
        endpointURL = try String.read(from: &reader) ?? ""
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(string: serverURI)
        writer.write(string: endpointURL)
    }

    /// The message as it is sent.
    public var frame: ByteBuffer { Frame.handshake(.reverseHello, self) }

    /// - Parameter frame: the first of a connection; nil for a frame of another kind.
    public init?(_ frame: Frame) throws(OPCUAError) {
        guard frame.type == .reverseHello else { return nil }
        self = try frame.decode(ReverseHello.self)
    }
}

/// Error (Part 6, 7.1.2.5): the server's last message before it closes the connection.
public struct ErrorMessage: Hashable, Sendable, BinaryCodable {
    public var status: StatusCode
    public var reason: String?

    public init(status: StatusCode, reason: String?) {
        self.status = status
        self.reason = reason
    }

    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        status = try StatusCode(from: &reader)
        reason = try String.read(from: &reader)
    }

    public func encode(to writer: inout BinaryWriter) {
        status.encode(to: &writer)
        writer.write(string: reason)
    }
}

extension TransportLimits: BinaryCodable {
    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        receiveBufferBytes = try reader.readUInt32()
        sendBufferBytes = try reader.readUInt32()
        maxMessageBytes = try reader.readUInt32()
        maxChunkCount = try reader.readUInt32()
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(receiveBufferBytes)
        writer.write(sendBufferBytes)
        writer.write(maxMessageBytes)
        writer.write(maxChunkCount)
    }
}

extension Frame {
    /// The bytes of a handshake message.
    static func handshake(_ type: FrameType, _ body: some BinaryEncodable) -> ByteBuffer {
        var writer = BinaryWriter()
        writer.write(0 as UInt64)
        body.encode(to: &writer)
        let size = writer.buffer.readableBytes
        writer.buffer.setInteger(header(type, .final, bytes: size), at: 0)
        return writer.buffer
    }

    /// Decodes a handshake message.
    func decode<T: BinaryDecodable>(_ type: T.Type) throws(OPCUAError) -> T {
        do throws(BinaryDecodingError) {
            return try T(decoding: content, limits: DecodingLimits(maxStringBytes: Hello.maxURLBytes))
        } catch {
            throw OPCUAError(error, in: "the \(T.self) message")
        }
    }
}
