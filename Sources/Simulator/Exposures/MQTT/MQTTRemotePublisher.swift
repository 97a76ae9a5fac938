import Logging
import MQTTClient
import MQTTCore
import SimulatorPlant
import Synchronization

/// Publishes each due tick to another broker: connects again and again, and says anew what is retained.
///
/// Ticks come on the plant's thread; the publisher's own task takes them up. A broker that is slower than the plant
/// misses ticks, and no message waits for another.
final class MQTTRemotePublisher: TickReceiver, MQTTReceiver {
    private struct Inbox {
        var tick: Tick?
        var interval: PublishingInterval
        var wake: AsyncStream<Void>.Continuation?
        var wasConnected = false
    }

    private let messages: PlantMessages
    private let broker: MQTTSettings.OtherBroker
    private let feed: TickFeed
    private let inbox: Mutex<Inbox>
    private let logger: Logger

    init(
        _ messages: PlantMessages, _ interval: PublishingInterval, _ broker: MQTTSettings.OtherBroker, feed: TickFeed,
        logger: Logger
    ) {
        self.messages = messages
        self.broker = broker
        self.feed = feed
        self.logger = logger
        inbox = Mutex(Inbox(interval: interval))
    }

    func received(_ tick: Tick) throws {
        inbox.withLock { inbox in
            guard inbox.interval.isDue(tick) else { return }
            inbox.tick = tick
            inbox.wake?.yield()
        }
    }

    // It subscribes to nothing.
    func received(_ publish: Publish, token: DeliveryToken?) {}
    func readComplete() {}

    /// Connects again and again until it is cancelled.
    func run() async throws {
        let configuration = try broker.client(id: "ot-simulator-\(UInt32.random(in: 0 ... .max))")
        try feed.join(self)
        defer { feed.leave(self) }
        var pause = Duration.milliseconds(100)
        while true {
            do {
                try await session(configuration)
            } catch let error as MQTTClientError {
                logger.warning("\(error.message)")
            }
            let wasConnected = inbox.withLock { $0.wasConnected }
            pause = wasConnected ? .milliseconds(100) : min(pause * 2, .seconds(10))
            try await Task.sleep(for: pause)
        }
    }

    /// One connection, until it is gone.
    private func session(_ configuration: MQTTClientConfiguration) async throws {
        let (wakes, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        inbox.withLock { inbox in
            inbox.wake = wake
            inbox.wasConnected = false
        }
        defer { inbox.withLock { $0.wake = nil } }
        // A tick may wait already.
        wake.yield()
        try await MQTTConnection.withConnection(configuration, receiver: self, logger: logger) { [self] connection in
            inbox.withLock { $0.wasConnected = true }
            for batch in messages.batches { try await connection.publish(messages.retained(batch)) }
            for await _ in wakes {
                let tick = inbox.withLock { inbox in
                    defer { inbox.tick = nil }
                    return inbox.tick
                }
                guard let tick else { continue }
                for batch in messages.batches {
                    try await connection.publish(messages.messages(batch, at: tick))
                }
            }
            throw CancellationError()
        }
    }
}
