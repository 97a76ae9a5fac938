import Logging
import MQTTBroker
import MQTTClient
import MQTTCore
import NIOCore
import SparkplugB
import Synchronization

/// An edge node with one device of two metrics; its messages are published by the test.
struct SparkplugPlant: Sendable {
    private var node = EdgeNode(
        EdgeNodeSettings(
            id: EdgeNodeID(group: "g", node: "n"),
            devices: [.init("crusher", [.init("power", .double, unit: "kW"), .init("on", .boolean)])]))
    private var time: UInt64 = 1_700_000_000_000

    init() {
        _ = node.connecting(now: 1)
        _ = node.connected()
    }

    /// Values of power and of the flag.
    mutating func births(_ values: [Double]) -> [Publish] {
        node.births(edgeValues(values, .good), now: time).map(Self.publish)
    }

    mutating func data(_ values: [Double], quality: QualityCode = .good) -> [Publish] {
        node.data(edgeValues(values, quality), now: time).map(Self.publish)
    }

    var death: Publish { Self.publish(node.death(now: 1)) }

    mutating func isAskedForBirths(_ payload: ByteBuffer) -> Bool {
        node.received(topic: "spBv1.0/g/NCMD/n", payload: payload) == .giveBirth
    }

    private mutating func edgeValues(_ values: [Double], _ quality: QualityCode) -> [EdgeValue] {
        defer { time += 1000 }
        return [
            EdgeValue(.double(values[0]), quality: quality, timestamp: time),
            EdgeValue(.boolean(values[1] != 0), timestamp: time),
        ]
    }

    static func publish(_ message: EdgeMessage) -> Publish { publish(message.topic.text, message.payload) }

    static func publish(_ topic: String, _ payload: Payload) -> Publish {
        Publish(topic: topic, payload: payload.encoded(), qos: .atLeastOnce)
    }
}

/// A client that keeps what it hears and may answer.
final class SparkplugListener: MQTTReceiver {
    private struct Heard {
        var connection: MQTTConnection?
        var topics: [String] = []
        var states: [HostState] = []
        var answer: @Sendable (String, ByteBuffer) -> [Publish] = { _, _ in [] }
    }

    private let heard = Mutex(Heard())

    var topics: [String] { heard.withLock { $0.topics } }
    var states: [HostState] { heard.withLock { $0.states } }

    /// What to publish after a message.
    func onMessage(_ answer: @escaping @Sendable (String, ByteBuffer) -> [Publish]) {
        heard.withLock { $0.answer = answer }
    }

    func listen(
        _ broker: Broker, _ filters: [String], _ logger: Logger, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let configuration = MQTTClientConfiguration(
            host: "127.0.0.1", port: broker.port ?? 0, clientID: "listener-\(UInt32.random(in: 0 ... .max))",
            subscriptions: try filters.map { Subscription(try TopicFilter($0), qos: .atMostOnce) })
        try await MQTTConnection.withConnection(configuration, receiver: self, logger: logger) { _ in
            try await body()
        }
    }

    func connected(_ connection: MQTTConnection) { heard.withLock { $0.connection = connection } }

    func received(_ publish: Publish, token: DeliveryToken?) {
        let topic = publish.topicText
        let (connection, answer) = heard.withLock { heard in
            heard.topics.append(topic)
            if let state = publish.payload.withUnsafeReadableBytes({ HostState($0) }) { heard.states.append(state) }
            return (heard.connection, heard.answer)
        }
        let messages = answer(topic, publish.payload)
        if !messages.isEmpty { connection?.post(messages) }
    }

    func readComplete() {}
}
