/// Statistics of a series of values, as a process engineer computes them.
package enum Series {
    package static func mean(_ values: some Collection<Double>) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    /// The standard deviation of the whole series (divided by n); 0 for none.
    package static func deviation(_ values: some Collection<Double>) -> Double {
        let mean = mean(values)
        let sum = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return values.isEmpty ? 0 : (sum / Double(values.count)).squareRoot()
    }

    /// Pearson's r of two series of the same length; 0 when one of them stands still.
    package static func correlation(_ first: some Collection<Double>, _ second: some Collection<Double>) -> Double {
        let (meanFirst, meanSecond) = (mean(first), mean(second))
        var covariance = 0.0
        var squareFirst = 0.0
        var squareSecond = 0.0
        for (a, b) in zip(first, second) {
            covariance += (a - meanFirst) * (b - meanSecond)
            squareFirst += (a - meanFirst) * (a - meanFirst)
            squareSecond += (b - meanSecond) * (b - meanSecond)
        }
        let size = (squareFirst * squareSecond).squareRoot()
        return size > 0 ? covariance / size : 0
    }

    /// The time constant, in seconds, of the first-order lag with which `follower` follows `driver` best.
    ///
    /// Both are sampled every `step` seconds. Looks between a fifth and five times `guess`; the first fifth of the
    /// series is the filter's own start and does not count.
    /// - Returns: the time constant and the correlation that it reaches.
    package static func timeConstant(
        of follower: [Double], behind driver: [Double], step: Double, guess: Double
    ) -> (seconds: Double, correlation: Double) {
        let skipped = driver.count / 5
        func fit(_ seconds: Double) -> Double {
            let keep = Arithmetic.decay(step / seconds)
            var state = driver.first ?? 0
            let filtered = driver.map { value in
                state = value + (state - value) * keep
                return state
            }
            return abs(correlation(filtered[skipped...], follower.dropFirst(skipped)))
        }
        // The correlation has one summit: narrow down in thirds, on a scale of ratios.
        var low = guess / 5
        var high = guess * 5
        for _ in 0..<12 {
            let third = cubeRoot(high / low)
            if fit(low * third) < fit(high / third) { low *= third } else { high /= third }
        }
        let best = (low * high).squareRoot()
        return (best, fit(best))
    }

    /// The cube root of a number from 1 to 25 by Newton's steps.
    private static func cubeRoot(_ value: Double) -> Double {
        var root = 1 + (value - 1) / 8
        for _ in 0..<30 { root -= (root * root * root - value) / (3 * root * root) }
        return root
    }
}
