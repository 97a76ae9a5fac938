/// How a sensor behaves while all is well: its range, and what its next value is expected to be after the latest
/// ones.
///
/// Readings that follow each other closely are alike, which the rules of a control chart do not allow for: on the
/// readings themselves every sensor that wanders alarms all the time. So the chart judges what a reading has that its
/// past did not foretell (the special-cause chart of Alwan and Roberts, J. Business & Economic Statistics 6, 1988),
/// and takes its limits from days on which nothing went wrong.
package struct HealthyModel: Sendable, Equatable {
    /// What was expected of a value, and the standard deviation of what comes against that.
    package struct Expectation: Sendable, Equatable {
        package let value: Double
        package let sigma: Double
    }

    /// Values that a model is fitted to, in pieces of so many, spread over the days.
    private static let fitMax = 28_800
    private static let pieceLength = 225

    /// Mean, standard deviation and limits of the values on the healthy days.
    package let mean: Double
    package let deviation: Double
    package let lowest: Double
    package let highest: Double
    /// The number of healthy values that were looked at.
    package let count: Int
    /// The share of healthy values at which a rule begins to hold.
    package let alarmShare: Double
    private let forecast: Forecast

    /// A model of healthy days: each the values of one sensor at equal distances. Nil when they stand still or there
    /// are fewer than 1024 to a day.
    package init?(days: [[Double]]) {
        guard let lowest = days.compactMap({ $0.min() }).min(), let highest = days.compactMap({ $0.max() }).max(),
            lowest < highest, days.allSatisfy({ $0.count >= 4 * Forecast.memory })
        else { return nil }
        count = days.reduce(0) { $0 + $1.count }
        var sum = 0.0
        var squares = 0.0
        for value in days.joined() {
            sum += value - lowest
            squares += (value - lowest) * (value - lowest)
        }
        let mean = lowest + sum / Double(count)
        self.mean = mean
        self.lowest = lowest
        self.highest = highest
        deviation = max(0, squares / Double(count) - (sum / Double(count)) * (sum / Double(count))).squareRoot()

        let pasts = days.map { Forecast.Past($0, mean: mean) }
        let pieces = Self.pieces(of: days)
        var fit = ForecastFit()
        for (day, places) in pieces { for place in places { fit.add(pasts[day], at: place) } }
        let plain = Forecast(mean: mean, weights: fit.solved())
        let scores = pieces.map { day, places in
            places.map { place in
                let expected = plain.expectation(pasts[day], at: place)
                return (days[day][place] - expected.value) / expected.sigma
            }
        }
        // Where errors have long tails, three sigmas are made as wide as those of a bell: 27 of 10,000 lie beyond.
        let sizes = scores.joined().map(abs).sorted()
        let widening = max(1, sizes[Int(Double(sizes.count - 1) * 0.9973)] / 3)
        forecast = Forecast(
            mean: mean,
            weights: plain.weights.map { Forecast.Weights(weights: $0.weights, sigma: $0.sigma * widening) })
        let alarms = scores.reduce(0) { $0 + ControlChart.violations(in: $1.map { $0 / widening }).count }
        alarmShare = Double(alarms) / Double(max(1, sizes.count))
    }

    /// Places in the days, a piece here and a piece there so that no hour and no part of a cycle is left out.
    private static func pieces(of days: [[Double]]) -> [(day: Int, places: Range<Int>)] {
        let perDay = max(1, fitMax / pieceLength / max(1, days.count))
        return days.indices.flatMap { day -> [(Int, Range<Int>)] in
            let room = days[day].count - Forecast.memory
            guard room > perDay * pieceLength else {
                return [(day, Forecast.memory..<days[day].count)]
            }
            let distance = Double(room) / Double(perDay)
            return (0..<perDay).map { number in
                // Steps of the golden ratio never fall into step with a cycle.
                let turns = Double(number) * 0.618_034
                let shift = (turns - turns.rounded(.down)) * (distance - Double(pieceLength))
                let start = Forecast.memory + Int(Double(number) * distance + shift)
                return (day, start..<min(start + pieceLength, days[day].count))
            }
        }
    }

    /// The standard deviation of what comes against what was expected, once the past is known.
    package var forecastDeviation: Double { forecast.weights.last?.sigma ?? deviation }

    /// What a healthy day can show: three sigmas more than the lowest and the highest of the values looked at.
    package var healthyRange: ClosedRange<Double> { lowest - 3 * forecastDeviation...highest + 3 * forecastDeviation }

    /// What was expected of each value of a run from those before it; of the first one, that it is near the mean.
    package func expectations(of run: [Double]) -> [Expectation] {
        let past = Forecast.Past(run, mean: mean)
        return run.indices.map { place in
            let expected = forecast.expectation(past, at: place)
            return Expectation(value: expected.value, sigma: expected.sigma)
        }
    }
}
