/// When each tick is due: computed from the start, so that a late tick does not delay the next one.
package struct TickSchedule: Sendable, Equatable {
    /// The moment of tick 0, in microseconds of UTC since 1970.
    package let start: Int64
    /// From tick to tick, in microseconds.
    package let interval: Int64

    /// A schedule; `interval` must be above 0.
    package init(start: Int64, interval: Int64) {
        precondition(interval > 0)
        self.start = start
        self.interval = interval
    }

    /// The moment of a tick, in microseconds of UTC since 1970.
    package func timestamp(of number: UInt64) -> Int64 {
        start &+ Int64(truncatingIfNeeded: number) &* interval
    }

    /// Microseconds from the start until a tick is due.
    package func offset(of number: UInt64) -> Int64 {
        Int64(truncatingIfNeeded: number) &* interval
    }

    /// The tick to serve when those before `number` have been and `elapsed` microseconds have passed since the start.
    ///
    /// That one; but when its whole interval is already over, the latest one that is due: a plant that could not keep
    /// up, or was stopped, leaves ticks out and goes on with the current time instead of falling behind for ever.
    package func tick(atLeast number: UInt64, elapsed: Int64) -> UInt64 {
        max(number, UInt64(max(0, elapsed) / interval))
    }
}
