/// A control chart: the values of a sensor against what was expected of them, and the rules that tell when the
/// process is not what it was.
package struct ControlChart: Sendable, Equatable {
    /// The rules after Nelson (Journal of Quality Technology 16, 1984), by his numbers. 1, 2 (with 8 in place of 9),
    /// 5 and 6 are those of Western Electric. Rule 0 is ours.
    package enum Rule: Int, Sendable, CaseIterable {
        /// A value that no healthy day shows.
        case strange = 0
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
    package static let usualRules: Set<Rule> = [.strange, .beyondLimits, .oneSide, .twoOfThree]

    /// What was expected of each value.
    package let expectations: [HealthyModel.Expectation]
    /// In the order of the values; a pattern that goes on is told once.
    package let violations: [Violation]

    /// Judges values by what is healthy. `isFirst` tells of a place whether its value does not follow the one before,
    /// as after a dropout: nothing is expected across that, and no pattern reaches over it.
    package init(_ model: HealthyModel, values: [Double], rules: Set<Rule> = usualRules, isFirst: (Int) -> Bool) {
        var expectations: [HealthyModel.Expectation] = []
        var violations: [Violation] = []
        var start = 0
        while start < values.count {
            var end = start + 1
            while end < values.count, !isFirst(end) { end += 1 }
            let run = Array(values[start..<end])
            let expected = model.expectations(of: run)
            let scores = zip(run, expected).map { ($0 - $1.value) / $1.sigma }
            let range = model.healthyRange
            violations += Self.violations(in: scores, rules: rules) { !range.contains(run[$0]) }
                .map { Violation(index: start + $0.index, rule: $0.rule) }
            expectations += expected
            start = end
        }
        self.expectations = expectations
        self.violations = violations
    }

    /// Where rules begin to hold, for values in sigmas from where they were expected.
    package static func violations(
        in scores: [Double], rules: Set<Rule> = usualRules, isStrange: (Int) -> Bool = { _ in false }
    ) -> [Violation] {
        let ordered = rules.sorted { $0.rawValue < $1.rawValue }
        var held = Array(repeating: false, count: ordered.count)
        var violations: [Violation] = []
        for index in scores.indices {
            for (number, rule) in ordered.enumerated() {
                let holds = rule == .strange ? isStrange(index) : rule.holds(scores, at: index)
                if holds, !held[number] { violations.append(Violation(index: index, rule: rule)) }
                held[number] = holds
            }
        }
        return violations
    }
}

extension ControlChart.Rule {
    /// The number of values that the rule looks at.
    package var length: Int {
        switch self {
        case .strange, .beyondLimits: 1
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
        // What is strange cannot be seen from the score.
        case .strange: return false
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
