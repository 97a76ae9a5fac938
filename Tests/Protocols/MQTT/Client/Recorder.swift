import MQTTBroker
import MQTTClient
import MQTTCore
import NIOCore
import Synchronization
import Testing

/// A receiver that keeps what came, and can acknowledge it.
final class Recorder: MQTTReceiver {
    struct Message: Equatable, Sendable {
        var topic: String
        var payload: String
        var qos: QoS
        var retain: Bool
        var isDuplicate: Bool
    }

    private struct Kept {
        var connection: MQTTConnection?
        var messages: [Message] = []
        var tokens: [DeliveryToken] = []
        var reads = 0
        var lastOfRead: DeliveryToken?
    }

    private let kept = Mutex(Kept())
    private let acknowledges: Bool

    init(acknowledges: Bool = true) { self.acknowledges = acknowledges }

    func connected(_ connection: MQTTConnection) { kept.withLock { $0.connection = connection } }

    func received(_ publish: Publish, token: DeliveryToken?) {
        let message = Message(
            topic: publish.topicText, payload: String(buffer: publish.payload), qos: publish.qos,
            retain: publish.retain, isDuplicate: publish.isDuplicate)
        kept.withLock {
            $0.messages.append(message)
            if let token {
                $0.tokens.append(token)
                $0.lastOfRead = token
            }
        }
    }

    func readComplete() {
        let (connection, token) = kept.withLock { kept in
            kept.reads += 1
            defer { kept.lastOfRead = nil }
            return (kept.connection, kept.lastOfRead)
        }
        if acknowledges, let token { connection?.acknowledge(through: token) }
    }

    var messages: [Message] { kept.withLock { $0.messages } }
    var payloads: [String] { messages.map(\.payload) }
    var tokens: [DeliveryToken] { kept.withLock { $0.tokens } }
    var reads: Int { kept.withLock { $0.reads } }
}

/// Waits until something holds; a test that waits for ever fails after ten seconds.
func eventually(
    _ what: String, sourceLocation: SourceLocation = #_sourceLocation, _ holds: @Sendable () throws -> Bool
) async throws {
    let end = ContinuousClock.now + .seconds(10)
    while try !holds() {
        guard ContinuousClock.now < end else {
            Issue.record("never came: \(what)", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

func subscription(_ filter: String, _ qos: QoS = .atMostOnce) throws -> Subscription {
    Subscription(try TopicFilter(filter), qos: qos)
}

func message(_ topic: String, _ payload: String, _ qos: QoS = .atMostOnce, retain: Bool = false) -> Publish {
    Publish(topic: topic, payload: ByteBuffer(string: payload), qos: qos, retain: retain)
}

/// A configuration for a broker on this machine.
func client(
    _ broker: Broker, _ id: String = "client", version: MQTTVersion = .v5, subscriptions: [Subscription] = []
) throws -> MQTTClientConfiguration {
    MQTTClientConfiguration(
        host: "127.0.0.1", port: try #require(broker.port), version: .only(version), clientID: id,
        subscriptions: subscriptions)
}

/// Runs a test against a broker on a free port.
func withBroker(
    _ change: (inout BrokerConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (Broker) async throws -> Void
) async throws {
    var configuration = BrokerConfiguration(port: 0)
    change(&configuration)
    try await Broker.withBroker(configuration) { try await body($0) }
}

/// What a connection ended with.
func failure(_ body: () async throws -> Void) async -> MQTTClientError? {
    do {
        try await body()
        Issue.record("it did not fail")
        return nil
    } catch let error as MQTTClientError {
        return error
    } catch {
        Issue.record("\(error)")
        return nil
    }
}
