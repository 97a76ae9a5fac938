import DequeModule
import NIOCore
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

    /// Takes the events that have room. Where some were lost, an event says so in their place.
    mutating func take(_ room: inout ResponseRoom, at time: DateTime, _ use: (EventFieldList) -> Void) {
        guard isDue else { return }
        let overflow = filter.select(.overflow(at: time), id: ByteString([]), at: time)
        if hasLost, discardOldest {
            guard give(overflow, &room, use) else { return }
            hasLost = false
        }
        while let fields = waiting.first {
            guard give(fields, &room, use) else { return }
            waiting.removeFirst()
        }
        if hasLost, give(overflow, &room, use) { hasLost = false }
    }

    /// False when there is no room left. An event for which no message has room says so in each of its fields.
    private func give(_ fields: [Variant], _ room: inout ResponseRoom, _ use: (EventFieldList) -> Void) -> Bool {
        let event = EventFieldList(clientHandle: clientHandle, eventFields: fields)
        // 4 handle and 4 length, 1 type and 4 status for each field.
        switch room.take(event.encoded().readableBytes, refusal: 8 + 5 * fields.count) {
        case .fits: use(event)
        case .later: return false
        case .never:
            let refused = fields.map { _ in Variant.statusCode(.badEncodingLimitsExceeded) }
            use(EventFieldList(clientHandle: clientHandle, eventFields: refused))
        }
        return true
    }

    /// The item was changed: what no longer fits or is no longer wanted goes.
    mutating func trim() {
        if mode == .disabled { (waiting, hasLost) = ([], false) }
        while waiting.count > queueSize {
            if discardOldest { waiting.removeFirst() } else { waiting.removeLast() }
        }
    }
}
