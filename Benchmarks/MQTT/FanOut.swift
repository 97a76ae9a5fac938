import MQTTBroker
import MQTTClient
import MQTTCore
import NIOCore
import Synchronization

/// Our broker, and many subscribers of any broker.
enum FanOut {
    /// Serves on a free port until the process is ended.
    static func serve() async throws {
        let limits = BrokerLimits(
            session: .init(maximumQueuedMessages: 10_000_000, maximumQueuedBytes: 4 << 30))
        let broker = Broker(BrokerConfiguration(port: 0, limits: limits), logger: MQTTBench.logger)
        try await broker.run { MQTTBench.say("\($0.port ?? 0)") }
    }

    /// Subscribes so many times at QoS 0; ends when every subscriber has had so many messages.
    static func count(port: Int, subscribers: Int, messages: Int) async throws {
        let ready = Ready(subscribers)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<subscribers {
                group.addTask { try await subscribe(port: port, number, messages) { ready.one() } }
            }
            try await group.waitForAll()
        }
    }

    private static func subscribe(
        port: Int, _ number: Int, _ messages: Int, _ ready: @escaping @Sendable () -> Void
    ) async throws {
        let (ends, end) = AsyncStream<Void>.makeStream()
        let configuration = MQTTClientConfiguration(
            host: "127.0.0.1", port: port, clientID: "bench-\(number)",
            subscriptions: [Subscription(try TopicFilter("bench/#"), qos: .atMostOnce)])
        try await MQTTConnection.withConnection(
            configuration, receiver: Counter(messages, end), logger: MQTTBench.logger
        ) { _ in
            ready()
            for await _ in ends {}
        }
    }

    /// Says when all subscriptions are made.
    private final class Ready: Sendable {
        private let left: Mutex<Int>

        init(_ count: Int) { left = Mutex(count) }

        func one() {
            let left = left.withLock { left in
                left -= 1
                return left
            }
            if left == 0 { MQTTBench.say("ready") }
        }
    }

    private final class Counter: MQTTReceiver {
        private let left: Mutex<Int>
        private let end: AsyncStream<Void>.Continuation

        init(_ count: Int, _ end: AsyncStream<Void>.Continuation) {
            left = Mutex(count)
            self.end = end
        }

        func received(_ publish: Publish, token: DeliveryToken?) { left.withLock { $0 -= 1 } }

        func readComplete() {
            if left.withLock({ $0 <= 0 }) { end.finish() }
        }
    }
}
