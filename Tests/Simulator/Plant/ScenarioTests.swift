import Testing

@testable import SimulatorPlant

@Suite struct ScenarioTests {
    private let power = "mining/crusher_1_motor_power"

    private func plant() throws -> Plant {
        var plant = try Plant(
            catalogue: .builtIn().only(["mining"]), settings: PlantSettings(seed: 3), start: 0)
        plant.advance(to: 100)
        return plant
    }

    @Test func eventsHappenAtTheirTimes() throws {
        var plant = try plant()
        let scenario = try Scenario(
            name: "two-steps",
            events: [
                .init(at: 10, Fault(.fixed, at: power, value: 300, duration: 5)),
                .init(at: 0, Fault(.fixed, at: power, value: 400, duration: 5)),
            ])
        #expect(scenario.length == 15)
        try plant.runScenario(scenario)
        #expect(plant.scenarios.map(\.start) == [101])
        let place = try #require(plant.place(of: power))
        var shown: [Double] = []
        for number in 101...117 as ClosedRange<UInt64> {
            plant.advance(to: number)
            shown.append(plant.tick.values[place])
            #expect(plant.scenarios.isEmpty == (number > 115), "\(number)")
        }
        #expect(shown[0..<5].allSatisfy { $0 == 400 } && shown[10..<15].allSatisfy { $0 == 300 })
        #expect(shown.filter { $0 == 400 || $0 == 300 }.count == 10)
    }

    @Test func aTickLeftOutStillHasItsEvents() throws {
        let scenario = try Scenario(
            name: "s",
            events: [
                .init(at: 3, Fault(.drift, at: power, value: 50, duration: 100)),
                .init(at: 5, Fault(.badQuality, at: power, duration: 2)),
            ])
        var each = try plant()
        var last = try plant()
        try each.runScenario(scenario)
        try last.runScenario(scenario)
        for number in 101...150 as ClosedRange<UInt64> { each.advance(to: number) }
        last.advance(to: 150)
        #expect(each.tick == last.tick)
        #expect(each.faults.map(\.start) == last.faults.map(\.start))
    }

    @Test func stoppingEndsItsFaultsAndNoOthers() throws {
        var plant = try plant()
        try plant.inject(Fault(.stuck, at: power))
        try plant.runScenario(try Scenario(name: "s", events: [.init(at: 0, Fault(.stuck, at: power))]))
        plant.advance(to: 101)
        #expect(plant.faults.map(\.scenario) == [nil, "s"])
        try plant.stopScenario("s")
        #expect(plant.faults.map(\.scenario) == [nil] && plant.scenarios.isEmpty)
        #expect(throws: PlantCommandError.notThere("running scenario 's'")) { try plant.stopScenario("s") }
    }

    @Test func whatCannotRunIsRefused() throws {
        var plant = try plant()
        let strange = try Scenario(name: "s", events: [.init(at: 9, Fault(.stuck, at: "moon/rover"))])
        #expect(throws: PlantCommandError.unknownSensor("moon/rover")) { try plant.runScenario(strange) }
        func scenario(_ name: String) throws -> Scenario {
            try Scenario(name: name, events: [.init(at: 1e6, Fault(.stuck, at: power))])
        }
        for number in 0..<16 { try plant.runScenario(scenario("s\(number)")) }
        #expect(throws: PlantCommandError.conflict("scenario 's0' runs already")) {
            try plant.runScenario(scenario("s0"))
        }
        #expect(throws: PlantCommandError.self) { try plant.runScenario(scenario("one-more")) }
        let fault = Fault(.stuck, at: power)
        for (name, events) in [
            ("", [Scenario.Event(at: 0, fault)]), ("a b", [.init(at: 0, fault)]), ("s", []),
            ("s", [.init(at: -1, fault)]), ("s", [.init(at: .nan, fault)]),
            ("s", [.init(at: 0, Fault(.fixed, at: power))]),
            ("s", Array(repeating: .init(at: 0, fault), count: 1001)),
        ] {
            #expect(throws: PlantCommandError.self) { try Scenario(name: name, events: events) }
        }
    }

    @Test func theBuiltInScenariosRunInTheBuiltInPlant() throws {
        for scenario in try Scenario.builtIn() {
            var plant = try plant()
            try plant.runScenario(scenario)
            let length = try #require(scenario.length)
            var healthy = try self.plant()
            var changed = 0
            for number in 101...UInt64(103 + length) {
                plant.advance(to: number)
                healthy.advance(to: number)
                if plant.tick != healthy.tick { changed += 1 }
            }
            #expect(changed > 50, "\(scenario.name)")
            #expect(plant.scenarios.isEmpty && plant.faults.isEmpty && plant.tick == healthy.tick, "\(scenario.name)")
        }
    }
}
