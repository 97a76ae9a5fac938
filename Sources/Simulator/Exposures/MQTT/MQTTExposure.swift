package import Logging
import MQTTBroker
import MQTTCore
import NIOCore
package import SimulatorPlant

/// Shows the plant over MQTT, with a broker of its own: values at every tick, metadata retained.
package struct MQTTExposure: Exposure {
    private let host: String
    private let port: Int
    private let sensors: [Sensor]
    private let feed: TickFeed
    private let logger: Logger

    /// An exposure whose broker listens at an address; port 0 takes a free one.
    package init(host: String, port: Int, sensors: [Sensor], feed: TickFeed, logger: Logger) {
        self.host = host
        self.port = port
        self.sensors = sensors
        self.feed = feed
        self.logger = logger
    }

    package var kind: ExposureKind { .mqtt }

    package func serve(opened: @escaping @Sendable (_ url: String) async -> Void) async throws {
        // A subscriber to everything may lag three ticks behind before it loses messages.
        let session = BrokerSession.Limits(
            maximumQueuedMessages: max(100_000, 4 * sensors.count),
            maximumQueuedBytes: max(64 << 20, 4 * 256 * sensors.count))
        let broker = Broker(
            BrokerConfiguration(host: host, port: port, limits: BrokerLimits(session: session)), logger: logger)
        let publisher = MQTTPublisher(sensors, broker: broker)
        try publisher.publishMetadata()
        try feed.join(publisher)
        defer { feed.leave(publisher) }
        do {
            try await broker.run { _ in
                await opened("mqtt://\(Endpoint.authority(host, broker.port ?? port))")
            }
        } catch let error as BrokerError {
            throw ExposureError.cannotListen(kind, host: host, port: port, cause: error.description)
        }
    }
}

/// Publishes each tick as one batch, at QoS 1: a subscriber gets what it asked for, up to that.
final class MQTTPublisher: TickReceiver {
    private let topics: [ByteBuffer]
    private let payloads: [MQTTPayload]
    private let broker: Broker

    init(_ sensors: [Sensor], broker: Broker) {
        payloads = sensors.map(MQTTPayload.init)
        topics = payloads.map { ByteBuffer(string: $0.valueTopic) }
        self.broker = broker
    }

    func publishMetadata() throws {
        try broker.publish(
            payloads.map { payload in
                Publish(
                    topic: payload.metadataTopic, payload: ByteBuffer(bytes: payload.metadata), qos: .atLeastOnce,
                    retain: true)
            })
    }

    func received(_ tick: Tick) throws {
        // Values are not retained: who subscribes later sees the next tick.
        guard broker.statistics.subscriptions > 0 else { return }
        var next = 0
        while next < payloads.count {
            let end = min(next + Self.messagesPerBatch, payloads.count)
            try broker.publish(messages(next..<end, at: tick))
            next = end
        }
    }

    /// A batch shares one allocation; the size keeps it within what a slice of a buffer can address.
    private static let messagesPerBatch = 20_000

    private func messages(_ range: Range<Int>, at tick: Tick) -> [Publish] {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        bytes.reserveCapacity(range.count * 100)
        ends.reserveCapacity(range.count)
        for index in range {
            payloads[index].appendValue(
                tick.values[index], quality: tick.qualities[index], timestamp: tick.timestamp, to: &bytes)
            ends.append(bytes.count)
        }
        var buffer = ByteBuffer(bytes: bytes)
        var messages: [Publish] = []
        messages.reserveCapacity(range.count)
        var start = 0
        for (index, end) in zip(range, ends) {
            guard let payload = buffer.readSlice(length: end - start) else { break }
            start = end
            messages.append(Publish(topic: topics[index], payload: payload, qos: .atLeastOnce))
        }
        return messages
    }
}
