import DequeModule

/// Holds acknowledgements back for a time. Times are on a monotonic clock since any fixed origin.
struct AcknowledgementDelay: Equatable, Sendable {
    let delay: Duration
    /// Offsets with the time at which they may go, both rising.
    private var held: Deque<Held> = []

    private struct Held: Equatable {
        var offset: Int64
        var due: Duration
    }

    init(_ delay: Duration) { self.delay = delay }

    /// Everything up to `offset` is durable.
    mutating func committed(upTo offset: Int64, now: Duration) {
        guard offset > held.last?.offset ?? -1 else { return }
        held.append(Held(offset: offset, due: now + delay))
    }

    /// The highest offset whose time has come, once.
    mutating func due(now: Duration) -> Int64? {
        var offset: Int64?
        while let first = held.first, first.due <= now {
            offset = first.offset
            held.removeFirst()
        }
        return offset
    }

    /// When the next offset may go; nil when none is held.
    var nextDue: Duration? { held.first?.due }
}
