import MQTTClient
import MQTTCore
import NIOCore
import SimulatorPlant
import SparkplugB
import Synchronization
import Testing

@testable import SimulatorExposures

/// The plant as edge nodes, heard by our own host application.
@Suite(.timeLimit(.minutes(1))) struct SparkplugExposureTests {
    @Test func aHostFindsEverySensorAndItsValues() async throws {
        let plant = try ManualPlant(.crushingLine())
        let exposure = SparkplugExposure(
            host: "127.0.0.1", port: 0, settings: SparkplugSettings(), sensors: plant.sensors, feed: plant.feed,
            logger: plant.logger)
        try await plant.withSwitchboard([exposure]) { board in
            let host = SparkplugHost()
            try await host.listen(try await board.start(.mqtt), plant) {
                // It may have come after the births: then it asks for them at the first tick.
                var tick = try plant.tick()
                try await host.eventually { $0.names.count == plant.sensors.count }
                tick = try plant.tick()
                let time = UInt64(tick.timestamp / 1000)
                try await host.eventually { heard in
                    heard.latest.count { $0.value.timestamp == time } == plant.sensors.count
                }
                for (index, sensor) in plant.sensors.enumerated() {
                    let definition = sensor.definition
                    let address =
                        "spBv1.0/ot-simulator/DDATA/\(sensor.industry)/\(definition.machine)/\(definition.name)"
                    let seen = try #require(host.heard.latest[address], "\(address)")
                    let expected: MetricValue =
                        switch definition.kind {
                        case .measurement: .double(tick.values[index])
                        case .count: .int(Int64(tick.values[index]))
                        case .state: .boolean(tick.values[index] != 0)
                        }
                    #expect(seen.value == expected, "\(address)")
                    #expect(seen.quality == .good)
                    #expect(host.heard.units[address] == definition.unit)
                }
                #expect(host.heard.counts.gaps == 0 && host.heard.counts.unknownNames == 0)
            }
            await board.stop(.mqtt)
        }
    }

    @Test func theNodesWaitForTheirPrimaryHostAndLeaveWithIt() async throws {
        let plant = try ManualPlant(.crushingLine())
        let exposure = SparkplugExposure(
            host: "127.0.0.1", port: 0, settings: SparkplugSettings(group: "plant", primaryHost: "h"),
            sensors: plant.sensors, feed: plant.feed, logger: plant.logger)
        try await plant.withSwitchboard([exposure]) { board in
            let host = SparkplugHost(asksForBirths: false)
            try await host.listen(try await board.start(.mqtt), plant) {
                for _ in 0..<3 { try plant.tick() }
                #expect(host.heard.messages == 0)
                host.post(Self.state(true, 5))
                try await host.eventually { $0.names.count == plant.sensors.count }
                host.post(Self.state(false, 6))
                try await host.eventually { $0.counts.deaths == 1 && $0.stale == plant.sensors.count + 1 }
                let messages = host.heard.messages
                try plant.tick()
                host.post(Self.state(true, 7))
                try await host.eventually { $0.counts.births > 3 && $0.messages > messages }
                // Its second session.
                #expect(host.heard.counts.bdSeqMismatches == 0 && host.heard.counts.missedDeaths == 0)
            }
        }
    }

    private static func state(_ online: Bool, _ time: UInt64) -> Publish {
        Publish(
            topic: "spBv1.0/STATE/h",
            payload: ByteBuffer(string: HostState(isOnline: online, timestamp: time).text), qos: .atLeastOnce,
            retain: true)
    }

    @Test func theShapeOfThePlant() throws {
        let plant = try ManualPlant(.crushingLine(), sensors: 20)
        let nodes = SparkplugPlant(plant.sensors, SparkplugSettings(group: "g", primaryHost: "h")).nodes
        #expect(nodes.map(\.settings.id.node) == ["mining", "mining.2"])
        #expect(nodes.allSatisfy { $0.settings.primaryHost == "h" && $0.settings.id.group == "g" })
        #expect(nodes.flatMap(\.sensors) == Array(0..<20))
        #expect(nodes.flatMap { $0.settings.devices.flatMap(\.metrics) }.count == 20)
        #expect(MQTTSettings.fault(inBroker: "mqtt://broker:1883") == nil)
        #expect(MQTTSettings.fault(inBroker: "ftp://broker") != nil)
    }
}

/// A host application of the tests.
final class SparkplugHost: MQTTReceiver {
    struct Heard {
        var names: Set<String> = []
        var units: [String: String] = [:]
        var latest: [String: HostEvents.Reading] = [:]
        var counts = HostCounts()
        var messages = 0
        var stale = 0
    }

    private struct State {
        var host: HostApplication
        var heard = Heard()
        var connection: MQTTConnection?
        var now: UInt64 = 0
    }

    private let state: Mutex<State>

    init(asksForBirths: Bool = true) {
        let settings = HostSettings(requestsRebirth: asksForBirths, rebirthIntervalMilliseconds: 100_000)
        state = Mutex(State(host: HostApplication(settings)))
    }

    var heard: Heard { state.withLock { $0.heard } }

    func listen(_ url: String, _ plant: ManualPlant, _ body: @escaping @Sendable () async throws -> Void) async throws {
        let configuration = try MQTTClientConfiguration(
            endpoint: url, clientID: "host", subscriptions: [Subscription(TopicFilter("spBv1.0/#"), qos: .atMostOnce)])
        try await MQTTConnection.withConnection(configuration, receiver: self, logger: plant.logger) { _ in
            try await body()
        }
    }

    func post(_ message: Publish) { state.withLock { $0.connection }?.post([message]) }

    func eventually(_ condition: (Heard) -> Bool) async throws {
        while !condition(heard) { try await Task.sleep(for: .milliseconds(5)) }
    }

    func connected(_ connection: MQTTConnection) { state.withLock { $0.connection = connection } }

    func received(_ publish: Publish, token: DeliveryToken?) {
        if SparkplugTopic(publish.topicText).map({ if case .state = $0 { true } else { false } }) ?? true { return }
        let (connection, requests) = state.withLock { state in
            var events = HostEvents()
            state.host.received(
                topic: publish.topic, payload: publish.payload, message: 0, now: state.now, into: &events)
            for reading in events.readings {
                guard let metric = reading.metric else { continue }
                let definition = state.host.definition(of: metric)
                if reading.quality == .stale { state.heard.stale += 1 }
                // What a node says of itself is no sensor.
                guard definition.device != nil else { continue }
                state.heard.names.insert(definition.address)
                state.heard.units[definition.address] = definition.unit
                state.heard.latest[definition.address] = reading
            }
            let isCommand = publish.topicText.contains("/NCMD/")
            if !isCommand { state.heard.messages += 1 }
            state.heard.counts = state.host.counts
            return (state.connection, events.rebirths)
        }
        for node in requests {
            connection?.post([
                Publish(
                    topic: SparkplugTopic.message(.nodeCommand, node, device: nil).text,
                    payload: HostApplication.rebirthRequest(timestamp: 1).encoded())
            ])
        }
    }

    func readComplete() {}
}
