import ConnectorModel

/// Keeps a source to its rate: the generic cell rate algorithm (ITU-T I.371), exact over any time.
///
/// A batch that came is counted whole, even beyond the limit; the source then waits until that is paid back.
struct RateMeter: Equatable {
    private let limit: RateLimit
    /// When everything that came would have come at the exact rate.
    private var paidUntil: Duration

    init(_ limit: RateLimit, now: Duration) {
        self.limit = limit
        paidUntil = now - Self.time(limit.burst, limit)
    }

    /// From when on more may come; nil when it may now.
    func waitUntil(now: Duration) -> Duration? { paidUntil > now ? paidUntil : nil }

    mutating func took(_ records: Int, now: Duration) {
        paidUntil = max(paidUntil, now - Self.time(limit.burst, limit)) + Self.time(records, limit)
    }

    private static func time(_ records: Int, _ limit: RateLimit) -> Duration {
        Duration(
            attoseconds: Int128(records) * 1_000_000_000_000_000_000 / Int128(limit.recordsPerSecond))
    }
}
