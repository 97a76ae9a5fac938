import Logging
import MQTTClient
import MQTTCore
import NIOCore
import SimulatorPlant
import SparkplugB
import Synchronization

/// One edge node on its broker: connects with its death as will, gives birth, and publishes each tick.
///
/// Ticks come on the plant's thread and messages on the connection's event loop; the node's own task takes them up.
/// A broker that is slower than the plant misses ticks, and no message waits for another.
final class SparkplugEdge: TickReceiver, MQTTReceiver {
    private struct Inbox {
        var tick: Tick?
        var interval: PublishingInterval
        var messages: [(topic: String, payload: ByteBuffer)] = []
        var wake: AsyncStream<Void>.Continuation?
    }

    /// Commands and states that wait to be looked at.
    private static let messagesMax = 100

    private let plant: SparkplugPlant.Node
    private let broker: MQTTSettings.OtherBroker
    private let node: Mutex<EdgeNode>
    private let feed: TickFeed
    private let inbox: Mutex<Inbox>
    private let logger: Logger

    init(
        _ plant: SparkplugPlant.Node, _ interval: PublishingInterval, at broker: MQTTSettings.OtherBroker,
        feed: TickFeed, logger: Logger
    ) {
        self.plant = plant
        self.broker = broker
        inbox = Mutex(Inbox(interval: interval))
        self.feed = feed
        self.logger = logger
        node = Mutex(EdgeNode(plant.settings))
    }

    // MARK: What comes

    func received(_ tick: Tick) throws {
        inbox.withLock { inbox in
            guard inbox.interval.isDue(tick) else { return }
            inbox.tick = tick
            inbox.wake?.yield()
        }
    }

    func received(_ publish: Publish, token: DeliveryToken?) {
        inbox.withLock { inbox in
            guard inbox.messages.count < Self.messagesMax else { return }
            inbox.messages.append((publish.topicText, ByteBuffer(bytes: publish.payload.readableBytesView)))
            inbox.wake?.yield()
        }
    }

    func readComplete() {}

    // MARK: The node's own task

    /// Connects again and again until it is cancelled.
    func run() async throws {
        try feed.join(self)
        defer { feed.leave(self) }
        var pause = Duration.milliseconds(100)
        while true {
            do {
                try await session()
                pause = .milliseconds(100)
            } catch let error as MQTTClientError {
                logger.info("edge node \(plant.settings.id): \(error.message)")
                pause = min(pause * 2, .seconds(10))
            }
            try await Task.sleep(for: pause)
        }
    }

    /// One connection, until it or the primary host is gone.
    private func session() async throws {
        let will = node.withLock { $0.connecting(now: now()) }
        let (wakes, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        inbox.withLock { inbox in
            inbox.messages = []
            inbox.wake = wake
        }
        defer {
            inbox.withLock { $0.wake = nil }
            node.withLock { $0.disconnected() }
        }
        var configuration = try broker.client(
            id: "ot-simulator-\(plant.settings.id.group)-\(plant.settings.id.node)")
        configuration.subscriptions = try plant.settings.filters.map {
            Subscription(try TopicFilter($0), qos: .atMostOnce)
        }
        configuration.will = Will(topic: will.topic.text, payload: will.payload.encoded(), qos: .atLeastOnce)
        try await MQTTConnection.withConnection(configuration, receiver: self, logger: logger) { [self] connection in
            defer { connection.post([Self.publish(node.withLock { $0.death(now: now()) })]) }
            try await perform(node.withLock { $0.connected() }, connection)
            for await _ in wakes {
                guard try await takeUp(connection) else { return }
            }
            throw CancellationError()
        }
    }

    /// - Returns: false when the primary host is gone.
    private func takeUp(_ connection: MQTTConnection) async throws -> Bool {
        let (messages, tick) = inbox.withLock { inbox in
            defer {
                inbox.messages = []
                inbox.tick = nil
            }
            return (inbox.messages, inbox.tick)
        }
        for message in messages {
            let action = node.withLock { $0.received(topic: message.topic, payload: message.payload) }
            guard try await perform(action, connection) else { return false }
        }
        if let tick {
            try await publish(node.withLock { $0.data(plant.values(tick), now: now()) }, connection)
        }
        return true
    }

    @discardableResult
    private func perform(_ action: EdgeNode.Action, _ connection: MQTTConnection) async throws -> Bool {
        switch action {
        case .none: return true
        case .giveBirth:
            let values = plant.values(feed.latest)
            try await publish(node.withLock { $0.births(values, now: now()) }, connection)
            return true
        case .leave: return false
        }
    }

    private func publish(_ messages: [EdgeMessage], _ connection: MQTTConnection) async throws {
        try await connection.publish(messages.map(Self.publish))
    }

    private static func publish(_ message: EdgeMessage) -> Publish {
        Publish(topic: message.topic.text, payload: message.payload.encoded())
    }

    /// The plant's time in milliseconds of UTC.
    private func now() -> UInt64 { UInt64(clamping: feed.latest.timestamp / 1000) }
}
