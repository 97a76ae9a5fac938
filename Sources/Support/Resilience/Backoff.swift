/// Exponential backoff with full jitter: how long to wait before the next attempt.
///
/// After the n-th failure in a row the wait is a random share of `min(maximum, initial × multiplier^(n-1))`,
/// so that many clients that failed together do not come back together. Randomness is an argument.
package struct Backoff: Equatable, Sendable {
    /// The bound of the first wait.
    package let initial: Duration
    /// The bound of every wait.
    package let maximum: Duration
    /// Growth of the bound from failure to failure, at least 1.
    package let multiplier: Double
    /// Failures since the last success.
    package private(set) var failures = 0
    private var bound: Duration

    /// Bounds below zero count as zero, an initial bound above the maximum as the maximum.
    package init(initial: Duration = .seconds(1), maximum: Duration = .seconds(60), multiplier: Double = 2) {
        self.maximum = max(maximum, .zero)
        self.initial = min(max(initial, .zero), self.maximum)
        self.multiplier = multiplier.isFinite ? max(multiplier, 1) : 1
        bound = self.initial
    }

    /// Counts a failure and returns the wait before the next attempt; `random` is uniform in 0..<1.
    package mutating func failed(random: Double) -> Duration {
        let wait = bound * min(max(random, 0), 1)
        failures += 1
        // Compared before multiplying, so that the product cannot leave the range of Duration.
        bound = bound >= maximum / multiplier ? maximum : bound * multiplier
        return wait
    }

    /// Starts over after a success.
    package mutating func succeeded() {
        failures = 0
        bound = initial
    }
}
