import Testing

@testable import SimulatorPlant

/// A day of the whole catalogue, looked at as a process engineer would.
@Suite struct PlantReportTests {
    @Test func aDayOfEveryIndustryIsBelievable() throws {
        let report = try PlantReport(.builtIn(), seed: 1, hours: 24, step: 60)
        #expect(report.faults == [])
        #expect(report.sensors.count >= 400)
        #expect(report.motors.count >= 25)
        #expect(report.lags.count >= 35)
        #expect(report.lags.allSatisfy { $0.correlation > 0.8 })
        #expect(report.sensors.filter { $0.kind == .count }.count >= 20)
    }

    @Test func whatIsWrongIsNamed() throws {
        func faults(_ sensors: String) throws -> [String] {
            let text = "industry i\nmachine m cycle 60 swing 0.3\n" + sensors
            return try PlantReport(Catalogue(parsing: text), seed: 1, hours: 2, step: 10).faults
        }
        #expect(try faults("still level % 0 100 50 0 load reach 0") == ["i/m_still: does not move"])
        // The two halves of a state are no limits; a counter that cannot go on stands still.
        #expect(try faults("full count p 0 10 1 0 total start 10") == ["i/m_full: does not move"])
        let unrelated = "a power kW 0 10 5 1 load reach 0.01\nb current A 0 10 5 1 load reach 0.01"
        #expect(try faults(unrelated).first?.hasPrefix("i/m: power and current have r ") == true)
    }

    @Test func aLimitAndAFallAreSeen() throws {
        let text = "industry i\nmachine m cycle 60\na level % 0 100 50 1 load\nb count p 0 100 1 0 total"
        let plant = try Plant(catalogue: Catalogue(parsing: text), settings: PlantSettings(), start: 0)
        var level = SensorSummary(plant.sensors[0])
        for value in [50.0, 100, 40, 60] { level.add(value) }
        #expect(level.limitPercent == 25 && level.fault == "1 of 4 samples on a limit")
        #expect(level.mean == 62.5 && level.lowest == 40)
        var count = SensorSummary(plant.sensors[1])
        for value in [50.0, 51, 50] { count.add(value) }
        #expect(count.fault == "a counter that fell 1 times")
        count.add(101)
        #expect(count.fault == "1 samples outside its range")
    }

    @Test func aFirstOrderLagIsFound() {
        let driver = (0..<2000).map { Arithmetic.sine(turns: Double($0 % 137) / 137) + Double($0 / 200 % 3) }
        var state = 0.0
        let follower = driver.map { value in
            state = value + (state - value) * Arithmetic.decay(10 / 300.0)
            return state
        }
        let found = Series.timeConstant(of: follower, behind: driver, step: 10, guess: 420)
        #expect(abs(found.seconds - 300) < 10)
        #expect(found.correlation > 0.999)
    }
}
