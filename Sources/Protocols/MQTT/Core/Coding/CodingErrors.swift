/// What was wrong with bytes that a peer sent.
public struct MQTTDecodingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The code with which the connection is to be closed (MQTT 5.0 section 4.13).
    public var reason: ReasonCode
    /// What was found, in words.
    public var message: String

    public init(reason: ReasonCode, message: String) {
        self.reason = reason
        self.message = message
    }

    static func malformed(_ message: String) -> MQTTDecodingError {
        MQTTDecodingError(reason: .malformedPacket, message: message)
    }

    static func protocolError(_ message: String) -> MQTTDecodingError {
        MQTTDecodingError(reason: .protocolError, message: message)
    }

    public var description: String { "\(message): \(reason)" }
}

/// What cannot be written as a packet: a mistake of the caller, found before a byte is sent.
public enum MQTTEncodingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A string or binary field is longer than its 16-bit length can say.
    case fieldTooLong(field: String, bytes: Int)
    /// The packet is larger than its length field, or the peer's limit, allows.
    case packetTooLarge(bytes: Int, limit: Int)
    /// A value is not allowed at its place.
    case invalid(String)

    public var description: String {
        switch self {
        case .fieldTooLong(let field, let bytes): "\(field) has \(bytes) bytes, at most 65535 are allowed"
        case .packetTooLarge(let bytes, let limit): "the packet has \(bytes) bytes, the limit is \(limit)"
        case .invalid(let what): what
        }
    }
}
