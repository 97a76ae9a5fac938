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
    package static func correlation(_ first: ArraySlice<Double>, _ second: ArraySlice<Double>) -> Double {
        let count = min(first.count, second.count)
        guard count > 0 else { return 0 }
        // One pass about the first values, which keeps the sums small. Plain loops: a report makes millions of steps.
        let (startFirst, startSecond) = (first.startIndex, second.startIndex)
        let (originFirst, originSecond) = (first[startFirst], second[startSecond])
        var (sumFirst, sumSecond, squareFirst, squareSecond, product) = (0.0, 0.0, 0.0, 0.0, 0.0)
        var index = 0
        while index < count {
            let a = first[startFirst + index] - originFirst
            let b = second[startSecond + index] - originSecond
            sumFirst += a
            sumSecond += b
            squareFirst += a * a
            squareSecond += b * b
            product += a * b
            index += 1
        }
        let n = Double(count)
        let varianceFirst = squareFirst - sumFirst * sumFirst / n
        let varianceSecond = squareSecond - sumSecond * sumSecond / n
        guard varianceFirst > 0, varianceSecond > 0 else { return 0 }
        return (product - sumFirst * sumSecond / n) / (varianceFirst * varianceSecond).squareRoot()
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
            var filtered: [Double] = []
            filtered.reserveCapacity(driver.count)
            for value in driver {
                state = value + (state - value) * keep
                filtered.append(state)
            }
            return abs(correlation(filtered[skipped...], follower[min(skipped, follower.count)...]))
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
