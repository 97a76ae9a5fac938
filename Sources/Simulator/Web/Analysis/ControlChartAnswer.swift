import SimulatorPlant

/// The JSON body of a control chart: the latest values against what was expected of them.
struct ControlChartAnswer: Encodable {
    /// What the limits come from.
    struct Healthy: Encodable, Equatable {
        let mean: Double
        let sigma: Double
        let min: Double
        let max: Double
        let values: Int
    }

    struct Violation: Encodable, Equatable {
        let timestamp: Int64
        let value: Double
        let expected: Double
        /// Nelson's number; 0 for a value that no healthy day shows.
        let rule: Int
        let title: String
    }

    let path: String
    let unit: String
    /// Seconds of plant time from value to value.
    let interval: Double
    /// `charted`, or `not_charted` with the `reason`: then there are values but no violations.
    let state: String
    let reason: String?
    /// Left out for a sensor that stands still.
    let healthy: Healthy?
    let timestamps: [Int64]
    let values: [Double]
    /// What was expected of each value from those before it, and the standard deviation of what comes against that:
    /// the limits lie three of these above and below.
    let expected: [Double]
    let sigmas: [Double]
    let violations: [Violation]

    enum CodingKeys: String, CodingKey {
        case path, unit, state, reason, healthy, timestamps, values, expected, sigmas, violations
        case interval = "interval_s"
    }

    /// Judges `samples`, of which the last `limit` are shown. `every` is the number of ticks from value to value.
    init(
        _ sensor: Sensor, _ model: HealthyModel?, samples: [HistoryBook.Sample], every: UInt64, interval: Double,
        limit: Int
    ) {
        let samples = samples.filter { $0.quality == .good && $0.tick % every == 0 }
        let hidden = max(0, samples.count - limit)
        path = sensor.path
        unit = sensor.definition.unit
        self.interval = interval
        reason = Self.reason(sensor, model)
        state = reason == nil ? "charted" : "not_charted"
        healthy = model.map {
            Healthy(mean: $0.mean, sigma: $0.deviation, min: $0.lowest, max: $0.highest, values: $0.count)
        }
        timestamps = samples[hidden...].map(\.timestamp)
        values = samples[hidden...].map(\.value)
        guard let model else {
            (expected, sigmas, violations) = ([], [], [])
            return
        }
        let chart = ControlChart(model, values: samples.map(\.value)) {
            samples[$0].tick != samples[$0 - 1].tick + every
        }
        expected = chart.expectations[hidden...].map { Self.short($0.value, model) }
        sigmas = chart.expectations[hidden...].map { Self.short($0.sigma, model) }
        let found = reason == nil ? chart.violations.filter { $0.index >= hidden } : []
        violations = found.sorted { ($0.index, $0.rule.rawValue) < ($1.index, $1.rule.rawValue) }.map {
            Violation(
                timestamp: samples[$0.index].timestamp, value: samples[$0.index].value,
                expected: Self.short(chart.expectations[$0.index].value, model), rule: $0.rule.rawValue,
                title: $0.rule.title)
        }
    }

    /// The share of healthy values with an alarm from which on a chart would only cry wolf.
    static let alarmShareMax = 0.0085

    /// Why a sensor is not judged; nil when it is.
    private static func reason(_ sensor: Sensor, _ model: HealthyModel?) -> String? {
        guard let model else {
            return "\(sensor.path) stands still while all is well: a control chart needs values that vary"
        }
        if sensor.definition.response.driver == .sun {
            return "\(sensor.path) follows sun and clouds: the weather is in no statistical control"
        }
        if model.alarmShare > alarmShareMax {
            let percent = (model.alarmShare * 1000).rounded() / 10
            return
                "\(sensor.path) moves in ways that its past does not foretell: \(percent) % of its values would alarm while "
                + "all is well, so it is not in statistical control by nature"
        }
        return nil
    }

    /// A number with as many digits as matter beside the spread of the errors.
    private static func short(_ value: Double, _ model: HealthyModel) -> Double {
        var steps = 1.0
        while 1 / steps > model.forecastDeviation / 200, steps < 1e12 { steps *= 10 }
        return (value * steps).rounded() / steps
    }
}

extension ControlChart.Rule {
    /// The rule in words.
    var title: String {
        switch self {
        case .strange: "a value that no healthy day shows"
        case .beyondLimits: "a value beyond 3 σ"
        case .oneSide: "nine in a row on one side of the centre"
        case .trend: "six in a row rise or fall"
        case .alternation: "fourteen in a row go up and down by turns"
        case .twoOfThree: "two of three beyond 2 σ on one side"
        case .fourOfFive: "four of five beyond 1 σ on one side"
        case .tooQuiet: "fifteen in a row within 1 σ"
        case .mixture: "eight in a row beyond 1 σ on either side"
        }
    }
}
