import Foundation
import SimulatorPlant
import Testing

@testable import SimulatorExposures

@Suite struct PayloadTests {
    private func plant() throws -> Plant {
        var plant = try Plant(
            catalogue: .crushingLine(), settings: PlantSettings(seed: 5), start: 1_700_000_000_123_456)
        plant.advance(to: 9)
        return plant
    }

    @Test func theTruthLogHasEveryValueOfEveryTickExactly() throws {
        let path = NSTemporaryDirectory() + "truth-\(UUID().uuidString).ndjson"
        defer { try? FileManager.default.removeItem(atPath: path) }
        var plant = try plant()
        let log = try TruthLog(path: path, sensors: plant.sensors)
        let feed = TickFeed(plant.tick)
        try feed.join(log)
        var ticks = [plant.tick]
        for number in 10...12 as ClosedRange<UInt64> {
            plant.advance(to: number)
            ticks.append(plant.tick)
            try feed.publish(plant.tick)
        }
        try log.close()
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 4 * 17)
        for (index, line) in lines.enumerated() {
            let truth = try JSONDecoder().decode(TruthRecord.self, from: Data(line.utf8))
            let tick = ticks[index / 17]
            #expect(truth.tick == tick.number && truth.timestamp == tick.timestamp)
            #expect(truth.path == plant.sensors[index % 17].path)
            #expect(truth.value == tick.values[index % 17])
            #expect(truth.quality == "good")
            #expect(abs(Double(truth.int16) * truth.scale - truth.value) <= truth.scale * 0.5001)
        }
    }

    @Test func aTruthLogThatCannotBeWrittenIsRefused() throws {
        let sensors = try plant().sensors
        let error = #expect(throws: ExposureError.self) {
            try TruthLog(path: "/nowhere/at/all/truth.ndjson", sensors: sensors)
        }
        #expect(error?.message.contains("/nowhere/at/all/truth.ndjson") == true)
    }

    @Test func anMQTTValueReadsBackExactly() throws {
        let plant = try plant()
        let payload = MQTTPayload(plant.sensors[4])
        var bytes: [UInt8] = []
        payload.appendValue(
            plant.tick.values[4], quality: .good, timestamp: plant.tick.timestamp, to: &bytes)
        let message = try JSONDecoder().decode(MQTTValue.self, from: Data(bytes))
        #expect(payload.valueTopic == "sensors/mining/crusher_1_motor_power/value")
        #expect(message.value == plant.tick.values[4])
        #expect(message.unit == "kW" && message.quality == "good" && message.timestamp == 1_700_000_009_123_456)
    }

    @Test func metadataSaysWhatTheSensorIs() throws {
        let payload = MQTTPayload(try plant().sensors[4])
        #expect(payload.metadataTopic == "sensors/mining/crusher_1_motor_power/metadata")
        #expect(
            String(decoding: payload.metadata, as: UTF8.self)
                == #"{"path":"mining/crusher_1_motor_power","industry":"mining","machine":"crusher_1","#
                + #""sensor":"crusher_1_motor_power","type":"power","unit":"kW","#
                + #""min":200.0,"max":800.0,"nominal":450.0}"#)
    }

    @Test func valuesKeepTheirKinds() {
        #expect(ValueText.json(0.1, kind: .measurement) == "0.1")
        #expect(ValueText.json(450, kind: .measurement) == "450.0")
        #expect(ValueText.json(70_000, kind: .count) == "70000")
        #expect(ValueText.json(1, kind: .state) == "true")
    }
}
