import DequeModule
import OPCUATypes

/// A monitored item of events with its queue (Part 4, 5.13.1 and 7.22.3).
struct EventItem {
    var clientHandle: UInt32
    var mode: MonitoringMode
    /// Most events that wait; at least 1.
    var queueSize: Int
    var discardOldest: Bool
    var filter: EventSelection
    private var waiting: Deque<[Variant]> = []
    private var hasLost = false

    init(clientHandle: UInt32, mode: MonitoringMode, queueSize: Int, discardOldest: Bool, filter: EventSelection) {
        self.clientHandle = clientHandle
        self.mode = mode
        self.queueSize = max(1, queueSize)
        self.discardOldest = discardOldest
        self.filter = filter
    }

    /// Whether there is something to report.
    var isDue: Bool { mode == .reporting && (!waiting.isEmpty || hasLost) }

    /// An event happened.
    mutating func offer(_ event: ServerEvent, id: ByteString, at time: DateTime, in space: AddressSpace) {
        guard mode != .disabled, let fields = filter.fields(of: event, id: id, at: time, in: space) else { return }
        if waiting.count >= queueSize {
            hasLost = true
            if discardOldest { waiting.removeFirst() } else { waiting.removeLast() }
        }
        waiting.append(fields)
    }

    /// Takes up to `limit` events. Where some were lost, an event says so in their place.
    mutating func take(limit: Int, at time: DateTime, _ use: (EventFieldList) -> Void) -> Int {
        guard mode == .reporting else { return 0 }
        var taken = 0
        func give(_ fields: [Variant]) {
            use(EventFieldList(clientHandle: clientHandle, eventFields: fields))
            taken += 1
        }
        let overflow = filter.select(.overflow(at: time), id: ByteString([]), at: time)
        if hasLost, discardOldest, limit > 0 {
            give(overflow)
            hasLost = false
        }
        while taken < limit, let fields = waiting.popFirst() { give(fields) }
        if hasLost, waiting.isEmpty, taken < limit {
            give(overflow)
            hasLost = false
        }
        return taken
    }

    /// The item was changed: what no longer fits or is no longer wanted goes.
    mutating func trim() {
        if mode == .disabled { (waiting, hasLost) = ([], false) }
        while waiting.count > queueSize {
            if discardOldest { waiting.removeFirst() } else { waiting.removeLast() }
        }
    }
}
