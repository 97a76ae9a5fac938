import Testing

@testable import SimulatorPlant

@Suite struct CatalogueTests {
    @Test func theBuiltInCatalogueHasTheCrushingLine() throws {
        let catalogue = try Catalogue.builtIn()
        #expect(catalogue.industries.map(\.name) == ["mining"])
        let machines = catalogue.industries[0].machines
        #expect(machines.map(\.name) == ["conveyor_belt_1", "crusher_1", "vent_fan_1", "pump_1"])
        #expect(machines.map(\.sensors.count) == [4, 5, 4, 4])
        let power = machines[1].sensors[0]
        #expect(power.name == "crusher_1_motor_power")
        #expect(power.type == "power")
        #expect(power.unit == "kW")
        #expect(power.minimum == 200 && power.maximum == 800 && power.nominal == 450)
        #expect(machines[1].sensors[2].response.inverse)
    }

    @Test func everyColumnIsRead() throws {
        let catalogue = try Catalogue(
            parsing: """
                # a comment
                industry water  # and one behind

                machine pump_9 cycle 45 swing 0.5
                  head level m -5 20 3.5 0.25 -speed lag 9 reach 0.4 drift 0.1
                  volume counter m3 0 1e9 2 0 total
                  on status - 0 1 0 0 running
                """)
        let machine = catalogue.industries[0].machines[0]
        #expect(machine.cycle == 45 && machine.swing == 0.5)
        #expect(
            machine.sensors[0].response
                == SensorResponse(driver: .speed, inverse: true, lag: 9, reach: 0.4, drift: 0.1))
        #expect(machine.sensors[0].minimum == -5)
        #expect(machine.sensors.map(\.kind) == [.measurement, .count, .state])
    }

    @Test(arguments: [
        ("machine m cycle 5", 1, "before any 'industry'"),
        ("industry a\n  x power kW 0 1 0.5 0.1 load", 2, "before any 'machine'"),
        ("industry a\nindustry a", 2, "twice"),
        ("industry", 1, "missing"),
        ("industry A", 1, "a-z"),
        ("industry a b", 1, "too much"),
        ("industry a\nmachine m", 2, "cycle"),
        ("industry a\nmachine m cycle 0", 2, "cycle"),
        ("industry a\nmachine m cycle 9 swing 2", 2, "swing"),
        ("industry a\nmachine m cycle 9 colour 2", 2, "colour"),
        ("industry a\nmachine m cycle 9 cycle 8", 2, "twice"),
        ("industry a\nmachine m cycle 9\nmachine m cycle 9", 3, "twice"),
        ("industry a\nmachine m cycle 9\nx power \"W\" 0 1 0.5 0.1 load", 3, "not a unit"),
        ("industry a\nmachine m cycle 9\nx power kW 0 one 0.5 0.1 load", 3, "'one' is not a number"),
        ("industry a\nmachine m cycle 9\nx power kW 0 nan 0.5 0.1 load", 3, "not a number"),
        ("industry a\nmachine m cycle 9\nx power kW 1 0 0.5 0.1 load", 3, "below"),
        ("industry a\nmachine m cycle 9\nx power kW 0 1 2 0.1 load", 3, "between"),
        ("industry a\nmachine m cycle 9\nx power kW 0 1 0.5 -1 load", 3, "noise"),
        ("industry a\nmachine m cycle 9\nx power kW 0 1 0.5 0.1 wind", 3, "wind"),
        ("industry a\nmachine m cycle 9\nx power kW 0 1 0.5 0.1 -total", 3, "-total"),
        ("industry a\nmachine m cycle 9\nx power kW 0 1 0.5 0.1 load lag -1", 3, "lag"),
        ("industry a\nmachine m cycle 9\nx power kW 0 1 0.5 0.1 load\nx power kW 0 1 0.5 0.1 load", 4, "twice"),
    ])
    func everyMistakeIsNamedWithItsLine(text: String, line: Int, part: String) {
        let error = #expect(throws: CatalogueError.self) { try Catalogue(parsing: text) }
        #expect(error?.line == line)
        #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }

    @Test func industriesAreChosenByName() throws {
        let catalogue = try Catalogue(parsing: "industry a\nindustry b\nindustry c")
        #expect(try catalogue.only(["c", "a"]).industries.map(\.name) == ["a", "c"])
        #expect(throws: PlantError.unknownIndustry("d", known: ["a", "b", "c"])) { try catalogue.only(["a", "d"]) }
    }
}
