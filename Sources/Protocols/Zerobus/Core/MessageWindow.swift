import DequeModule

/// The messages that are sent and not yet acknowledged, in the order of their offsets.
struct MessageWindow: Sendable {
    private var messages: Deque<ClientIngestStream.InFlight> = []
    /// Offset of the oldest unacknowledged message.
    private(set) var firstOffset: Int64 = 0
    private var records = 0
    private var bytes = 0

    var isEmpty: Bool { messages.isEmpty }
    var count: Int { messages.count }
    /// Offset of the next message, starting at 0.
    var nextOffset: Int64 { firstOffset + Int64(messages.count) }

    func hasRoom(records more: Int, bytes moreBytes: Int, _ limits: ClientIngestStream.Limits) -> Bool {
        messages.isEmpty
            || messages.count < limits.maxInFlightMessages && records + more <= limits.maxInFlightRecords
                && bytes + moreBytes <= limits.maxInFlightBytes
    }

    mutating func append(_ message: ClientIngestStream.InFlight) -> Int64 {
        let offset = nextOffset
        messages.append(message)
        records += message.records
        bytes += message.bytes
        return offset
    }

    /// `offset` must lie between the first and the last message.
    mutating func removeAll(upTo offset: Int64) {
        while firstOffset <= offset, let message = messages.popFirst() {
            records -= message.records
            bytes -= message.bytes
            firstOffset += 1
        }
    }
}
