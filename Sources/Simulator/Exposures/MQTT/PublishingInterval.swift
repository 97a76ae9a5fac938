import SimulatorPlant

/// Which ticks are published when not all of them are: the first at or after each due moment.
///
/// Due moments are counted from the first tick, so that a late one does not delay those after it.
struct PublishingInterval: Sendable {
    /// Microseconds; 0 publishes each tick.
    private let interval: Int64
    private var due: Int64?

    init(milliseconds: Int?) { interval = Int64(milliseconds ?? 0) * 1000 }

    /// A tick came: whether it is published.
    mutating func isDue(_ tick: Tick) -> Bool {
        guard interval > 0, let due else {
            self.due = tick.timestamp &+ interval
            return true
        }
        guard tick.timestamp >= due else { return false }
        self.due = due &+ (1 &+ (tick.timestamp &- due) / interval) &* interval
        return true
    }
}
