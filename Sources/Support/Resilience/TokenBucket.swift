/// A token bucket: an exact rate limit with bursts.
///
/// Counts in integers (one token is 10^18 units, the attoseconds of a second), so that no rounding gathers over
/// days. `now` is the time on a monotonic clock since any fixed origin; a time before the last one counts as it.
package struct TokenBucket: Equatable, Sendable {
    /// What became of a request for tokens.
    package enum Decision: Equatable, Sendable {
        case taken
        /// Not enough tokens: they will be there after this time.
        case wait(Duration)
    }

    /// Tokens added per second.
    package let ratePerSecond: Int
    /// Tokens that an idle bucket gathers at most.
    package let burst: Int
    private var units: Int128
    private var last: Duration

    private static let unitsPerToken: Int128 = 1_000_000_000_000_000_000

    /// A full bucket; rate and burst below 1 count as 1.
    package init(ratePerSecond: Int, burst: Int, now: Duration) {
        self.ratePerSecond = max(ratePerSecond, 1)
        self.burst = max(burst, 1)
        units = Int128(self.burst) * Self.unitsPerToken
        last = now
    }

    /// Takes `count` tokens if they are there; more than the burst is allowed once the bucket is full, and is then
    /// owed, so that a large batch passes late rather than never.
    package mutating func tokensRequested(_ count: Int, now: Duration) -> Decision {
        refill(now: now)
        let wanted = Int128(max(count, 0)) * Self.unitsPerToken
        let needed = min(wanted, Int128(burst) * Self.unitsPerToken)
        guard units < needed else {
            units -= wanted
            return .taken
        }
        // Rounded up: after exactly this wait the request succeeds.
        let missing = needed - units
        let rate = Int128(ratePerSecond)
        return .wait(Duration(attoseconds: (missing + rate - 1) / rate))
    }

    private mutating func refill(now: Duration) {
        guard now > last else { return }
        let full = Int128(burst) * Self.unitsPerToken
        // A century at the largest rate would not fit 128 bits; what fills the bucket anyway is enough.
        let elapsed = (now - last).attoseconds
        let (gained, overflow) = elapsed.multipliedReportingOverflow(by: Int128(ratePerSecond))
        units = overflow || gained >= full - units ? full : units + gained
        last = now
    }
}
