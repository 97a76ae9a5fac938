/// What the next value of a series will be, judged by the ones before it: linear in the last eight values and in the
/// means of longer and longer spans before them, up to 256 values back.
///
/// The spans make few numbers reach far (the heterogeneous autoregression of Corsi, J. Financial Econometrics 7,
/// 2009). While less of the past is known, what is known counts: there is a set of weights for each number of spans.
struct Forecast: Sendable, Equatable {
    struct Weights: Sendable, Equatable {
        let weights: [Double]
        /// The standard deviation of what comes against what is expected.
        let sigma: Double
    }

    /// The spans of past values that are looked at; 1 is the latest value.
    static let spans: [ClosedRange<Int>] = (1...8).map { $0...$0 } + [9...16, 17...32, 33...64, 65...128, 129...256]
    /// How many values back a forecast looks.
    static let memory = 256

    let mean: Double
    /// By the number of spans that are known, from none to all.
    let weights: [Weights]

    /// What is expected of the value at a place from those before it, and how exactly.
    func expectation(_ past: Past, at place: Int) -> (value: Double, sigma: Double) {
        let known = Self.spans.firstIndex { $0.upperBound > place } ?? Self.spans.count
        let chosen = weights[min(known, weights.count - 1)]
        var value = mean
        for (number, weight) in chosen.weights.enumerated() {
            value += weight * past.mean(of: Self.spans[number], before: place)
        }
        return (value, chosen.sigma)
    }

    /// A series about its mean, of which the mean of any span is known at once.
    struct Past {
        private let sums: [Double]

        init(_ values: [Double], mean: Double) {
            var sums = [0.0]
            sums.reserveCapacity(values.count + 1)
            var sum = 0.0
            for value in values {
                sum += value - mean
                sums.append(sum)
            }
            self.sums = sums
        }

        func value(at place: Int) -> Double { sums[place + 1] - sums[place] }

        func mean(of span: ClosedRange<Int>, before place: Int) -> Double {
            let sum = sums[place - span.lowerBound + 1] - sums[place - span.upperBound]
            return span.count == 1 ? sum : sum / Double(span.count)
        }
    }
}

/// The sums from which least squares find the weights of a forecast.
struct ForecastFit {
    private let count = Forecast.spans.count
    /// The products of all means with each other, row by row; only the lower half is filled.
    private var products: [Double]
    private var withValue: [Double]
    private var squares = 0.0
    private var number = 0.0
    private var row: [Double]

    init() {
        products = Array(repeating: 0, count: count * count)
        withValue = Array(repeating: 0, count: count)
        row = withValue
    }

    /// Takes in the value at a place that has `Forecast.memory` values before it.
    mutating func add(_ past: Forecast.Past, at place: Int) {
        let value = past.value(at: place)
        for index in 0..<count {
            let mean = past.mean(of: Forecast.spans[index], before: place)
            row[index] = mean
            withValue[index] += mean * value
            for other in 0...index { products[index * count + other] += mean * row[other] }
        }
        squares += value * value
        number += 1
    }

    /// Weights for each number of spans from none to all; fewer where a span tells nothing new.
    ///
    /// By Cholesky's factors, whose first rows solve the smaller problems too.
    func solved() -> [Forecast.Weights] {
        var solutions = [Forecast.Weights(weights: [], sigma: (squares / number).squareRoot())]
        var factor = Array(repeating: 0.0, count: count * count)
        var known: [Double] = []
        var left = squares
        let ridge = products[0] * 1e-9
        for row in 0..<count {
            for column in 0...row {
                var sum = products[row * count + column] + (row == column ? ridge : 0)
                for other in 0..<column { sum -= factor[row * count + other] * factor[column * count + other] }
                if row == column {
                    guard sum > 0 else { return solutions }
                    factor[row * count + row] = sum.squareRoot()
                } else {
                    factor[row * count + column] = sum / factor[column * count + column]
                }
            }
            var sum = withValue[row]
            for other in 0..<row { sum -= factor[row * count + other] * known[other] }
            known.append(sum / factor[row * count + row])
            left -= known[row] * known[row]
            guard left > 0 else { return solutions }
            solutions.append(
                Forecast.Weights(weights: back(factor, known), sigma: (left / number).squareRoot()))
        }
        return solutions
    }

    private func back(_ factor: [Double], _ known: [Double]) -> [Double] {
        var weights = known
        for row in known.indices.reversed() {
            for below in (row + 1)..<max(row + 1, known.count) {
                weights[row] -= factor[below * count + row] * weights[below]
            }
            weights[row] /= factor[row * count + row]
        }
        return weights
    }
}
