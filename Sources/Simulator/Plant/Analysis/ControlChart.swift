/// A chart of statistical process control for single values: centre, limits, and the rules that tell when the
/// process is not what it was.
package struct ControlChart: Sendable, Equatable {
    /// The rules after Nelson (Journal of Quality Technology 16, 1984), by his numbers. 1, 2 (with 8 in place of 9),
    /// 5 and 6 are those of Western Electric.
    package enum Rule: Int, Sendable, CaseIterable {
        /// One value beyond three sigma.
        case beyondLimits = 1
        /// Nine in a row on one side of the centre.
        case oneSide = 2
        /// Six in a row rise or fall.
        case trend = 3
        /// Fourteen in a row go up and down by turns.
        case alternation = 4
        /// Two of three beyond two sigma on one side.
        case twoOfThree = 5
        /// Four of five beyond one sigma on one side.
        case fourOfFive = 6
        /// Fifteen in a row within one sigma.
        case tooQuiet = 7
        /// Eight in a row beyond one sigma, on either side.
        case mixture = 8
    }

    /// Where a rule begins to hold.
    package struct Violation: Sendable, Equatable {
        /// The place of the value that completes the pattern.
        package let index: Int
        package let rule: Rule
    }

    /// The rules that together give fewer than one false alarm in a hundred values.
    package static let usualRules: Set<Rule> = [.beyondLimits, .oneSide, .twoOfThree]

    package let centre: Double
    package let sigma: Double
    /// Centre + 3 sigma.
    package var upperLimit: Double { centre + 3 * sigma }
    /// Centre − 3 sigma.
    package var lowerLimit: Double { centre - 3 * sigma }

    /// A chart with known limits; sigma must be above 0.
    package init?(centre: Double, sigma: Double) {
        guard centre.isFinite, sigma.isFinite, sigma > 0 else { return nil }
        self.centre = centre
        self.sigma = sigma
    }

    /// A chart that takes its limits from values of a time when all was well: their mean and standard deviation.
    ///
    /// Nil with fewer than 20 values or when they stand still. The rules assume that each value knows nothing of the
    /// one before: take values `spacing(of:)` samples apart.
    package init?(baseline: [Double]) {
        guard baseline.count >= 20 else { return nil }
        self.init(centre: Series.mean(baseline), sigma: Series.deviation(baseline))
    }

    /// How many samples apart the values of a series must be for one to know next to nothing of the other: where its
    /// autocorrelation falls below a fifth. Nil when it never does.
    package static func spacing(of series: [Double]) -> Int? {
        (1..<max(1, series.count / 4)).first { lag in
            Series.correlation(series.dropLast(lag), series.dropFirst(lag)) < 0.2
        }
    }

    /// Where rules begin to hold, in the order of the values. A pattern that goes on is told once.
    package func violations(in values: [Double], rules: Set<Rule> = usualRules) -> [Violation] {
        let scores = values.map { ($0 - centre) / sigma }
        let ordered = rules.sorted { $0.rawValue < $1.rawValue }
        var held: Set<Rule> = []
        var violations: [Violation] = []
        for index in scores.indices {
            for rule in ordered {
                if rule.holds(scores, at: index) {
                    if held.insert(rule).inserted { violations.append(Violation(index: index, rule: rule)) }
                } else {
                    held.remove(rule)
                }
            }
        }
        return violations
    }
}

extension ControlChart.Rule {
    /// The number of values that the rule looks at.
    package var length: Int {
        switch self {
        case .beyondLimits: 1
        case .oneSide: 9
        case .trend: 6
        case .alternation: 14
        case .twoOfThree: 3
        case .fourOfFive: 5
        case .tooQuiet: 15
        case .mixture: 8
        }
    }

    /// Whether the values that end at `index` make the pattern; in sigmas from the centre.
    fileprivate func holds(_ scores: [Double], at index: Int) -> Bool {
        guard index + 1 >= length else { return false }
        let window = scores[(index + 1 - length)...index]
        var steps: [Double] { zip(window.dropFirst(), window).map { $0 - $1 } }
        switch self {
        case .beyondLimits: return abs(scores[index]) > 3
        case .oneSide: return window.allSatisfy { $0 > 0 } || window.allSatisfy { $0 < 0 }
        case .trend:
            let steps = steps
            return steps.allSatisfy { $0 > 0 } || steps.allSatisfy { $0 < 0 }
        case .alternation:
            let steps = steps
            return zip(steps, steps.dropFirst()).allSatisfy { $0 * $1 < 0 }
        case .twoOfThree: return isBeyond(2, in: window, atLeast: 2)
        case .fourOfFive: return isBeyond(1, in: window, atLeast: 4)
        case .tooQuiet: return window.allSatisfy { abs($0) < 1 }
        case .mixture: return window.allSatisfy { abs($0) > 1 }
        }
    }

    /// Whether enough values lie beyond a number of sigmas on one side, the last one among them.
    private func isBeyond(_ sigmas: Double, in window: ArraySlice<Double>, atLeast least: Int) -> Bool {
        guard let last = window.last, abs(last) > sigmas else { return false }
        return window.filter { last > 0 ? $0 > sigmas : $0 < -sigmas }.count >= least
    }
}
