package import Logging
import MQTTBroker
import MQTTCore
import NIOCore
package import SimulatorPlant
import Synchronization

/// Shows the plant over MQTT in plain payloads, with a broker of its own or on another.
package struct MQTTExposure: Exposure {
    private let host: String
    private let port: Int
    private let settings: MQTTSettings
    private let sensors: [Sensor]
    private let feed: TickFeed
    private let logger: Logger

    /// An exposure whose own broker, if it has one, listens at an address; port 0 takes a free one.
    package init(
        host: String, port: Int, settings: MQTTSettings = MQTTSettings(), sensors: [Sensor], feed: TickFeed,
        logger: Logger
    ) {
        self.host = host
        self.port = port
        self.settings = settings
        self.sensors = sensors
        self.feed = feed
        self.logger = logger
    }

    package var kind: ExposureKind { .mqtt }

    package func serve(opened: @escaping @Sendable (_ url: String) async -> Void) async throws {
        let messages = settings.payload == .kepware ? PlantMessages.kepware(sensors) : .json(sensors)
        let interval = PublishingInterval(milliseconds: settings.intervalMilliseconds)
        switch settings.destination {
        case .other(let broker):
            await opened(broker.endpoint)
            try await MQTTRemotePublisher(messages, interval, broker, feed: feed, logger: logger).run()
        case .own(let own):
            // A subscriber to everything may lag three ticks behind before it loses messages.
            let broker = PlantBroker(
                own, host: host, port: port, queuedMessages: max(100_000, 4 * sensors.count),
                queuedBytes: max(64 << 20, 4 * 256 * sensors.count), logger: logger)
            let publisher = MQTTPublisher(messages, interval, broker: broker.broker)
            for batch in messages.batches { try broker.broker.publish(messages.retained(batch)) }
            try feed.join(publisher)
            defer { feed.leave(publisher) }
            try await broker.run { await opened(broker.url) }
        }
    }
}

/// Publishes each due tick within the simulator's own broker, batch by batch.
final class MQTTPublisher: TickReceiver {
    private let messages: PlantMessages
    private let interval: Mutex<PublishingInterval>
    private let broker: Broker

    init(_ messages: PlantMessages, _ interval: PublishingInterval, broker: Broker) {
        self.messages = messages
        self.interval = Mutex(interval)
        self.broker = broker
    }

    func received(_ tick: Tick) throws {
        // Values are not retained: who subscribes later sees the next tick.
        guard interval.withLock({ $0.isDue(tick) }), broker.statistics.subscriptions > 0 else { return }
        for batch in messages.batches { try broker.publish(messages.messages(batch, at: tick)) }
    }
}
