/// Decides for each point of a trend whether the line so far still tells it.
///
/// From the last point that was kept two doors swing open, so far apart that every point since lies within the deviation
/// of some line between them. When they can no longer hold a point, the one before it is kept and the doors start there.
package struct SwingingDoorState: Hashable, Sendable {
    /// What becomes of a point.
    package enum Action: Hashable, Sendable {
        /// It is kept.
        case keep
        /// It is kept; the one that was held is given up.
        case keepInsteadOfHeld
        /// It is held until it is known whether it matters.
        case hold
        /// As `hold`; the one that was held before is given up.
        case holdInsteadOfHeld
        /// The one that was held is kept, and this one is held.
        case keepHeld
        /// The one that was held is kept, and this one too.
        case keepBoth
        /// The one that was held is kept, and this one is given up, as it comes too soon after it.
        case keepHeldOnly
        /// It is given up.
        case drop
    }

    private struct Point: Hashable {
        /// Microseconds.
        var time: Int64
        var value: Double
    }

    private enum State: Hashable {
        case empty
        case from(Point)
        case swinging(from: Point, held: Point, upper: Double, lower: Double)
    }

    private var state = State.empty

    package init() {}

    /// Whether there is a point that is neither kept nor given up.
    package var isHolding: Bool { if case .swinging = state { true } else { false } }

    /// All that was before does not matter any more.
    package mutating func reset() { state = .empty }

    /// A point that is kept whatever the doors say.
    package mutating func forced(_ time: Timestamp, _ value: Double) {
        state = .from(Point(time: time.microseconds, value: value))
    }

    /// A point of the trend.
    /// - Parameter value: finite.
    package mutating func received(
        _ time: Timestamp, _ value: Double, _ limits: Conditioning.SwingingDoor
    ) -> Action {
        let point = Point(time: time.microseconds, value: value)
        switch state {
        case .empty:
            state = .from(point)
            return .keep
        case .from(let last): return received(point, after: last, limits)
        case .swinging(let last, let held, let upper, let lower):
            guard point.time > held.time, let passed = Self.passed(point.time, since: last.time) else {
                // Time went back: nothing can be said of what lies between.
                state = .from(point)
                return .keepBoth
            }
            let (high, low) = Self.slopes(from: last, to: point, limits.deviation)
            let (newUpper, newLower) = (min(upper, high), max(lower, low))
            if newLower > newUpper || newUpper.isNaN || newLower.isNaN {
                return closed(point, held, limits)
            }
            if let longest = limits.maxIntervalMilliseconds, passed >= Int64(longest) &* 1000 {
                state = .from(point)
                return .keepInsteadOfHeld
            }
            state = .swinging(from: last, held: point, upper: newUpper, lower: newLower)
            return .holdInsteadOfHeld
        }
    }

    private mutating func received(
        _ point: Point, after last: Point, _ limits: Conditioning.SwingingDoor
    ) -> Action {
        guard let passed = Self.passed(point.time, since: last.time) else {
            state = .from(point)
            return .keep
        }
        if passed < Int64(limits.minIntervalMilliseconds) &* 1000 { return .drop }
        if let longest = limits.maxIntervalMilliseconds, passed >= Int64(longest) &* 1000 {
            state = .from(point)
            return .keep
        }
        let (upper, lower) = Self.slopes(from: last, to: point, limits.deviation)
        state = .swinging(from: last, held: point, upper: upper, lower: lower)
        return .hold
    }

    /// The doors cannot hold a point; they start anew from the one before it.
    private mutating func closed(
        _ point: Point, _ held: Point, _ limits: Conditioning.SwingingDoor
    ) -> Action {
        switch received(point, after: held, limits) {
        case .keep: return .keepBoth
        case .drop:
            state = .from(held)
            return .keepHeldOnly
        default: return .keepHeld
        }
    }

    /// Microseconds from one time to a later one; nil when it is not later.
    private static func passed(_ time: Int64, since other: Int64) -> Int64? {
        let (passed, overflow) = time.subtractingReportingOverflow(other)
        return overflow || passed <= 0 ? nil : passed
    }

    private static func slopes(from last: Point, to point: Point, _ deviation: Double) -> (Double, Double) {
        let span = Double(point.time) - Double(last.time)
        return ((point.value + deviation - last.value) / span, (point.value - deviation - last.value) / span)
    }
}
