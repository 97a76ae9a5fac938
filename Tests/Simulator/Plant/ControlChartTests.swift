import Testing

@testable import SimulatorPlant

@Suite struct ControlChartTests {
    private func chart() throws -> ControlChart { try #require(ControlChart(centre: 10, sigma: 2)) }

    /// The places where one rule begins to hold, for scores in sigmas.
    private func places(_ rule: ControlChart.Rule, _ scores: [Double]) throws -> [Int] {
        try chart().violations(in: scores.map { 10 + 2 * $0 }, rules: [rule]).map(\.index)
    }

    @Test func everyRuleHoldsWhereItShould() throws {
        #expect(try places(.beyondLimits, [0, 3.1, 3.2, 0, -3.1]) == [1, 4])
        #expect(try places(.beyondLimits, [2.9, -2.9]) == [])
        #expect(try places(.oneSide, Array(repeating: 0.1, count: 12)) == [8])
        #expect(try places(.oneSide, Array(repeating: -0.1, count: 8) + [0.1]) == [])
        #expect(try places(.trend, [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]) == [5])
        #expect(try places(.trend, [0, 0.1, 0.2, 0.2, 0.3, 0.4]) == [])
        #expect(try places(.alternation, (0..<14).map { $0 % 2 == 0 ? 0.5 : -0.5 }) == [13])
        #expect(try places(.twoOfThree, [2.1, 0, 2.1, 0, -2.1, 2.1]) == [2])
        #expect(try places(.fourOfFive, [1.1, 1.2, 0, 1.1, 1.3]) == [4])
        #expect(try places(.fourOfFive, [1.1, 1.2, 0, 0, 1.3]) == [])
        #expect(try places(.tooQuiet, (0..<15).map { _ in 0.5 }) == [14])
        #expect(try places(.mixture, [1.1, -1.2, 1.1, -1.3, 1.1, 1.2, -1.1, 1.5]) == [7])
        for rule in ControlChart.Rule.allCases {
            #expect(try places(rule, Array(repeating: 0, count: rule.length - 1)) == [])
        }
    }

    @Test func aChartTakesItsLimitsFromGoodTimes() throws {
        let chart = try #require(ControlChart(baseline: (0..<100).map { $0 % 2 == 0 ? 8 : 12 }))
        #expect(chart.centre == 10 && chart.sigma == 2 && chart.upperLimit == 16 && chart.lowerLimit == 4)
        #expect(ControlChart(baseline: Array(repeating: 1, count: 19)) == nil)
        #expect(ControlChart(baseline: Array(repeating: 1, count: 100)) == nil)
        #expect(ControlChart(centre: .nan, sigma: 1) == nil && ControlChart(centre: 0, sigma: 0) == nil)
    }

    /// A sensor of the plant, one value every twenty minutes: few false alarms, and a shift of 1.5 sigma is found.
    @Test(arguments: ["tablet_weight", "vial_fill_weight", "tablet_thickness"])
    func aPlantedShiftIsFlagged(sensor: String) throws {
        let path = "pharmaceutical/" + sensor
        var plant = try Plant(
            catalogue: .builtIn().only(["pharmaceutical"]),
            settings: PlantSettings(seed: 2, intervalMilliseconds: 1_200_000), start: 0)
        let place = try #require(plant.place(of: path))
        func sample(_ count: UInt64) -> [Double] {
            let from = plant.tick.number
            return (1...count).map { step in
                plant.advance(to: from + step)
                return plant.tick.values[place]
            }
        }
        let baseline = sample(2000)
        let chart = try #require(ControlChart(baseline: baseline))
        let alarms = chart.violations(in: sample(4000)).count
        #expect(alarms <= 40, "\(alarms) false alarms in 4000 values")
        try plant.inject(Fault(.drift, at: path, value: 1.5 * chart.sigma, ramp: 1))
        let found = chart.violations(in: sample(40)).first
        #expect((found?.index ?? 99) < 30, "\(String(describing: found))")
    }

    @Test func valuesThatKnowOfEachOtherAreTakenApart() throws {
        var wander = 0.0
        let stream = Randomness(seed: 4, name: "spacing", purpose: 1)
        let pace = Wander.Pace(timeConstant: 20, step: 1)
        let series = (0..<4000).map { index in
            wander = pace.next(after: wander, noise: stream.noise(at: UInt64(index)))
            return wander
        }
        let spacing = try #require(ControlChart.spacing(of: series))
        #expect((20...50).contains(spacing), "e to the power of -1.6 is a fifth: \(spacing)")
        #expect(ControlChart.spacing(of: [1, 1, 1]) == nil)
    }
}
