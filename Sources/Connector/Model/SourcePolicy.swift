/// What becomes of a source's records when its lane has no room (`drop_policy`).
package enum DropPolicy: String, Hashable, Sendable, CaseIterable {
    /// The source is asked to pause; nothing is given up.
    case suspend
    /// The oldest records make room for new ones.
    case dropOldest = "drop_oldest"
    /// New records are given up while there is no room.
    case dropNewest = "drop_newest"
    /// As ``dropNewest``, and protocols that can refuse a message say so.
    case reject
}

/// How many records of a source a lane takes per second (`rate_limit`).
package struct RateLimit: Hashable, Sendable {
    package var recordsPerSecond: Int
    /// Records that may come at once after a pause.
    package var burst: Int

    package init(recordsPerSecond: Int, burst: Int) {
        self.recordsPerSecond = max(1, recordsPerSecond)
        self.burst = max(1, burst)
    }
}

/// How a lane treats one source.
package struct SourcePolicy: Hashable, Sendable {
    package var drop: DropPolicy
    package var rateLimit: RateLimit?

    package init(drop: DropPolicy = .suspend, rateLimit: RateLimit? = nil) {
        self.drop = drop
        self.rateLimit = rateLimit
    }
}
