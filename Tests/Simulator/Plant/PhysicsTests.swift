import Testing

@testable import SimulatorPlant

/// A simulated day, looked at as a process engineer would.
@Suite struct PhysicsTests {
    /// The values of every sensor over a day, one every ten seconds.
    private static let day = Result { try run(Catalogue.builtIn().only(["mining"]), ticks: 8640, speed: 10) }

    private static func run(
        _ catalogue: Catalogue, ticks: UInt64, speed: Double
    ) throws -> (sensors: [Sensor], values: [[Double]]) {
        var plant = try Plant(catalogue: catalogue, settings: PlantSettings(speed: speed), start: 0)
        var values = [[Double]](repeating: [], count: plant.sensors.count)
        for number in 1...ticks {
            plant.advance(to: number)
            for sensor in values.indices { values[sensor].append(plant.tick.values[sensor]) }
        }
        return (plant.sensors, values)
    }

    private func series(_ name: String) throws -> [Double] {
        let day = try Self.day.get()
        let index = try #require(day.sensors.firstIndex { $0.path == "mining/" + name })
        return day.values[index]
    }

    @Test func everySensorMovesInsideItsRange() throws {
        let day = try Self.day.get()
        #expect(day.sensors.count == 25)
        for (sensor, values) in zip(day.sensors, day.values) where sensor.definition.kind == .measurement {
            let definition = sensor.definition
            let range = definition.minimum...definition.maximum
            #expect(values.allSatisfy { range.contains($0) }, "\(sensor.path)")
            let limits = values.filter { $0 == definition.minimum || $0 == definition.maximum }.count
            #expect(limits * 100 <= values.count, "\(sensor.path): \(limits) values on a limit")
            let spread = deviation(values)
            #expect(spread > definition.noise * 0.9, "\(sensor.path) stands still")
            #expect(spread < (definition.maximum - definition.minimum) / 3, "\(sensor.path) is wild")
            #expect(abs(mean(values) - definition.nominal) < (definition.maximum - definition.minimum) / 4)
        }
    }

    @Test func couplingsHaveTheirSigns() throws {
        #expect(try correlation(series("pump_1_flow"), series("pump_1_motor_current")) > 0.8)
        #expect(try correlation(series("pump_1_flow"), series("pump_1_discharge_pressure")) < -0.7)
        #expect(try correlation(series("vent_fan_1_speed"), series("vent_fan_1_power")) > 0.9)
        #expect(try correlation(series("crusher_1_motor_power"), series("crusher_1_vibration_x")) > 0.5)
        #expect(try correlation(series("crusher_1_motor_power"), series("crusher_1_oil_pressure")) < -0.5)
        #expect(try abs(correlation(series("crusher_1_motor_power"), series("pump_1_flow"))) < 0.8)
    }

    @Test func powerAndCurrentOfAMotorGoTogether() throws {
        let catalogue = try Catalogue(
            parsing: """
                industry mining
                machine mill_1 cycle 30 swing 0.3
                  power power kW 200 800 450 15 load reach 0.8
                  current current A 50 200 120 3 load reach 0.8
                """)
        let (_, values) = try Self.run(catalogue, ticks: 3600, speed: 1)
        #expect(correlation(values[0], values[1]) > 0.8)
    }

    /// The lag at which a first-order filter of the load explains the temperature best is its time constant.
    @Test func temperatureLagsBehindTheLoadByItsTimeConstant() throws {
        for (load, temperature, expected) in [
            ("crusher_1_motor_power", "crusher_1_bearing_temp", 900.0),
            ("conveyor_belt_1_motor_current", "conveyor_belt_1_motor_temp", 600.0),
            ("pump_1_motor_current", "pump_1_bearing_temp", 720.0),
            ("vent_fan_1_power", "vent_fan_1_motor_temp", 480.0),
        ] {
            let driver = try series(load)
            let follower = try series(temperature)
            var best = (correlation: -1.0, seconds: 0.0)
            for seconds in stride(from: 60.0, through: 2400, by: 30) {
                let keep = Arithmetic.decay(10 / seconds)
                var filtered: [Double] = []
                var state = driver[0]
                for value in driver {
                    state = value + (state - value) * keep
                    filtered.append(state)
                }
                // The first two hours are the filter's own start.
                let r = correlation(Array(filtered.dropFirst(720)), Array(follower.dropFirst(720)))
                if r > best.correlation { best = (r, seconds) }
            }
            #expect(best.correlation > 0.9, "\(temperature)")
            #expect(abs(best.seconds - expected) <= expected * 0.2, "\(temperature): \(best.seconds) s")
        }
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

    private func deviation(_ values: [Double]) -> Double {
        let mean = mean(values)
        return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    }

    private func correlation(_ a: [Double], _ b: [Double]) -> Double {
        let (meanA, meanB) = (mean(a), mean(b))
        let covariance = zip(a, b).reduce(0) { $0 + ($1.0 - meanA) * ($1.1 - meanB) } / Double(a.count)
        return covariance / (deviation(a) * deviation(b))
    }
}
