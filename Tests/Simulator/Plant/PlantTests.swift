import Testing

@testable import SimulatorPlant

@Suite struct PlantTests {
    private func plant(
        seed: UInt64 = 42, size: PlantSettings.Size = .copies(1), speed: Double = 1, milliseconds: Int = 1000
    ) throws -> Plant {
        try Plant(
            catalogue: .builtIn().only(["mining"]),
            settings: PlantSettings(seed: seed, size: size, intervalMilliseconds: milliseconds, speed: speed),
            start: 1_700_000_000_123_456)
    }

    @Test func theSameSeedGivesTheSameBits() throws {
        var first = try plant()
        var second = try plant()
        for number in 1...500 as ClosedRange<UInt64> {
            first.advance(to: number)
            second.advance(to: number)
            #expect(first.tick == second.tick)
        }
        var other = try plant(seed: 43)
        other.advance(to: 500)
        #expect(zip(first.tick.values, other.tick.values).filter { $0 != $1 }.count >= 15)
    }

    /// Pins the values themselves: they must not change with the compiler, the machine or a rewrite.
    @Test func theFirstValuesOfSeedOneAreThese() throws {
        var plant = try plant(seed: 1)
        plant.advance(to: 10)
        #expect(plant.tick.values == FirstValues.tickTen)
    }

    @Test func aTickLeftOutChangesNothing() throws {
        var each = try plant()
        for number in 1...60 as ClosedRange<UInt64> { each.advance(to: number) }
        var last = try plant()
        last.advance(to: 60)
        #expect(each.tick == last.tick)
        last.advance(to: 60)
        last.advance(to: 3)
        #expect(each.tick == last.tick, "a plant never goes back")
    }

    @Test func aLongSleepIsBridged() throws {
        var plant = try plant()
        plant.advance(to: 10_000_000)
        #expect(plant.tick.number == 10_000_000)
        #expect(plant.tick.timestamp == 1_700_000_000_123_456 + 10_000_000 * 1_000_000)
    }

    @Test func theSizeOfThePlantDoesNotChangeItsValues() throws {
        var one = try plant()
        var many = try plant(size: .sensors(1000))
        one.advance(to: 20)
        many.advance(to: 20)
        #expect(many.sensors.count == 1000 && many.tick.values.count == 1000 && many.tick.qualities.count == 1000)
        #expect(Array(many.tick.values.prefix(25)) == one.tick.values)
        #expect(many.sensors[25].path == "mining.2/conveyor_belt_1_speed")
        #expect(many.sensors[999].path == "mining.40/pump_1_running")
        #expect(Set(many.sensors.map(\.path)).count == 1000)
        #expect(many.tick.values[25..<50] != many.tick.values[0..<25], "copies live their own lives")
    }

    @Test func copiesAndTotalsAreCounted() throws {
        #expect(try plant(size: .copies(3)).sensors.count == 75)
        #expect(try plant(size: .sensors(5)).sensors.count == 5)
        for size in [PlantSettings.Size.copies(0), .copies(.max), .copies(40_001), .sensors(0), .sensors(1_000_001)] {
            #expect(throws: PlantError.self) { try plant(size: size) }
        }
        #expect(throws: PlantError.self) { try PlantSettings(intervalMilliseconds: 9) }
        #expect(throws: PlantError.self) { try PlantSettings(speed: 0.05) }
        #expect(throws: PlantError.self) { try PlantSettings(speed: .nan) }
    }

    @Test func allValuesOfATickShareItsTimestamp() throws {
        var plant = try plant(milliseconds: 250)
        #expect(plant.tick.timestamp == 1_700_000_000_123_456)
        plant.advance(to: 3)
        #expect(plant.tick.timestamp == 1_700_000_000_873_456)
        #expect(plant.tick.qualities.allSatisfy { $0 == .good })
    }

    @Test func countersCountAndStatesStep() throws {
        let catalogue = try Catalogue(
            parsing: """
                industry mining
                machine mill_1 cycle 60 swing 1
                  tonnage counter t 0 1e9 0.5 0 total
                  running status - 0 1 1 0 running
                """)
        var plant = try Plant(catalogue: catalogue, settings: PlantSettings(speed: 10), start: 0)
        var last = plant.tick.values[0]
        var states: Set<Double> = []
        for number in 1...8640 as ClosedRange<UInt64> {
            plant.advance(to: number)
            #expect(plant.tick.values[0] >= last)
            #expect(plant.tick.values[0] == plant.tick.values[0].rounded())
            last = plant.tick.values[0]
            states.insert(plant.tick.values[1])
        }
        #expect(last > 10_000 && last < 90_000)
        #expect(states == [0, 1])
    }
}
