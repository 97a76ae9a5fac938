/// Decides for each reading of one tag whether it becomes a row.
package struct TagConditioner: Hashable, Sendable {
    /// A reading that waits to be told whether it matters.
    package struct Held: Hashable, Sendable {
        package var reading: Reading
        package var received: Timestamp
    }

    /// Why a reading is no row.
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        case unchanged, deadband
        case swingingDoor = "swinging_door"
        /// The tag is not wanted.
        case excluded
    }

    package enum Action: Hashable, Sendable {
        case pass
        case suppress(Reason)
        /// It is neither row nor suppressed yet.
        case hold
        /// The reading that was held is a row; this one is held.
        case passHeld(Held)
        /// First the reading that was held, then this one.
        case passBoth(Held)
        /// The reading that was held is a row, this one is none.
        case passHeldOnly(Held)
        /// This one is a row, the one that was held is none.
        case passInsteadOfHeld
    }

    /// The last row.
    private struct Last: Hashable {
        var value: ReadingValue
        var status: Status
        /// Milliseconds of a clock that does not jump.
        var uptime: Int64
    }

    private var last: Last?
    private var door = SwingingDoorState()
    private var held: Held?

    package init() {}

    /// A reading came.
    ///
    /// - Parameter now: milliseconds of a clock that does not jump; any number without a heartbeat.
    package mutating func received(
        _ reading: Reading, at time: Timestamp, by plan: ConditioningPlan, uptime now: Int64
    ) -> Action {
        guard let last, reading.status == last.status, reading.status.quality != .bad, !isDue(now, plan) else {
            return interrupted(by: reading, at: time, now, plan)
        }
        switch plan.report {
        case .all: break
        case .onChange: if Self.isSame(reading.value, last.value) { return .suppress(.unchanged) }
        case .deadband(let width):
            if Self.isWithin(width, reading.value, last.value) { return .suppress(.deadband) }
        case .swingingDoor(let limits):
            guard let value = reading.value.number else { return interrupted(by: reading, at: time, now, plan) }
            return swung(door.received(reading.sourceTime ?? time, value, limits), reading, at: time, now)
        }
        self.last = Last(value: reading.value, status: reading.status, uptime: now)
        return .pass
    }

    /// The clock went on.
    /// - Returns: whether the last reading is to be a row once more.
    package mutating func beat(by plan: ConditioningPlan, uptime: Int64) -> Bool {
        guard plan.heartbeatMilliseconds > 0, isDue(uptime, plan) else { return false }
        last?.uptime = uptime
        return true
    }

    /// What is held becomes a row: nothing follows it for now.
    package mutating func flush() -> Held? {
        guard let held else { return nil }
        self.held = nil
        door.reset()
        return held
    }

    private func isDue(_ now: Int64, _ plan: ConditioningPlan) -> Bool {
        guard plan.heartbeatMilliseconds > 0, let last else { return false }
        return now &- last.uptime >= plan.heartbeatMilliseconds
    }

    /// A reading that is a row in any case; what was held before it is one, too.
    private mutating func interrupted(
        by reading: Reading, at time: Timestamp, _ now: Int64, _ plan: ConditioningPlan
    ) -> Action {
        last = Last(value: reading.value, status: reading.status, uptime: now)
        if case .swingingDoor = plan.report {
            if let value = reading.value.number, reading.status.quality != .bad {
                door.forced(reading.sourceTime ?? time, value)
            } else {
                door.reset()
            }
        }
        guard let held else { return .pass }
        self.held = nil
        return .passBoth(held)
    }

    private mutating func swung(
        _ action: SwingingDoorState.Action, _ reading: Reading, at time: Timestamp, _ now: Int64
    ) -> Action {
        let this = Held(reading: reading, received: time)
        let before = held
        switch action {
        case .keep, .keepInsteadOfHeld, .keepBoth:
            held = nil
            last = Last(value: reading.value, status: reading.status, uptime: now)
            guard let before else { return .pass }
            return action == .keepBoth ? .passBoth(before) : .passInsteadOfHeld
        case .hold, .holdInsteadOfHeld:
            held = this
            return before == nil ? .hold : .suppress(.swingingDoor)
        case .keepHeld, .keepHeldOnly:
            held = action == .keepHeld ? this : nil
            guard let before else { return .hold }
            last = Last(value: before.reading.value, status: before.reading.status, uptime: now)
            return action == .keepHeld ? .passHeld(before) : .passHeldOnly(before)
        case .drop: return .suppress(.swingingDoor)
        }
    }

    // MARK: Changes

    /// Whether two values are the same; a NaN is the same as itself.
    private static func isSame(_ left: ReadingValue, _ right: ReadingValue) -> Bool {
        switch (left, right) {
        case (.double(let left), .double(let right)): left == right || left.bitPattern == right.bitPattern
        case (.float(let left), .float(let right)): left == right || left.bitPattern == right.bitPattern
        default: left == right
        }
    }

    /// Whether a number lies within a deadband: a change of its width is one (OPC UA Part 4, 7.22.2, asks for more than
    /// it). What is no number is not within.
    private static func isWithin(_ width: Double, _ left: ReadingValue, _ right: ReadingValue) -> Bool {
        guard let new = left.number, let old = right.number else {
            if case .string = left { return false }
            return isSame(left, right)
        }
        return (new - old).magnitude <= width
    }
}
