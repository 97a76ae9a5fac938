import Foundation
import MQTTClient
import MQTTCore
import NIOCore
import SimulatorPlant
import Synchronization
import Testing

@testable import SimulatorExposures

@Suite struct MQTTExposureTests {
    @Test func valuesComeAtEveryTickAndMetadataIsRetained() async throws {
        let plant = try ManualPlant(.crushingLine())
        let exposure = MQTTExposure(
            host: "127.0.0.1", port: 0, sensors: plant.sensors, feed: plant.feed, logger: plant.logger)
        try await plant.withSwitchboard([exposure]) { board in
            let url = try await board.start(.mqtt)
            let inbox = MQTTInbox()
            let configuration = try MQTTClientConfiguration(
                endpoint: url, clientID: "test",
                subscriptions: [Subscription(TopicFilter("sensors/#"), qos: .atLeastOnce)])
            try await MQTTConnection.withConnection(configuration, receiver: inbox, logger: plant.logger) { _ in
                let metadata = await inbox.next(17)
                #expect(Set(metadata.map(\.topic)) == Set(plant.sensors.map { "sensors/\($0.path)/metadata" }))
                #expect(metadata.filter(\.retain).count == 17)
                for _ in 0..<2 {
                    let tick = try plant.tick()
                    let values = await inbox.next(17)
                    #expect(values.map(\.topic) == plant.sensors.map { "sensors/\($0.path)/value" })
                    #expect(values.allSatisfy { !$0.retain && $0.qos == .atLeastOnce })
                    let contents = try values.map {
                        try JSONDecoder().decode(MQTTValue.self, from: Data($0.payload.utf8))
                    }
                    #expect(contents.map(\.value) == tick.values)
                    #expect(contents.allSatisfy { $0.timestamp == tick.timestamp && $0.quality == "good" })
                    #expect(contents.map(\.unit) == plant.sensors.map(\.definition.unit))
                }
            }
        }
    }
}

/// The payload of a value.
struct MQTTValue: Decodable {
    let value: Double
    let unit: String
    let quality: String
    let timestamp: Int64
}

/// Collects what a client receives.
final class MQTTInbox: MQTTReceiver {
    struct Message: Sendable {
        let topic: String
        let payload: String
        let qos: QoS
        let retain: Bool
    }

    private let stream: AsyncStream<Message>
    private let source: AsyncStream<Message>.Continuation
    private let connection = Mutex<MQTTConnection?>(nil)

    init() { (stream, source) = AsyncStream.makeStream() }

    func connected(_ connection: MQTTConnection) { self.connection.withLock { $0 = connection } }

    func received(_ publish: Publish, token: DeliveryToken?) {
        source.yield(
            Message(
                topic: publish.topicText, payload: String(buffer: publish.payload), qos: publish.qos,
                retain: publish.retain))
        if let token { connection.withLock { $0?.acknowledge(through: token) } }
    }

    func readComplete() {}

    /// The next messages, in order.
    func next(_ count: Int) async -> [Message] {
        var messages: [Message] = []
        for await message in stream {
            messages.append(message)
            if messages.count == count { break }
        }
        return messages
    }
}
