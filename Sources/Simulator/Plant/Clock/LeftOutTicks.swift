/// Ticks that nobody saw because the computer could not keep up, and when they are worth a line in the log.
package struct LeftOutTicks: Sendable, Equatable {
    /// All since the start of the plant.
    package private(set) var count: UInt64 = 0
    private var told: UInt64 = 0
    private var nextLine: Int64 = 0

    /// Microseconds between two lines: a computer that is too slow for its plant leaves ticks out all the time.
    static let quiet: Int64 = 10_000_000

    package init() {}

    /// So many ticks were left out, `elapsed` microseconds after the start.
    ///
    /// Returns how many to tell of, those included that were not told of before; nil when there was a line not long ago.
    package mutating func leftOut(_ ticks: UInt64, elapsed: Int64) -> UInt64? {
        count &+= ticks
        guard count > told, elapsed >= nextLine else { return nil }
        defer { told = count }
        nextLine = elapsed &+ Self.quiet
        return count - told
    }
}
