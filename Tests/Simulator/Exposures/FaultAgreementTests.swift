import Foundation
import ModbusCore
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
        let sensors = plant.sensors
        try await plant.withReaders { readers in
            try plant.tick()
            _ = await readers.mqtt.next(sensors.count)
            for look in Self.looks { try plant.inject(look.fault) }
            for number in 1...4 {
                let tick = try plant.tick()
                let messages = await readers.mqtt.next(sensors.count)
                for look in Self.looks {
                    let look = number < 4 ? look : look.healthy
                    try look.check(messages[look.place].payload, tick)
                    try await look.check(readers, sensors[look.place].path, tick)
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

    fileprivate func check(_ readers: PlantReaders, _ path: String, _ tick: Tick) async throws {
        let values = try await readers.values([path])
        #expect(values.first?.status == status, "\(fault)")
        #expect(values.first?.value == (hasValue ? .double(tick.values[place]) : .null), "\(fault)")
        let head = try await readers.block(.input, at: 6, count: 1)
        let faulty = try RegisterDecoder(.uint16).decode(head, at: 0)
        #expect(faulty == .uint(UInt64(tick.qualities.filter { $0 != .good }.count)))
        let bits = try await readers.block(.discrete, at: RegisterMap.qualityStart + place, count: 1)
        #expect(bits.bit(at: 0) == (word != "good"), "\(fault)")
        let block = try await readers.block(.input, at: RegisterMap.inputStart + 2 * place, count: 2)
        let value = try RegisterDecoder(.float32).decode(block, at: 0)
        #expect(value == .float32(Float(tick.values[place])), "\(fault)")
    }
}
