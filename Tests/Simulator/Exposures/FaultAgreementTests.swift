import Foundation
import MQTTClient
import MQTTCore
import ModbusClient
import ModbusCore
import OPCUAClient
import OPCUATypes
import SimulatorPlant
import SparkplugB
import Testing

@testable import SimulatorExposures

/// A fault shows in every protocol within one tick, and is gone after its duration.
@Suite(.timeLimit(.minutes(1))) struct FaultAgreementTests {
    /// How one sensor looks to everybody.
    fileprivate struct Look {
        let place: Int
        let fault: Fault
        let status: StatusCode
        let word: String
        let sparkplug: QualityCode
        let hasValue: Bool
    }

    fileprivate static let looks: [Look] = [
        Look(
            place: 4, fault: Fault(.fixed, at: "mining/crusher_1_motor_power", value: 777, duration: 3), status: .good,
            word: "good", sparkplug: .good, hasValue: true),
        Look(
            place: 9, fault: Fault(.badQuality, at: "mining/vent_fan_1_speed", duration: 3),
            status: .badSensorFailure, word: "bad", sparkplug: .bad, hasValue: true),
        Look(
            place: 0, fault: Fault(.uncertainQuality, at: "mining/conveyor_belt_1_speed", duration: 3),
            status: .uncertainSensorNotAccurate, word: "uncertain", sparkplug: .uncertain, hasValue: true),
        Look(
            place: 13, fault: Fault(.dropout, at: "mining/pump_1_flow", duration: 3), status: .badNoCommunication,
            word: "bad", sparkplug: .bad, hasValue: false),
    ]

    @Test func everyProtocolShowsAFaultWithinOneTickAndItsEnd() async throws {
        let plant = try ManualPlant(.crushingLine())
        let (host, sensors, feed, logger) = ("127.0.0.1", plant.sensors, plant.feed, plant.logger)
        let exposures: [any Exposure] = [
            OPCUAExposure(host: host, port: 0, sensors: sensors, feed: feed, logger: logger),
            MQTTExposure(host: host, port: 0, sensors: sensors, feed: feed, logger: logger),
            ModbusExposure(host: host, port: 0, map: try RegisterMap(sensors), feed: feed, logger: logger),
        ]
        try await plant.withSwitchboard(exposures) { board in
            let opcua = OPCUAClientConfiguration(endpoint: try OPCUAEndpoint(try await board.start(.opcua)))
            let mqtt = try MQTTClientConfiguration(
                endpoint: try await board.start(.mqtt), clientID: "test",
                subscriptions: [Subscription(TopicFilter("sensors/+/+/value"), qos: .atLeastOnce)])
            let modbus = try ModbusEndpoint(parsing: try await board.start(.modbus))
            let inbox = MQTTInbox()
            try await MQTTConnection.withConnection(mqtt, receiver: inbox, logger: logger) { _ in
                try await OPCUAConnection.withConnection(opcua, receiver: OPCUAInbox()) { reader in
                    try await ModbusLink.withConnection(to: modbus, logger: logger) { master in
                        try plant.tick()
                        _ = await inbox.next(sensors.count)
                        for look in Self.looks { try plant.inject(look.fault) }
                        for number in 1...4 {
                            let tick = try plant.tick()
                            let messages = await inbox.next(sensors.count)
                            for look in Self.looks {
                                let look = number < 4 ? look : look.healthy
                                try look.check(messages[look.place].payload, tick)
                                try await look.check(reader, sensors[look.place].path, tick)
                                try await look.check(master, tick)
                            }
                        }
                    }
                }
            }
        }
    }

    @Test func aSparkplugHostSeesThemToo() async throws {
        let plant = try ManualPlant(.crushingLine())
        let exposure = SparkplugExposure(
            host: "127.0.0.1", port: 0, settings: SparkplugSettings(), sensors: plant.sensors, feed: plant.feed,
            logger: plant.logger)
        try await plant.withSwitchboard([exposure]) { board in
            let host = SparkplugHost()
            try await host.listen(try await board.start(.mqtt), plant) {
                try plant.tick()
                try await host.eventually { $0.names.count == plant.sensors.count }
                for look in Self.looks { try plant.inject(look.fault) }
                for number in 1...4 {
                    let tick = try plant.tick()
                    let time = UInt64(tick.timestamp / 1000)
                    try await host.eventually { heard in
                        heard.latest.count { $0.value.timestamp == time } == plant.sensors.count
                    }
                    for look in Self.looks {
                        let look = number < 4 ? look : look.healthy
                        let definition = plant.sensors[look.place].definition
                        let seen = host.heard.latest[
                            "spBv1.0/ot-simulator/DDATA/mining/\(definition.machine)/\(definition.name)"]
                        #expect(seen?.quality == look.sparkplug, "\(definition.name)")
                        #expect(seen?.value == (look.hasValue ? .double(tick.values[look.place]) : .null))
                    }
                }
            }
        }
    }
}

extension FaultAgreementTests.Look {
    fileprivate var healthy: Self {
        Self(place: place, fault: fault, status: .good, word: "good", sparkplug: .good, hasValue: true)
    }

    fileprivate func check(_ payload: String, _ tick: Tick) throws {
        struct Message: Decodable {
            let value: Double?
            let quality: String
        }
        let message = try JSONDecoder().decode(Message.self, from: Data(payload.utf8))
        #expect(message.quality == word, "\(fault)")
        #expect(message.value == (hasValue ? tick.values[place] : nil), "\(fault)")
        if fault.kind == .fixed { #expect((message.value == 777) == (tick.number <= 4)) }
    }

    fileprivate func check(_ reader: OPCUAConnection, _ path: String, _ tick: Tick) async throws {
        let values = try await reader.read(
            [(NodeId(namespace: 2, string: path), .value)], limits: OperationLimits())
        #expect(values.first?.status == status, "\(fault)")
        #expect(values.first?.value == (hasValue ? .double(tick.values[place]) : .null), "\(fault)")
    }

    fileprivate func check(_ master: ModbusConnection, _ tick: Tick) async throws {
        let head = try await master.read(ReadRequest(type: .input, address: 6, count: 1), unit: 1)
        let faulty = try RegisterDecoder(.uint16).decode(head, at: 0)
        #expect(faulty == .uint(UInt64(tick.qualities.filter { $0 != .good }.count)))
        let bits = try await master.read(
            ReadRequest(type: .discrete, address: UInt16(RegisterMap.qualityStart + place), count: 1), unit: 1)
        #expect(bits.bit(at: 0) == (word != "good"), "\(fault)")
        let block = try await master.read(
            ReadRequest(type: .input, address: UInt16(RegisterMap.inputStart + 2 * place), count: 2), unit: 1)
        let value = try RegisterDecoder(.float32).decode(block, at: 0)
        #expect(value == .float32(Float(tick.values[place])), "\(fault)")
    }
}
