import ConnectorJournal
package import ConnectorModel
package import Resilience

/// A lane as pages and metrics see it, at one moment.
package struct LaneSnapshot: Sendable {
    package var name: String
    /// The lane in words: `working`, or what keeps it from working.
    package var state: String
    /// The link to the target in words: `connected`, `waiting to retry: …`, `refused: …` and the like.
    package var link: String
    package var isConnected: Bool
    /// The breaker before the target.
    package var breaker: CircuitBreaker.State
    /// Streams to the target that are wanted.
    package var streams: Int
    /// Whether sources may deliver more.
    package var isOpen: Bool
    /// Why the journal fails, if it does.
    package var storageFailure: String?
    /// Records that are not acknowledged by the target, in memory and on disk.
    package var queuedRecords: Int
    /// Those of them that are in memory.
    package var memoryRecords: Int
    /// Records that are not durable yet.
    package var pendingRecords: Int
    package var journalBytes: Int
    package var journalBytesMax: Int
    package var segments: Int
    /// When the oldest record that is not acknowledged was submitted; nil when there is none.
    package var oldest: Timestamp?
    /// All sources together.
    package var total: SourceAccount
    /// By source, also of sources that only an earlier run had.
    package var sources: [String: SourceAccount]
    /// Records that had been durable and cannot be read any more.
    package var damagedRecords: Int
    package var streamsOpened: Int
    package var batchesSent: Int
    /// Streams that broke or could not be opened.
    package var failures: Int
    package var lastFailure: String?
    /// What the store of dead letters holds.
    package var letters = LettersKept()
}

extension LaneSnapshot {
    init(name: String, shared: LaneShared) {
        // Built under the lock: a copy of the state would make the lane copy its queues.
        self = shared.read { LaneSnapshot(name: name, state: $0, names: shared.tables.sources) }
    }

    private init(name: String, state: borrowing LaneState, names: InternedBytes) {
        self.name = name
        let failure = state.storageFailure?.message
        self.state =
            if let failure {
                "journal fails: \(failure)"
            } else if !state.isOpen {
                "full: sources are paused"
            } else {
                "working"
            }
        link = state.delivery.words
        isConnected = state.delivery.isConnected
        breaker = state.delivery.breaker.state
        streams = state.queue.streamCount
        isOpen = state.isOpen
        storageFailure = failure
        pendingRecords = state.pending.records
        memoryRecords = state.pending.records + state.queue.records
        queuedRecords = state.pending.records + state.queue.allRecords
        journalBytes = state.journalBytes
        journalBytesMax = state.limits.journalBytesMax
        segments = state.segments
        oldest = state.oldest
        total = state.accounts.total
        sources = [:]
        for (number, account) in state.accounts.all.enumerated() {
            guard let source = names.string(UInt32(number)) else { continue }
            sources[source] = account
        }
        damagedRecords = state.accounts.damagedRecords
        streamsOpened = state.delivery.streamsOpened
        batchesSent = state.delivery.batchesSent
        failures = state.delivery.failures
        lastFailure = state.delivery.lastFailure?.message
        letters = state.letters
    }
}
