/// When polls are due: at the start and at every whole multiple of the interval after it, however long polls take.
struct PollSchedule: Hashable {
    private let start: ContinuousClock.Instant
    private let interval: Duration
    private var turn: Int64 = 0

    init(start: ContinuousClock.Instant, interval: Duration) {
        self.start = start
        self.interval = max(interval, .milliseconds(1))
    }

    /// The moment of the next poll.
    var due: ContinuousClock.Instant { start + interval * turn }

    /// A poll has been made or passed over; the next one is the first that still lies ahead.
    ///
    /// - Returns: how many polls were due in the meantime and will not be made.
    mutating func advance(past now: ContinuousClock.Instant) -> Int64 {
        let next = turn + 1
        let elapsed = (now - start).wholeMicroseconds
        let step = interval.wholeMicroseconds
        let ahead = elapsed <= 0 ? 0 : (elapsed + step - 1) / step
        turn = max(next, ahead)
        return turn - next
    }
}

extension Duration {
    /// Microseconds, cut to whole ones.
    var wholeMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
