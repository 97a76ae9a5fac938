import ProtobufWire
import SwiftProtobuf

/// One message from server to client (`EphemeralStreamResponse`).
public enum ServerMessage: Equatable, Sendable {
    /// The stream is open; nil when the server names none, which is against the protocol.
    case created(streamID: String?)
    /// Everything up to this offset is durable; nil when the value is missing, which is against the protocol.
    case acknowledged(upTo: Int64?)
    /// The server will end the stream after this time; nil or zero: at once.
    case closeSignal(after: Duration?)
    /// A payload that this side does not know.
    case unknown

    /// The message's bytes.
    public func encoded() -> [UInt8] {
        var message = Databricks_Zerobus_EphemeralStreamResponse()
        switch self {
        case .created(let streamID):
            message.createStreamResponse = .with { if let streamID { $0.streamID = streamID } }
        case .acknowledged(let offset):
            message.ingestRecordResponse = .with { if let offset { $0.durabilityAckUpToOffset = offset } }
        case .closeSignal(let time):
            message.closeStreamSignal = .with {
                guard let (seconds, attoseconds) = time?.components else { return }
                $0.duration.seconds = seconds
                $0.duration.nanos = Int32(attoseconds / 1_000_000_000)
            }
        case .unknown:
            break
        }
        // A message of scalars without required fields always serializes.
        return (try? message.serializedBytes() as [UInt8]) ?? []
    }

    /// Decodes one message.
    public init(_ bytes: [UInt8]) throws(ZerobusError) {
        // Nearly all that comes are acknowledgements.
        if let offset = bytes.withUnsafeBytes(Self.acknowledgement) {
            self = .acknowledged(upTo: offset)
            return
        }
        let message: Databricks_Zerobus_EphemeralStreamResponse
        do {
            message = try .init(serializedBytes: bytes)
        } catch {
            throw ZerobusError(.internalError, "the server sent bytes that are no EphemeralStreamResponse")
        }
        switch message.payload {
        case .createStreamResponse(let response):
            self = .created(streamID: response.hasStreamID ? response.streamID : nil)
        case .ingestRecordResponse(let response):
            self = .acknowledged(
                upTo: response.hasDurabilityAckUpToOffset ? response.durabilityAckUpToOffset : nil)
        case .closeStreamSignal(let signal):
            // Peer numbers: what is negative or absurd is cut to a day.
            let seconds = min(max(signal.duration.seconds, 0), 86_400)
            let nanos = min(max(signal.duration.nanos, 0), 999_999_999)
            self = .closeSignal(after: signal.hasDuration ? .seconds(seconds) + .nanoseconds(Int64(nanos)) : nil)
        case nil:
            self = .unknown
        }
    }

    /// The offset of a message that is an acknowledgement and nothing else.
    private static func acknowledgement(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        var message = WireReader(bytes)
        guard let tag = try? message.tag(), tag.field == 2, tag.type == .lengthDelimited,
            let content = try? message.lengthDelimited(), message.isAtEnd
        else { return nil }
        var response = WireReader(content)
        guard let tag = try? response.tag(), tag.field == 1, tag.type == .varint,
            let offset = try? response.varint(), response.isAtEnd
        else { return nil }
        return Int64(bitPattern: offset)
    }
}
