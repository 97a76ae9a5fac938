import Foundation
import ModbusCore
import OPCUATypes
import SimulatorPlant
import Testing

@testable import SimulatorExposures

/// What one consumer sees at a time, all see.
@Suite struct AgreementTests {
    @Test func allExposuresAndTheTruthLogShowTheSameTick() async throws {
        let plant = try ManualPlant(.crushingLine())
        let path = NSTemporaryDirectory() + "truth-\(UUID().uuidString).ndjson"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let truth = try TruthLog(path: path, sensors: plant.sensors)
        try plant.feed.join(truth)
        let sensors = plant.sensors
        try await plant.withReaders { readers in
            let tick = try plant.tick()
            let messages = try await readers.mqtt.next(sensors.count).map {
                try JSONDecoder().decode(MQTTValue.self, from: Data($0.payload.utf8))
            }
            #expect(messages.map(\.value) == tick.values)
            #expect(Set(messages.map(\.timestamp)) == [tick.timestamp])
            let values = try await readers.values(sensors.map(\.path))
            #expect(values.map(\.value) == tick.values.map { .double($0) })
            #expect(Set(values.map { $0.sourceTimestamp?.utcMicroseconds }) == [tick.timestamp])
            let block = try await readers.block(.input, at: 0, count: 10 + 2 * sensors.count)
            let time = try RegisterDecoder(.uint64).decode(block, at: 0)
            #expect(time == .uint(UInt64(tick.timestamp)))
            let floats = try sensors.indices.map { try RegisterDecoder(.float32).decode(block, at: 10 + 2 * $0) }
            #expect(floats == tick.values.map { .float32(Float($0)) })
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            let last = try lines.suffix(sensors.count).map {
                try JSONDecoder().decode(TruthRecord.self, from: Data($0.utf8))
            }
            #expect(last.map(\.value) == tick.values)
            #expect(Set(last.map(\.timestamp)) == [tick.timestamp])
        }
        try truth.close()
    }

    @Test(arguments: ExposureKind.allCases)
    func aUsedPortIsNamedAndAStoppedOneIsFree(kind: ExposureKind) async throws {
        let plant = try ManualPlant(.crushingLine())
        try await plant.withSwitchboard([try plant.exposure(kind)]) { board in
            let port = ManualPlant.port(try await board.start(kind))
            let second = try plant.exposure(kind, port: port)
            let error = await #expect(throws: ExposureError.self) { try await second.serve { _ in } }
            #expect(error?.message.contains(":\(port)") == true, "\(error?.message ?? "")")
            #expect(error?.message.contains("in use") == true, "\(error?.message ?? "")")
            await board.stop(kind)
            try await plant.withSwitchboard([second]) { _ = try await $0.start(kind) }
        }
    }
}

/// A line of the truth log.
struct TruthRecord: Decodable {
    let tick: UInt64
    let timestamp: Int64
    let path: String
    let value: Double
    let quality: String
    let int16: Int
    let scale: Double
}
