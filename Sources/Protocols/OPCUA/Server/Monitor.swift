import OPCUATypes

/// A monitored item with its queue (Part 4, 5.13.1).
struct Monitor: Sendable {
    /// The subscription's queue.
    var queue: Int32
    var clientHandle: UInt32
    var mode: MonitoringMode
    /// Most values that wait for a publish; at least 1.
    var queueSize: Int
    var discardOldest: Bool
    var filter: Filter
    var sourceTime: Bool
    var serverTime: Bool
    /// The part of the value that is watched; nil for all of it.
    var range: NumericRange?
    /// Shortest time between two values in nanoseconds; 0 for every value as it comes.
    var samplingInterval: Int64 = 0
    /// When the next value is due, on the clock of ``MonitoredValues/now``.
    private var nextSample: Int64 = .min
    /// A value came too early and is kept aside.
    var isHolding = false
    /// Variable in the value store, -1 for none.
    var slot: Int32 = -1
    /// The next monitor of the same variable.
    var next: Int32 = -1
    /// Removed while a list still names it.
    var isDeleted = false
    /// Named by the list of its subscription.
    var isListed = false

    /// The oldest value lies inline, so that a queue of one takes no array.
    private var oldest: DataValue?
    private var newer: [DataValue] = []
    private var lastOffered: DataValue?

    /// What a notification says beside its value. The whole item would bring its queue along.
    struct Told: Hashable, Sendable {
        var clientHandle: UInt32
        var sourceTime: Bool
        var serverTime: Bool
    }

    /// When a value counts as changed (Part 4, 7.22.2).
    struct Filter: Hashable, Sendable {
        var trigger = DataChangeTrigger.statusValue
        /// Smallest change of a number that counts, in its own unit; 0 for any.
        var deadband = 0.0

        func passes(_ value: DataValue, after last: DataValue) -> Bool {
            if value.status != last.status { return true }
            if trigger == .status { return false }
            if trigger == .statusValueTimestamp, value.sourceTimestamp != last.sourceTimestamp { return true }
            if deadband > 0, let moved = moves(value.value, from: last.value) { return moved }
            return !value.value.isIdentical(to: last.value)
        }

        /// Whether a number, or one of an array, changed by more than the deadband; nil for what has no distance.
        private func moves(_ new: Variant, from old: Variant) -> Bool? {
            if let new = new.number, let old = old.number { return !(abs(new - old) <= deadband) }
            guard case .array(let new) = new, case .array(let old) = old, new.dimensions == old.dimensions,
                let new = new.elements.numbers, let old = old.elements.numbers, new.count == old.count
            else { return nil }
            return zip(new, old).contains { !(abs($0 - $1) <= deadband) }
        }
    }

    init(
        queue: Int32, clientHandle: UInt32, mode: MonitoringMode, queueSize: Int, discardOldest: Bool, filter: Filter,
        sourceTime: Bool, serverTime: Bool
    ) {
        self.queue = queue
        self.clientHandle = clientHandle
        self.mode = mode
        self.queueSize = queueSize
        self.discardOldest = discardOldest
        self.filter = filter
        self.sourceTime = sourceTime
        self.serverTime = serverTime
    }

    /// Whether a value may be taken now, and if so, when the next may be. Half an interval of grace keeps a source that
    /// ticks at the sampling rate from losing values to its own jitter; over time no more than one per interval passes.
    mutating func isTimely(_ now: Int64) -> Bool {
        guard samplingInterval > 0 else { return true }
        guard now >= nextSample || nextSample &- now <= samplingInterval / 2 else { return false }
        nextSample = max(nextSample, now) &+ samplingInterval
        return true
    }

    /// Number of values that wait.
    var pending: Int { oldest == nil ? 0 : 1 + newer.count }

    /// Bytes of a notification without a value: 4 handle, 1 mask, 4 status, 10 and 10 times.
    private static let refusalBytes = 29

    /// Takes a value into the queue when the filter lets it pass; false when it does not.
    mutating func offer(_ value: DataValue) -> Bool {
        guard mode != .disabled else { return false }
        if let lastOffered, !filter.passes(value, after: lastOffered) { return false }
        lastOffered = value
        guard let first = oldest else {
            oldest = value
            return true
        }
        if 1 + newer.count < queueSize {
            newer.append(value)
        } else if queueSize == 1 {
            // A queue of one holds the latest value and knows no overflow (Part 4, 5.13.1.5).
            oldest = value
        } else if discardOldest {
            newer.append(value)
            oldest = newer.removeFirst().overflowed
        } else {
            newer.removeLast()
            newer.append(value.overflowed)
            oldest = first
        }
        return true
    }

    /// Queues the latest value again when nothing waits; false when there is none to repeat.
    mutating func repeatLatest() -> Bool {
        guard oldest == nil, let lastOffered else { return false }
        oldest = lastOffered
        return true
    }

    /// The queue was made smaller: what no longer fits is given up as when it overflows (Part 4, 5.13.3).
    mutating func trim() {
        while pending > queueSize {
            if discardOldest {
                oldest = newer.removeFirst()
            } else {
                newer.removeLast()
            }
        }
    }

    /// Gives what waits to a response, the oldest first, as far as there is room; false when some is left for the next
    /// one. A value for which no response has room is told as its status alone.
    mutating func report(_ room: inout ResponseRoom, _ use: (Told, DataValue) -> Void) -> Bool {
        let told = Told(clientHandle: clientHandle, sourceTime: sourceTime, serverTime: serverTime)
        while mode == .reporting, let value = oldest {
            let fit = room.take(
                BinaryWriter.notificationBytes(value, sourceTime: sourceTime, serverTime: serverTime),
                refusal: Self.refusalBytes)
            guard fit != .later else { return false }
            oldest = newer.isEmpty ? nil : newer.removeFirst()
            use(told, fit == .fits ? value : value.tooLarge)
        }
        return true
    }

    /// Forgets what waits; the next value counts as changed.
    mutating func clear() {
        oldest = nil
        newer = []
        lastOffered = nil
    }
}

extension DataValue {
    /// The same value, marked as the neighbour of lost ones.
    fileprivate var overflowed: DataValue {
        var copy = self
        copy.status = StatusCode(status.rawValue | StatusCode.overflowBits)
        return copy
    }

    /// What is told of a value that is larger than the client takes.
    var tooLarge: DataValue {
        var copy = self
        (copy.value, copy.status) = (.null, .badEncodingLimitsExceeded)
        return copy
    }
}

extension Variant {
    /// The value as a number, for deadbands; nil when it is none.
    var number: Double? {
        switch self {
        case .sByte(let number): Double(number)
        case .byte(let number): Double(number)
        case .int16(let number): Double(number)
        case .uint16(let number): Double(number)
        case .int32(let number): Double(number)
        case .uint32(let number): Double(number)
        case .int64(let number): Double(number)
        case .uint64(let number): Double(number)
        case .float(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }
}
