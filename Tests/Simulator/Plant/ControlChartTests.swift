import Testing

@testable import SimulatorPlant

@Suite struct ControlChartTests {
    /// The places where one rule begins to hold, for scores in sigmas.
    private func places(_ rule: ControlChart.Rule, _ scores: [Double]) -> [Int] {
        ControlChart.violations(in: scores, rules: [rule]).map(\.index)
    }

    @Test func everyRuleHoldsWhereItShould() {
        #expect(places(.beyondLimits, [0, 3.1, 3.2, 0, -3.1]) == [1, 4])
        #expect(places(.beyondLimits, [2.9, -2.9]) == [])
        #expect(places(.oneSide, Array(repeating: 0.1, count: 12)) == [8])
        #expect(places(.oneSide, Array(repeating: -0.1, count: 8) + [0.1]) == [])
        #expect(places(.trend, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]) == [5])
        #expect(places(.trend, [0, 0.1, 0.2, 0.2, 0.3, 0.4]) == [])
        #expect(places(.alternation, (0..<14).map { $0 % 2 == 0 ? 0.5 : -0.5 }) == [13])
        #expect(places(.twoOfThree, [2.1, 0, 2.1, 0, -2.1, 2.1]) == [2])
        #expect(places(.fourOfFive, [1.1, 1.2, 0, 1.1, 1.3]) == [4])
        #expect(places(.fourOfFive, [1.1, 1.2, 0, 0, 1.3]) == [])
        #expect(places(.tooQuiet, (0..<15).map { _ in 0.5 }) == [14])
        #expect(places(.mixture, [1.1, -1.2, 1.1, -1.3, 1.1, 1.2, -1.1, 1.5]) == [7])
        for rule in ControlChart.Rule.allCases {
            #expect(places(rule, Array(repeating: 0, count: rule.length - 1)) == [])
        }
        let strange = ControlChart.violations(in: [0, 0, 0, 0], rules: [.strange]) { $0 == 1 || $0 == 2 }
        #expect(strange == [ControlChart.Violation(index: 1, rule: .strange)])
    }

    /// White noise, and a series that wanders: of both the errors are as wide as they are made.
    @Test func aForecastFindsWhatThePastTells() throws {
        let stream = Randomness(seed: 4, name: "forecast", purpose: 1)
        let white = (0..<20_000).map { 50 + 2 * stream.noise(at: UInt64($0)) }
        let plain = try #require(HealthyModel(days: [white]))
        #expect(abs(plain.mean - 50) < 0.1 && abs(plain.deviation - 2) < 0.05)
        #expect(abs(plain.forecastDeviation - 2) < 0.1)
        #expect(plain.alarmShare < 0.01)

        var wander = 0.0
        let pace = Wander.Pace(timeConstant: 200, step: 1)
        let wandering = (0..<40_000).map { index in
            wander = pace.next(after: wander, noise: stream.noise(at: UInt64(100_000 + index)))
            return wander
        }
        let model = try #require(HealthyModel(days: [Array(wandering[..<20_000])]))
        #expect(abs(model.forecastDeviation - pace.renew) < 0.01, "\(model.forecastDeviation), not \(pace.renew)")
        let rest = Array(wandering[20_000...])
        let chart = ControlChart(model, values: rest) { _ in false }
        #expect(chart.violations.count <= 200, "\(chart.violations.count) false alarms in 20000 values")
        #expect(chart.expectations.count == rest.count && chart.expectations[0].value == model.mean)
        #expect(abs(chart.expectations[1000].value - rest[999]) < 0.1)
    }

    @Test func daysThatTellNothingHaveNoModel() {
        #expect(HealthyModel(days: []) == nil)
        #expect(HealthyModel(days: [Array(repeating: 1, count: 5000)]) == nil)
        #expect(HealthyModel(days: [(0..<1023).map { Double($0 % 7) }]) == nil)
        // A series without any noise: each span tells all.
        #expect(HealthyModel(days: [(0..<5000).map { Double($0 % 2) }])?.forecastDeviation ?? 1 < 0.01)
    }

    /// After a gap nothing is expected but the mean, and no pattern reaches over it.
    @Test func aGapBeginsAnew() throws {
        let stream = Randomness(seed: 5, name: "gap", purpose: 1)
        let model = try #require(HealthyModel(days: [(0..<5000).map { stream.noise(at: UInt64($0)) }]))
        let values = Array(repeating: model.mean + 1, count: 12)
        let whole = ControlChart(model, values: values, rules: [.oneSide]) { _ in false }
        #expect(whole.violations.map(\.index) == [8])
        let parted = ControlChart(model, values: values, rules: [.oneSide]) { $0 == 6 }
        #expect(parted.violations.isEmpty)
        #expect(parted.expectations[6] == parted.expectations[0] && parted.expectations.count == 12)
        #expect(ControlChart(model, values: []) { _ in false }.expectations.isEmpty)
        let far = ControlChart(model, values: [99, 99], rules: [.strange]) { _ in false }
        #expect(far.violations.map(\.index) == [0])
    }

    /// The twin with the plant's own number is the plant; another one is as healthy and has other values.
    @Test func aTwinIsThePlant() throws {
        var plant = try Plant(catalogue: .builtIn(), settings: PlantSettings(seed: 9, size: .copies(2)), start: 0)
        let places = Array(stride(from: 3, to: plant.sensors.count, by: 41))
        var twins = places.map { plant.twin(of: $0, number: 0, step: plant.step) }
        var others = places.map { plant.twin(of: $0, number: 1, step: plant.step) }
        var same = 0
        for tick in 1...50 {
            plant.advance(to: UInt64(tick))
            for (index, place) in places.enumerated() {
                let value = plant.tick.values[place]
                #expect(twins[index].next() == value, "\(plant.sensors[place].path) at \(tick)")
                if others[index].next() == value { same += 1 }
            }
        }
        #expect(same < places.count * 50 / 4)
    }
}
