/// A timeline of faults with a name.
package struct Scenario: Sendable, Equatable {
    /// One fault, `at` seconds of plant time after the start of the scenario.
    package struct Event: Sendable, Equatable {
        package var at: Double
        package var fault: Fault

        package init(at: Double, _ fault: Fault) {
            self.at = at
            self.fault = fault
        }
    }

    /// What it is called in the API: letters, digits, `_` and `-`.
    package let name: String
    /// What happens, in a sentence.
    package let summary: String
    /// In the order of their times.
    package let events: [Event]

    /// The most events.
    package static let eventsMax = 1000

    /// Throws when a name, a time or a fault is not possible. Whether the sensors are there is seen when it runs.
    package init(name: String, summary: String = "", events: [Event]) throws(PlantCommandError) {
        let allowed = name.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
                || byte == 0x5F || byte == 0x2D
        }
        guard allowed, (1...100).contains(name.utf8.count) else {
            throw .impossible("a scenario's name has 1 to 100 letters, digits, '_' and '-', not '\(name)'")
        }
        guard (1...Self.eventsMax).contains(events.count) else {
            throw .impossible("a scenario has 1 to \(Self.eventsMax) events, not \(events.count)")
        }
        for event in events {
            guard event.at >= 0, event.at <= Fault.secondsMax else {
                throw .impossible("an event must lie between 0 and \(Int(Fault.secondsMax)) s, not \(event.at)")
            }
            try event.fault.check()
        }
        self.name = name
        self.summary = summary
        // Sorting keeps the order of what happens at the same time.
        self.events = events.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
    }

    /// Seconds from its start until its last fault is over; nil when one stays until it is cleared.
    package var length: Double? {
        var length = 0.0
        for event in events {
            guard let duration = event.fault.duration else { return nil }
            length = max(length, event.at + duration)
        }
        return length
    }
}

/// A scenario that runs.
package struct ScenarioRun: Sendable, Equatable {
    package let scenario: Scenario
    /// The tick that is its second 0.
    package let start: UInt64
    /// The number of events that are done.
    package internal(set) var done = 0
    /// Events that could not be, because there were too many faults.
    package internal(set) var refused = 0

    /// The most scenarios at a time.
    static let runsMax = 16

    /// The tick at which the next event happens; nil when all are done.
    func nextTick(step: Double) -> UInt64? {
        guard done < scenario.events.count else { return nil }
        return start &+ UInt64(min(1e15, (scenario.events[done].at / step).rounded(.up)))
    }
}
