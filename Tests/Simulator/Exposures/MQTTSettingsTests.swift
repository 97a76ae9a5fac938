import Foundation
import MQTTBroker
import MQTTClient
import MQTTCore
import Testing

@testable import SimulatorExposures
@testable import SimulatorPlant

/// What can be set of the plant over MQTT.
@Suite(.timeLimit(.minutes(1))) struct MQTTSettingsTests {
    private func listen(
        _ url: String, _ plant: ManualPlant, _ filter: String, username: String? = nil, password: String? = nil,
        _ body: @escaping @Sendable (MQTTInbox) async throws -> Void
    ) async throws {
        let inbox = MQTTInbox()
        var configuration = try MQTTClientConfiguration(
            endpoint: url, clientID: "test", subscriptions: [Subscription(TopicFilter(filter), qos: .atLeastOnce)])
        configuration.username = username
        configuration.password = password
        try await MQTTConnection.withConnection(configuration, receiver: inbox, logger: plant.logger) { _ in
            try await body(inbox)
        }
    }

    private struct Gateway: Decodable {
        struct Value: Decodable {
            let id: String
            let q: Bool
            let t: Int64
        }
        let timestamp: Int64
        let values: [Value]
    }

    @Test func kepwaresGatewaySaysAMachineInOneMessage() async throws {
        let plant = try ManualPlant(.crushingLine())
        let exposure = MQTTExposure(
            host: "127.0.0.1", port: 0, settings: MQTTSettings(payload: .kepware), sensors: plant.sensors,
            feed: plant.feed, logger: plant.logger)
        try await plant.withSwitchboard([exposure]) { board in
            try await listen(try await board.start(.mqtt), plant, "iotgateway/#") { inbox in
                let tick = try plant.tick()
                let machines = Set(plant.sensors.map { "iotgateway/\($0.industry)/\($0.definition.machine)" })
                let messages = await inbox.next(machines.count)
                #expect(Set(messages.map(\.topic)) == machines)
                let gateways = try messages.map {
                    try JSONDecoder().decode(Gateway.self, from: Data($0.payload.utf8))
                }
                #expect(gateways.allSatisfy { $0.timestamp == tick.timestamp / 1000 })
                let values = gateways.flatMap(\.values)
                #expect(values.allSatisfy { $0.q && $0.t == tick.timestamp / 1000 })
                #expect(
                    Set(values.map(\.id))
                        == Set(
                            plant.sensors.map { "\($0.industry).\($0.definition.machine).\($0.definition.name)" }))
            }
            await board.stop(.mqtt)
        }
    }

    @Test func aKepwarePayloadByteForByte() throws {
        let plant = try Plant(
            catalogue: .crushingLine(), settings: PlantSettings(seed: 5), start: 1_700_000_000_123_456)
        let payload = try #require(KepwarePayload.all(plant.sensors).first)
        let tick = Tick(
            number: 0, timestamp: 1_700_000_000_123_456, values: plant.tick.values.map { _ in 1 },
            qualities: plant.tick.qualities.indices.map { $0 == payload.sensors[0] ? .uncertain : .good })
        var bytes: [UInt8] = []
        payload.append(tick, to: &bytes)
        let values = payload.sensors.enumerated().map { place, number in
            let sensor = plant.sensors[number]
            let value = ValueText.json(1, kind: sensor.definition.kind)
            return "{\"id\":\"\(sensor.industry).\(sensor.definition.machine).\(sensor.definition.name)\","
                + "\"v\":\(value),\"q\":\(place > 0),\"t\":1700000000123}"
        }
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "{\"timestamp\":1700000000123,\"values\":[\(values.joined(separator: ","))]}")
    }

    @Test func onlyDueTicksArePublished() {
        func due(_ milliseconds: Int?, _ ticks: [Int64]) -> [Int64] {
            var interval = PublishingInterval(milliseconds: milliseconds)
            return ticks.filter {
                interval.isDue(Tick(number: 0, timestamp: 5_000_000 + $0 * 1000, values: [], qualities: []))
            }
        }
        #expect(due(nil, [0, 100, 200]) == [0, 100, 200])
        #expect(due(250, [0, 100, 200, 300, 400, 500, 600]) == [0, 300, 500])
        // A tick that was left out does not shift the others, and nothing is made up for.
        #expect(due(250, [0, 1010, 1100, 1250]) == [0, 1010, 1250])
        #expect(due(50, [0, 100, 200]) == [0, 100, 200])
    }

    @Test func theIntervalHoldsForMessages() async throws {
        let plant = try ManualPlant(.crushingLine())
        let exposure = MQTTExposure(
            host: "127.0.0.1", port: 0, settings: MQTTSettings(intervalMilliseconds: 2500), sensors: plant.sensors,
            feed: plant.feed, logger: plant.logger)
        try await plant.withSwitchboard([exposure]) { board in
            try await listen(try await board.start(.mqtt), plant, "sensors/+/+/value") { inbox in
                // The exposure saw the tick of the start, and a tick comes each second: the third after is due.
                let ticks = try (0..<5).map { _ in try plant.tick() }
                let values = await inbox.next(2 * plant.sensors.count)
                let times = try values.map {
                    try JSONDecoder().decode(MQTTValue.self, from: Data($0.payload.utf8)).timestamp
                }
                #expect(Set(times) == [ticks[2].timestamp, ticks[4].timestamp])
            }
            await board.stop(.mqtt)
        }
    }

    @Test(arguments: [MQTTSettings.Payload.json, .sparkplug(SparkplugSettings())])
    func onlyItsUsersGetIn(payload: MQTTSettings.Payload) async throws {
        let plant = try ManualPlant(.crushingLine())
        let own = MQTTSettings.OwnBroker(users: [.init(name: "operator", password: "right")])
        try await plant.withSwitchboard([exposure(payload, .own(own), plant)]) { board in
            let url = try await board.start(.mqtt)
            for (name, password) in [("operator", "wrong"), ("nobody", "right"), (nil, nil)] {
                let error = await #expect(throws: MQTTClientError.self) {
                    try await listen(url, plant, "#", username: name, password: password) { _ in }
                }
                #expect(error?.code == .refused)
            }
            try await listen(url, plant, "#", username: "operator", password: "right") { inbox in
                try await ticking(plant) { #expect(await inbox.next(20).count == 20) }
            }
            await board.stop(.mqtt)
        }
    }

    @Test(arguments: [MQTTSettings.Payload.json, .kepware, .sparkplug(SparkplugSettings())])
    func anotherBrokerGetsTheSame(payload: MQTTSettings.Payload) async throws {
        let plant = try ManualPlant(.crushingLine())
        let accounts = BrokerAccounts([.init(username: "plant", password: "p")])
        try await Broker.withBroker(BrokerConfiguration(port: 0, accounts: accounts), logger: plant.logger) { broker in
            let url = "mqtt://127.0.0.1:\(broker.port ?? 0)"
            let other = MQTTSettings.OtherBroker(endpoint: url, username: "plant", password: "p")
            try await plant.withSwitchboard([exposure(payload, .other(other), plant)]) { board in
                #expect(try await board.start(.mqtt) == url)
                try await listen(url, plant, "#", username: "plant", password: "p") { inbox in
                    try await ticking(plant) { #expect(await inbox.next(20).count == 20) }
                }
                await board.stop(.mqtt)
            }
        }
    }

    /// A broker that comes late, goes and comes back gets what is retained and the values of now.
    @Test func anotherBrokerMayComeAndGo() async throws {
        let plant = try ManualPlant(.crushingLine())
        let port = try await Broker.withBroker(BrokerConfiguration(port: 0), logger: plant.logger) { $0.port ?? 0 }
        let other = MQTTSettings.OtherBroker(endpoint: "mqtt://127.0.0.1:\(port)")
        try await plant.withSwitchboard([exposure(.json, .other(other), plant)]) { board in
            _ = try await board.start(.mqtt)
            for _ in 0..<2 {
                try await Broker.withBroker(BrokerConfiguration(port: port), logger: plant.logger) { broker in
                    try await listen(other.endpoint, plant, "sensors/#") { inbox in
                        try await ticking(plant) {
                            var topics: Set<String> = []
                            while topics.count < 2 * plant.sensors.count {
                                for message in await inbox.next(1) { topics.insert(message.topic) }
                            }
                        }
                    }
                }
            }
            await board.stop(.mqtt)
        }
    }

    private func exposure(
        _ payload: MQTTSettings.Payload, _ destination: MQTTSettings.Destination, _ plant: ManualPlant
    ) -> any Exposure {
        if case .sparkplug(let settings) = payload {
            return SparkplugExposure(
                host: "127.0.0.1", port: 0, settings: settings, destination: destination, sensors: plant.sensors,
                feed: plant.feed, logger: plant.logger)
        }
        return MQTTExposure(
            host: "127.0.0.1", port: 0, settings: MQTTSettings(payload: payload, destination: destination),
            sensors: plant.sensors, feed: plant.feed, logger: plant.logger)
    }

    /// Lets the plant tick as long as the body runs.
    private func ticking(_ plant: ManualPlant, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    try plant.tick()
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            try await body()
            group.cancelAll()
        }
    }
}
