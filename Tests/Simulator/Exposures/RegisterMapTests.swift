import ModbusCore
import Testing

@testable import SimulatorExposures
@testable import SimulatorPlant

@Suite struct RegisterMapTests {
    private func plant(_ sensors: Int = 17) throws -> Plant {
        try Plant(
            catalogue: .crushingLine(), settings: PlantSettings(seed: 1, size: .sensors(sensors)),
            start: 0x0102_0304_0506_0708)
    }

    /// The input registers of a value, by themselves.
    private func inputs(_ entry: RegisterMap.Entry, _ value: Double) -> [UInt16] {
        guard let place = entry.input else { return [] }
        var image = [UInt16](repeating: 0, count: place.range.upperBound)
        place.write(value, isCount: entry.isCount, into: &image)
        return Array(image[place.range])
    }

    private func holding(_ entry: RegisterMap.Entry, _ value: Double) -> UInt16? {
        guard let place = entry.holding else { return nil }
        var image = [UInt16](repeating: 0, count: place.range.upperBound)
        place.write(entry.scaling.steps(value), isCount: false, into: &image)
        return image[place.range].first
    }

    @Test func theHeadIsTheTicksTimeAndNumber() {
        let tick = Tick(number: 0x1_0009_0008, timestamp: 0x0102_0304_0506_0708, values: [], qualities: [])
        #expect(
            RegisterMap.head(tick) == [
                0x0102, 0x0304, 0x0506, 0x0708,  // microseconds of UTC
                0x0009, 0x0008,  // the tick's number modulo 2^32
                0, 0, 0, 0,  // reserved
            ])
    }

    @Test func sensorsStandOneAfterTheOther() throws {
        let map = try RegisterMap(try plant().sensors)
        #expect(map.entries.compactMap(\.input?.address) == (0..<17).map { UInt16(10 + 2 * $0) })
        #expect(map.entries.compactMap(\.holding?.address) == (0..<17).map { UInt16($0) })
        #expect(map.entries.allSatisfy { $0.unitID == 1 && $0.bit == nil })
        #expect(map.entries.allSatisfy { $0.input?.type == .float32 })
        let power = map.entries[4]
        #expect(power.path == "mining/crusher_1_motor_power")
        #expect(power.scaleText == "0.1" && power.scale == 0.1)
        #expect(inputs(power, 451.5) == [0x43E1, 0xC000])  // 451.5 as float32, high word first
        #expect(holding(power, 451.5) == 4515)
    }

    @Test func aUnitHoldsThirtyThousand() throws {
        let map = try RegisterMap(try plant(60_001).sensors)
        #expect(map.entries[29_999].unitID == 1 && map.entries[29_999].input?.address == 60_008)
        #expect(map.entries[30_000].unitID == 2 && map.entries[30_000].input?.address == 10)
        #expect(map.entries[60_000].unitID == 3)
    }

    @Test func everyRangeFitsItsRegisterFinely() throws {
        for sensor in try plant().sensors {
            let scaling = RegisterScaling(sensor.definition)
            #expect(Double(scaling.text) == scaling.scale)
            for value in [sensor.definition.minimum, sensor.definition.maximum, sensor.definition.nominal] {
                #expect(abs(Double(scaling.raw(value)) * scaling.scale - value) <= scaling.scale / 2)
            }
        }
    }

    @Test(arguments: [
        ("0 3", 3, "0.0001"), ("0 9 ", 2, "0.001"), ("-300 300", 2, "0.01"), ("0 32767", 1, "1"), ("0 32768", 1, "10"),
        ("0 1e9", 5, "100000"),
    ])
    func theScaleIsAPowerOfTen(range: String, nominal: Int, scale: String) throws {
        let catalogue = try Catalogue(
            parsing: "industry a\nmachine m cycle 9\nx level m \(range) \(nominal) 0 load")
        let scaling = RegisterScaling(catalogue.industries[0].machines[0].sensors[0])
        #expect(scaling.text == scale)
        #expect(Double(scale) == scaling.scale)
        #expect(scaling.raw(.infinity) == .max && scaling.raw(-.infinity) == .min)
    }

    @Test func countsAndStatesHaveTheirOwnRegisters() throws {
        let catalogue = try Catalogue(
            parsing: """
                industry a
                machine m cycle 9
                  sum counter t 0 1e6 1 0 total
                  on status - 0 1 1 0 running
                """)
        let plant = try Plant(catalogue: catalogue, settings: PlantSettings(), start: 0)
        let map = try RegisterMap(plant.sensors)
        #expect(map.entries[0].input?.type == .uint32)
        #expect(inputs(map.entries[0], 70_000) == [1, 4464])
        #expect(map.entries[1].bit == 1)
        #expect(holding(map.entries[1], 1) == 1)
    }

    @Test func theCSVHasOneLinePerSensor() throws {
        let lines = String(decoding: try RegisterMap(try plant().sensors).csv, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 18)
        #expect(lines[5] == "mining/crusher_1_motor_power,1,18,float32,ABCD,4,int16,0.1,,kW,30004")
    }
}
