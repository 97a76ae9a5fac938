import OPCUATypes

/// How the values of a source are asked for.
package struct TagReading: Hashable, Sendable {
    package enum Mode: String, Hashable, Sendable, CaseIterable {
        /// The server reports changes (Part 4, 5.13 and 5.14).
        case subscription
        /// Values are read at an interval (Part 4, 5.11.2).
        case polling
    }

    /// A change smaller than this is not reported (Part 4, 7.22.2).
    package enum Deadband: Hashable, Sendable {
        /// In units of the value.
        case absolute(Double)
        /// In percent of the tag's EURange; tags without one report every change.
        case percent(Double)
    }

    /// Which value of a full queue gives way.
    package enum DiscardPolicy: String, Hashable, Sendable, CaseIterable {
        case oldest, newest
    }

    /// What makes a value worth reporting (Part 4, 7.22.2).
    package enum Trigger: String, Hashable, Sendable, CaseIterable {
        case status
        case statusValue = "status_value"
        case statusValueTimestamp = "status_value_timestamp"

        var standard: DataChangeTrigger {
            switch self {
            case .status: .status
            case .statusValue: .statusValue
            case .statusValueTimestamp: .statusValueTimestamp
            }
        }
    }

    package var mode: Mode
    package var publishingInterval: Duration
    /// Nil asks the server for the publishing interval.
    package var samplingInterval: Duration?
    package var pollInterval: Duration
    /// Values that the server keeps for a tag between two publishings; nil fits intervals.
    package var queueSize: Int?
    package var discardPolicy: DiscardPolicy
    package var deadband: Deadband?
    package var trigger: Trigger
    /// The most tags of one subscription; nil is the server's limit.
    package var itemsPerSubscription: Int?
    /// One row per element beside the row of an array.
    package var expandsArrays: Bool

    package init(
        mode: Mode = .subscription, publishingInterval: Duration = .seconds(1), samplingInterval: Duration? = nil,
        pollInterval: Duration = .seconds(1), queueSize: Int? = nil, discardPolicy: DiscardPolicy = .oldest,
        deadband: Deadband? = nil, trigger: Trigger = .statusValue, itemsPerSubscription: Int? = nil,
        expandsArrays: Bool = false
    ) {
        self.mode = mode
        self.publishingInterval = publishingInterval
        self.samplingInterval = samplingInterval
        self.pollInterval = pollInterval
        self.queueSize = queueSize
        self.discardPolicy = discardPolicy
        self.deadband = deadband
        self.trigger = trigger
        self.itemsPerSubscription = itemsPerSubscription
        self.expandsArrays = expandsArrays
    }
}

extension Duration {
    var milliseconds: Double { Double(components.seconds) * 1000 + Double(components.attoseconds) / 1e15 }
}
