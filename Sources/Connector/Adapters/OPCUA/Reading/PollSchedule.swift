/// When a poll is due: at its start and every interval after it, whatever the polls themselves take.
struct PollSchedule: Hashable {
    let start: ContinuousClock.Instant
    let interval: Duration
    private var next: ContinuousClock.Instant

    init(start: ContinuousClock.Instant, interval: Duration) {
        self.start = start
        self.interval = interval
        next = start
    }

    /// The next time to poll, and how many are over that nobody polled at.
    mutating func advance(now: ContinuousClock.Instant) -> (due: ContinuousClock.Instant, missed: Int) {
        guard now > next, interval > .zero else {
            defer { next += interval }
            return (next, 0)
        }
        // The one that is due now is polled late; those that lie whole intervals back are over.
        let missed = Int((now - next) / interval)
        let due = next + interval * missed
        next = due + interval
        return (due, missed)
    }
}
