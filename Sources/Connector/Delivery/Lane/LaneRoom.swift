/// How much room the sources of a lane have at one moment, on disk and in memory.
struct LaneRoom {
    private let disk: SourceLedger.Division
    private let records: SourceLedger.Division
    private let bytes: SourceLedger.Division

    init(_ ledger: SourceLedger, _ limits: LaneLimits, journalBytes: Int, _ pending: PendingFrames) {
        disk = ledger.division(used: journalBytes, limit: limits.journalBytesMax) { $0.journalBytes }
        records = ledger.division(used: pending.records, limit: limits.memoryRecordsMax) { $0.pendingRecords }
        bytes = ledger.division(used: pending.bytes, limit: limits.memoryBytesMax) { $0.pendingBytes }
    }

    /// Whether a source that was told to deliver may go on.
    func allows(_ source: SourceLedger.Source, isFull: Bool) -> Bool {
        !isFull && disk.hasRoom(own: source.journalBytes, isAttached: source.isAttached) && allowsPending(source)
    }

    /// Whether what is not written yet may grow.
    func allowsPending(_ source: SourceLedger.Source) -> Bool {
        records.hasRoom(own: source.pendingRecords, isAttached: source.isAttached)
            && bytes.hasRoom(own: source.pendingBytes, isAttached: source.isAttached)
    }

    /// Whether a source that was asked to pause may go on: room comes back in bulk, so that demand does not flap.
    func allowsAgain(_ source: SourceLedger.Source, isFull: Bool) -> Bool {
        let isAttached = source.isAttached
        return !isFull
            && disk.hasRoom(own: source.journalBytes, isAttached: isAttached, reserve: disk.limit / 10 - 1)
            && records.hasRoom(own: source.pendingRecords, isAttached: isAttached, reserve: records.limit / 2 - 1)
            && bytes.hasRoom(own: source.pendingBytes, isAttached: isAttached, reserve: bytes.limit / 2 - 1)
    }
}
