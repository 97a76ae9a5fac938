import Testing

@testable import SimulatorPlant

@Suite struct FaultTests {
    private func plant(_ milliseconds: Int = 1000) throws -> Plant {
        try Plant(
            catalogue: .builtIn().only(["mining"]),
            settings: PlantSettings(seed: 3, intervalMilliseconds: milliseconds),
            start: 0)
    }

    /// What a faulty plant and a healthy one show of a sensor, tick by tick.
    private func watch(
        _ fault: Fault, ticks: Int = 100, sensor: String? = nil
    ) throws -> [(faulty: Double, healthy: Double, quality: Quality)] {
        var faulty = try plant()
        var healthy = try plant()
        faulty.advance(to: 10)
        healthy.advance(to: 10)
        try faulty.inject(fault)
        let place = try #require(faulty.place(of: sensor ?? fault.target))
        return (11..<11 + UInt64(ticks)).map { number in
            faulty.advance(to: number)
            healthy.advance(to: number)
            return (faulty.tick.values[place], healthy.tick.values[place], faulty.tick.qualities[place])
        }
    }

    private let power = "mining/crusher_1_motor_power"

    @Test func aFixedValueIsShownFromTheNextTickForItsDuration() throws {
        let seen = try watch(Fault(.fixed, at: power, value: 612.3, duration: 30))
        #expect(seen.prefix(30).allSatisfy { $0.faulty == 612.3 && $0.quality == .good })
        #expect(seen.dropFirst(30).allSatisfy { $0.faulty == $0.healthy })
        // Beyond its range too: a broken instrument shows anything.
        #expect(try watch(Fault(.fixed, at: power, value: -7), ticks: 2).map(\.faulty) == [-7, -7])
    }

    @Test func aRampMovesSlowly() throws {
        let seen = try watch(Fault(.fixed, at: power, value: 700, ramp: 50))
        #expect(abs(seen[24].faulty - (seen[24].healthy + 700) / 2) < 1)
        #expect(seen[49...].allSatisfy { $0.faulty == 700 })
    }

    @Test func aStuckSensorShowsItsLastValue() throws {
        var before = try plant()
        before.advance(to: 10)
        let last = before.tick.values[try #require(before.place(of: power))]
        let seen = try watch(Fault(.stuck, at: power, duration: 10))
        #expect(seen.prefix(10).allSatisfy { $0.faulty == last })
        #expect(seen[10].faulty == seen[10].healthy)
    }

    @Test func aDriftGrowsOverItsDuration() throws {
        let seen = try watch(Fault(.drift, at: power, value: 80, duration: 80))
        for (index, values) in seen.prefix(80).enumerated() {
            #expect(abs(values.faulty - values.healthy - Double(index + 1)) < 0.11, "\(index)")
        }
        #expect(seen[80].faulty == seen[80].healthy)
    }

    @Test func spikesComeNowAndThenAndAtOnce() throws {
        let seen = try watch(Fault(.spike, at: power, value: 100, period: 10), ticks: 1000)
        let spikes = seen.filter { abs($0.faulty - $0.healthy) > 50 }.count
        #expect(abs(seen[0].faulty - seen[0].healthy) > 50)
        #expect((60...150).contains(spikes), "\(spikes)")
        #expect(seen.allSatisfy { (200...800).contains($0.faulty) })
    }

    @Test func noiseHasItsDeviation() throws {
        let seen = try watch(Fault(.noise, at: "mining/pump_1_bearing_temp", value: 2), ticks: 2000)
        let deviation = Series.deviation(seen.map { $0.faulty - $0.healthy })
        #expect(abs(deviation - 2) < 0.15, "\(deviation)")
    }

    @Test func anOscillationHasItsPeriodAndAmplitude() throws {
        let seen = try watch(Fault(.oscillation, at: "mining/pump_1_bearing_temp", value: 8, period: 20))
        for (index, values) in seen.enumerated() {
            let expected = 8 * Arithmetic.sine(turns: Double(index) / 20 + 0.25)
            #expect(abs(values.faulty - values.healthy - expected) < 0.02, "\(index)")
        }
    }

    @Test func qualitiesChangeAndTheValueOfADropoutStands() throws {
        let bad = try watch(Fault(.badQuality, at: power, duration: 5))
        #expect(bad.prefix(5).allSatisfy { $0.quality == .bad && $0.faulty == $0.healthy })
        #expect(bad[5].quality == .good)
        #expect(try watch(Fault(.uncertainQuality, at: power), ticks: 3).allSatisfy { $0.quality == .uncertain })
        let missing = try watch(Fault(.dropout, at: power, duration: 20))
        #expect(missing.prefix(20).allSatisfy { $0.quality == .missing && $0.faulty == missing[0].faulty })
        #expect(missing[20].quality == .good && missing[20].faulty == missing[20].healthy)
        // A ramp makes a loose contact of it.
        let loose = try watch(Fault(.badQuality, at: power, ramp: 400), ticks: 400)
        let early = loose.prefix(100).filter { $0.quality == .bad }.count
        let late = loose.suffix(100).filter { $0.quality == .bad }.count
        #expect((2...30).contains(early) && (70...99).contains(late), "\(early), \(late)")
    }

    @Test func faultsOnOneSensorAddUpAndTheWorstQualityCounts() throws {
        var plant = try plant()
        try plant.inject(Fault(.fixed, at: power, value: 500))
        try plant.inject(Fault(.oscillation, at: power, value: 20, period: 4))
        try plant.inject(Fault(.badQuality, at: power))
        try plant.inject(Fault(.uncertainQuality, at: power))
        plant.advance(to: 1)
        let place = try #require(plant.place(of: power))
        #expect(plant.tick.values[place] == 520 && plant.tick.qualities[place] == .bad)
        #expect(plant.tick.qualities.filter { $0 != .good }.count == 1)
    }

    @Test func faultsAreListedAndCleared() throws {
        var plant = try plant()
        let first = try plant.inject(Fault(.stuck, at: power))
        let second = try plant.inject(Fault(.dropout, at: power, duration: 2.5))
        #expect(plant.faults.map(\.id) == [first, second])
        #expect(plant.faults.map(\.start) == [1, 1])
        #expect(plant.faults.map(\.end) == [nil, 4], "two and a half seconds are three ticks")
        try plant.clear(first)
        #expect(throws: PlantCommandError.notThere("fault \(first)")) { try plant.clear(first) }
        plant.advance(to: 3)
        #expect(plant.faults.count == 1)
        plant.advance(to: 4)
        #expect(plant.faults.isEmpty)
        try plant.inject(Fault(.stuck, at: power))
        #expect(plant.faults[0].id == 3, "a number is never used twice")
        #expect(plant.clearAllFaults() == 1 && plant.faults.isEmpty)
    }

    @Test func thereIsALimit() throws {
        var plant = try plant()
        for _ in 0..<1000 { try plant.inject(Fault(.stuck, at: power)) }
        let error = #expect(throws: PlantCommandError.self) { try plant.inject(Fault(.stuck, at: power)) }
        guard case .conflict = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [
        Fault(.fixed, at: "mining/crusher_1_motor_power"),
        Fault(.fixed, at: "mining/crusher_1_motor_power", value: .nan),
        Fault(.drift, at: "mining/crusher_1_motor_power", value: .infinity),
        Fault(.stuck, at: "mining/crusher_1_motor_power", value: 1),
        Fault(.noise, at: "mining/crusher_1_motor_power", value: 0),
        Fault(.stuck, at: "mining/crusher_1_motor_power", duration: -1),
        Fault(.stuck, at: "mining/crusher_1_motor_power", duration: 0),
        Fault(.stuck, at: "mining/crusher_1_motor_power", duration: .nan),
        Fault(.stuck, at: "mining/crusher_1_motor_power", duration: .infinity),
        Fault(.stuck, at: "mining/crusher_1_motor_power", ramp: -1),
        Fault(.stuck, at: "mining/crusher_1_motor_power", ramp: .nan),
        Fault(.oscillation, at: "mining/crusher_1_motor_power", period: 0),
        Fault(.drift, at: "mining/pump_1_running"), Fault(.noise, at: "mining/conveyor_belt_1_total_mass"),
        Fault(.fixed, at: "mining/pump_1_running", value: 0.5),
        Fault(.fixed, at: "mining/conveyor_belt_1_total_mass", value: -1),
        Fault(.stuck, at: "mining/nothing"), Fault(.stuck, at: "mining/crusher_1"), Fault(.stuck, at: ""),
        Fault(.bearingWear, at: "mining/crusher_1_motor_power"), Fault(.overheating, at: "mining/crusher_2"),
        Fault(.bearingWear, at: "mining/crusher_1", value: 1.1), Fault(.bearingWear, at: "mining/crusher_1", value: 0),
        Fault(.cavitation, at: "mining/conveyor_belt_1"),
    ])
    func whatIsNotPossibleIsRefused(fault: Fault) throws {
        var plant = try plant()
        #expect(throws: PlantCommandError.self) { try plant.inject(fault) }
        #expect(plant.faults.isEmpty)
    }

    @Test func aMachineIsSuggestedForItsSensor() throws {
        var plant = try plant()
        #expect(throws: PlantCommandError.unknownMachine(power, hint: "mining/crusher_1")) {
            try plant.inject(Fault(.overheating, at: power))
        }
    }

    @Test func machineFailuresMoveSensorsTogether() throws {
        func change(_ fault: Fault, _ sensor: String) throws -> Double {
            let seen = try watch(fault, ticks: 200, sensor: "mining/" + sensor)
            #expect(seen.allSatisfy { $0.quality == .good })
            return Series.mean(seen.suffix(100).map { $0.faulty - $0.healthy })
        }
        let wear = Fault(.bearingWear, at: "mining/crusher_1", value: 1, ramp: 60)
        #expect(try change(wear, "crusher_1_vibration_x") > 10)
        #expect(try change(wear, "crusher_1_bearing_temp") > 8)
        #expect(try change(wear, "crusher_1_motor_power") > 20)
        #expect(try change(wear, "crusher_1_oil_pressure") == 0)
        #expect(try change(wear, "pump_1_vibration") == 0)
        let cavitation = Fault(.cavitation, at: "mining/pump_1")
        #expect(try change(cavitation, "pump_1_flow") < -200)
        #expect(try change(cavitation, "pump_1_discharge_pressure") < -0.8)
        #expect(try change(cavitation, "pump_1_vibration") > 2)
        #expect(try change(Fault(.overheating, at: "mining/vent_fan_1"), "vent_fan_1_motor_temp") > 15)
    }

    @Test func anAlarmGoesOnWithTheFailureOfItsMachine() throws {
        var plant = try Plant(
            catalogue: Catalogue(
                parsing: """
                    industry i
                    machine m cycle 60
                      temp temperature °C 0 100 50 0 load
                      alarm status - 0 1 0 0 alarm
                    """), settings: PlantSettings(), start: 0)
        try plant.inject(Fault(.overheating, at: "i/m", duration: 100, ramp: 50))
        let states = (1...UInt64(110)).map { number in
            plant.advance(to: number)
            return plant.tick.values[1]
        }
        #expect(
            states == Array(repeating: 0, count: 24) + Array(repeating: 1, count: 76) + Array(repeating: 0, count: 10))
    }

    @Test func theSameCommandsAtTheSameTicksGiveTheSameBits() throws {
        func run() throws -> [Tick] {
            var plant = try plant()
            return try (1...UInt64(200)).map { number in
                if number == 20 { try plant.inject(Fault(.spike, at: power, period: 5)) }
                if number == 30 { try plant.inject(Fault(.badQuality, at: power, duration: 90, ramp: 80)) }
                if number == 40 { try plant.inject(Fault(.noise, at: "mining/pump_1_flow", duration: 50)) }
                if number == 100 { try plant.clear(1) }
                plant.advance(to: number)
                return plant.tick
            }
        }
        #expect(try run() == run())
    }

    @Test func copiesHaveTheirOwnFaults() throws {
        var plant = try Plant(
            catalogue: .builtIn().only(["mining"]), settings: PlantSettings(size: .sensors(60)), start: 0)
        #expect(plant.place(of: "mining.2/crusher_1_motor_power") == 32)
        #expect(plant.machine(at: "mining.2/pump_1") == 7)
        for path in ["mining.1/pump_1_flow", "mining.02/pump_1_flow", "mining.x/pump_1_flow", "mining.3/pump_1_flow"] {
            #expect(plant.place(of: path) == nil, "\(path)")
        }
        try plant.inject(Fault(.badQuality, at: "mining.2/crusher_1_motor_power"))
        plant.advance(to: 1)
        #expect(plant.tick.qualities.firstIndex(of: .bad) == 32)
    }
}
