/// The server's side of one ephemeral stream: create first, offsets 0, 1, 2 …, one record type, cumulative
/// acknowledgements.
public struct ServerIngestStream: Sendable {
    private enum State: Sendable {
        case awaitingCreate
        /// The request is being checked against the table.
        case creating(RecordType)
        case open(Open)
        /// A message was refused; what was stored before is still acknowledged.
        case refused(Open?)
    }

    private struct Open: Sendable {
        let recordType: RecordType
        var nextOffset: Int64 = 0
        var committed: Int64 = -1

        mutating func commit(_ offset: Int64) -> Bool {
            precondition(offset < nextOffset, "committed what was never stored")
            guard offset > committed else { return false }
            committed = offset
            return true
        }
    }

    private var state = State.awaitingCreate

    public init() {}

    /// After an ingest message.
    public enum IngestAction: Equatable, Sendable {
        /// Store the records of this message.
        case store(offset: Int64)
        /// End the stream with this error.
        case refuse(ZerobusError)
    }

    /// After a create message.
    public enum CreateAction: Equatable, Sendable {
        /// Check the request, then call ``created()``.
        case check
        case refuse(ZerobusError)
    }

    /// `create_stream` came.
    public mutating func createReceived(_ recordType: RecordType) -> CreateAction {
        guard case .awaitingCreate = state else {
            refuse()
            return .refuse(.invalid("create_stream may be sent once only, as the first message"))
        }
        state = .creating(recordType)
        return .check
    }

    /// The request is accepted and answered.
    public mutating func created() {
        guard case .creating(let recordType) = state else { preconditionFailure("created without create_stream") }
        state = .open(Open(recordType: recordType))
    }

    /// An ingest message came. `records` and `bytes` are its totals.
    public mutating func ingestReceived(
        _ recordType: RecordType, offset: Int64?, totals: RecordTotals
    ) -> IngestAction {
        guard case .open(var open) = state else {
            refuse()
            return .refuse(.invalid("create_stream must be the first message"))
        }
        if let error = problem(open, recordType, offset, totals) {
            refuse()
            return .refuse(error)
        }
        let offset = open.nextOffset
        open.nextOffset += 1
        state = .open(open)
        return .store(offset: offset)
    }

    /// A message came that has no payload or no record.
    public mutating func emptyReceived() -> ZerobusError {
        refuse()
        return .invalid("the message has no payload")
    }

    /// A message's records were refused; nothing more is accepted.
    public mutating func refuse() {
        if case .open(let open) = state { state = .refused(open) }
        if case .refused = state { return }
        state = .refused(nil)
    }

    /// Everything up to `offset` is durable; the offset to acknowledge, nil when it is acknowledged already.
    public mutating func committed(upTo offset: Int64) -> Int64? {
        switch state {
        case .open(var open):
            guard open.commit(offset) else { return nil }
            state = .open(open)
        case .refused(var open?):
            guard open.commit(offset) else { return nil }
            state = .refused(open)
        case .awaitingCreate, .creating, .refused(nil):
            return nil
        }
        return offset
    }

    private func problem(
        _ open: Open, _ recordType: RecordType, _ offset: Int64?, _ totals: RecordTotals
    ) -> ZerobusError? {
        guard let offset else { return .invalid("offset_id is missing; expected \(open.nextOffset)") }
        guard offset == open.nextOffset else {
            return .invalid("offset_id \(offset) is out of order; expected \(open.nextOffset)")
        }
        guard recordType == open.recordType else {
            return .invalid("a \(recordType) record on a stream that was opened for \(open.recordType)")
        }
        guard totals.count > 0 else { return .invalid("message \(offset) has no records") }
        guard totals.count <= ZerobusLimits.maxMessageRecords else {
            return .invalid(
                "message \(offset) has \(totals.count) records; at most \(ZerobusLimits.maxMessageRecords) fit one")
        }
        guard totals.bytes <= ZerobusLimits.maxMessageRecordBytes else {
            return .invalid(
                "message \(offset) has \(totals.bytes) record bytes; at most \(ZerobusLimits.maxMessageRecordBytes) fit"
            )
        }
        return nil
    }
}
