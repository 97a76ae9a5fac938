import Testing

@testable import SimulatorPlant

@Suite struct CatalogueTests {
    @Test func theBuiltInCatalogueBeginsWithTheCrushingLine() throws {
        let machines = try Catalogue.builtIn().industries[0].machines
        #expect(machines.map(\.name) == ["conveyor_belt_1", "crusher_1", "vent_fan_1", "pump_1"])
        let power = machines[1].sensors[0]
        #expect(power.name == "crusher_1_motor_power")
        #expect(power.type == "power")
        #expect(power.unit == "kW")
        #expect(power.minimum == 200 && power.maximum == 800 && power.nominal == 450)
        #expect(machines[1].sensors[2].response.inverse)
        #expect(machines[1].bearing?.rpm == 590)
    }

    @Test func everyExpectedSensorIsThere() throws {
        let catalogue = try Catalogue.builtIn()
        let expected = ExpectedSensors.all
        #expect(expected.count == 379)
        #expect(catalogue.industries.count == 16)
        #expect(catalogue.industries.map(\.sensorCount).reduce(0, +) >= 400)
        var ours: [String: SensorDefinition] = [:]
        for industry in catalogue.industries {
            for machine in industry.machines {
                for sensor in machine.sensors { ours[industry.name + "/" + sensor.name] = sensor }
            }
        }
        for sensor in expected {
            let found = try #require(ours[sensor.path], "\(sensor.path) is missing")
            #expect(found.unit == sensor.unit, "\(sensor.path)")
            #expect(found.minimum == sensor.minimum && found.maximum == sensor.maximum, "\(sensor.path)")
        }
    }

    @Test func aTextCanAddToAnIndustryThatIsThere() throws {
        var catalogue = try Catalogue.builtIn()
        let before = catalogue.industries[0].machines.count
        try catalogue.add(
            "industry mining\nmachine mill_7 cycle 9\n power power kW 0 1 0.5 0 load\nindustry new", file: "own.txt")
        #expect(catalogue.industries[0].machines.count == before + 1)
        #expect(catalogue.industries[0].machines.last?.sensors.first?.name == "mill_7_power")
        #expect(catalogue.industries.last?.name == "new")
        // A refused text leaves nothing behind.
        let error = #expect(throws: CatalogueError.self) {
            try catalogue.add("industry mining\nmachine mill_8 cycle 9\nmachine pump_1 cycle 9", file: "own.txt")
        }
        #expect(error?.description.hasPrefix("catalogue own.txt, line 3: machine 'pump_1' is there twice") == true)
        #expect(catalogue.industries[0].machines.count == before + 1)
    }

    @Test func everyColumnIsRead() throws {
        let catalogue = try Catalogue(
            parsing: """
                # a comment
                industry water  # and one behind

                machine pump_9 cycle 45 swing 0.5 shift 0.1 sun 0.2 air 0.3 slow 0.4 fast 0.6
                  bearing 9 8 40 rpm 1500 angle 15
                  head level m -5 20 3.5 0.25 -speed lag 9 reach 0.4 drift 0.1 phase 0.3 step 0.5
                  volume counter m3 0 1e9 2 0 total start 77
                  on status - 0 1 0 0 running
                  =mains_on status - 0 1 0 0 alarm
                """)
        let machine = catalogue.industries[0].machines[0]
        #expect(
            machine.demand
                == MachineDemand(cycle: 45, swing: 0.5, shift: 0.1, sun: 0.2, air: 0.3, slow: 0.4, fast: 0.6))
        #expect(
            machine.bearing == Bearing(balls: 9, ballDiameter: 8, pitchDiameter: 40, angle: 15, rpm: 1500))
        #expect(
            machine.sensors[0].response
                == SensorResponse(driver: .speed, inverse: true, lag: 9, reach: 0.4, drift: 0.1, phase: 0.3, step: 0.5))
        #expect(machine.sensors[1].response.start == 77)
        #expect(machine.sensors[3].name == "mains_on")
        #expect(machine.sensors[0].minimum == -5)
        #expect(machine.sensors.map(\.kind) == [.measurement, .count, .state, .state])
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
        ("industry a\nmachine m cycle 9 sun 11", 2, "weight"),
        ("industry a\nbearing 9 8 40 rpm 9", 2, "before any 'machine'"),
        ("industry a\nmachine m cycle 9\nbearing 9 8 40", 3, "rpm"),
        ("industry a\nmachine m cycle 9\nbearing 2 8 40 rpm 9", 3, "balls"),
        ("industry a\nmachine m cycle 9\nbearing 9 40 8 rpm 9", 3, "pitch"),
        ("industry a\nmachine m cycle 9\nbearing 9 8 40 rpm 9\nbearing 9 8 40 rpm 9", 4, "already"),
        ("industry a\nmachine m cycle 9\nmachine b cycle 9\n=m power kW 0 1 0.5 0 load", 4, "a machine has its name"),
        ("industry a\nmachine m cycle 9\n=b power kW 0 1 0.5 0 load\nmachine b cycle 9", 4, "a sensor has its name"),
        ("industry a\nmachine m cycle 9\nx power kW 0 1 0.5 0.1 load step 0", 3, "step"),
        ("industry a\nmachine m cycle 9\nx count p 0 1 0.5 0 total start 2", 3, "start"),
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
