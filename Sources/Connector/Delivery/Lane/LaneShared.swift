import ConnectorJournal
import ConnectorModel
import DequeModule
import Synchronization

/// What a lane's thread, its sources and its forwarder share: the state behind its lock, and the wake-ups.
///
/// Each method is one event: it takes the lock, tells the state, and does what follows after the lock is free.
final class LaneShared: Sendable {
    private struct Listening {
        var listener: any LaneListener
        /// The demand that it was told last; sources begin with an open one.
        var toldOpen = true
    }

    private struct Contents {
        var state: LaneState
        /// Numbers of the names in the journal's table, so that a submission looks up one string.
        var numbers: [String: UInt32] = [:]
        var listeners: [UInt32: Listening] = [:]
        var hurried = false
        var errands: Deque<LaneErrand> = []
        /// The lane's thread has ended, or does nothing more.
        var isOver = false
    }

    let tables: JournalTables
    let batch: BatchLimits
    /// Wakes the lane's thread.
    let work = WakeUp()
    /// Wakes the sender of each stream: there may be something to send.
    let sendable: [Gate]
    /// Wakes whoever drains the lane.
    let drained = Gate()
    private let streamsOfAPart: Int
    private let contents: Mutex<Contents>

    init(
        limits: LaneLimits, batch: BatchLimits, retry: RetryLimits, tables: JournalTables, recovery: JournalRecovery,
        isTiered: Bool = false
    ) {
        self.tables = tables
        self.batch = batch
        let state = LaneState(limits: limits, batch: batch, retry: retry, recovery: recovery, isTiered: isTiered)
        streamsOfAPart = state.queue.streams
        sendable = state.delivery.forwarders.map { _ in Gate() }
        contents = Mutex(Contents(state: state))
    }

    func read<Result: Sendable>(_ body: (LaneState) -> Result) -> Result {
        contents.withLock { body($0.state) }
    }

    // MARK: Sources

    func submit(_ frames: [EncodedFrame], from source: String, time: Timestamp, now: Duration) -> Ticket {
        let (ticket, wake) = contents.withLock { contents in
            let number = number(of: source, &contents)
            return contents.state.submitted(frames, source: number, time: time, now: now)
        }
        if wake { work.signal() }
        return ticket
    }

    func refuse(_ payloads: [RefusedPayload], from source: String, time: Timestamp, now: Duration) -> Ticket {
        let (ticket, wake) = contents.withLock { contents in
            let number = number(of: source, &contents)
            return contents.state.refused(payloads, source: number, time: time, now: now)
        }
        if wake { work.signal() }
        return ticket
    }

    /// Who listens for a source, if anybody does.
    func listener(of source: String) -> (any LaneListener)? {
        contents.withLock { contents in contents.numbers[source].flatMap { contents.listeners[$0]?.listener } }
    }

    func attach(_ source: String, _ listener: any LaneListener, _ policy: SourcePolicy? = nil, now: Duration) {
        let wake = contents.withLock { contents in
            let number = number(of: source, &contents)
            contents.listeners[number] = Listening(listener: listener)
            return contents.state.attached(number, policy, now: now)
        }
        if wake { work.signal() }
    }

    func detach(_ source: String) {
        contents.withLock { contents in
            let number = number(of: source, &contents)
            contents.listeners[number] = nil
        }
    }

    private func number(of source: String, _ contents: inout Contents) -> UInt32 {
        if let known = contents.numbers[source] { return known }
        let number = tables.sources.register(Array(source.utf8))
        contents.numbers[source] = number
        return number
    }

    // MARK: The lane's thread

    func nextWork(now: Duration) -> LaneState.Work {
        contents.withLock { contents in
            let work = contents.state.nextWork(now: now)
            if work == .finish { contents.isOver = true }
            return work
        }
    }

    /// Has something done on the lane's thread.
    /// - Returns: false when that has ended.
    func send(_ errand: LaneErrand) -> Bool {
        let wake: Bool? = contents.withLock { contents in
            guard !contents.isOver else { return nil }
            contents.errands.append(errand)
            return contents.state.errandCame()
        }
        if wake == true { work.signal() }
        return wake != nil
    }

    func takeErrand() -> LaneErrand? {
        contents.withLock { contents in
            contents.state.errandTaken()
            return contents.errands.popFirst()
        }
    }

    func woke() {
        contents.withLock { $0.state.woke() }
    }

    func group() -> PendingFrames.Group {
        contents.withLock { $0.state.group() }
    }

    func groupCommitted(_ group: [JournalEntry], _ commit: JournalCommit?, journalBytes: Int, segments: Int) {
        let (calls, isDrained) = contents.withLock { contents in
            let notices = contents.state.groupCommitted(
                group, commit, journalBytes: journalBytes, segments: segments)
            let calls = notices.compactMap { notice in
                contents.listeners[notice.source].map { (listener: $0.listener, ticket: notice.ticket) }
            }
            return (calls, contents.state.isDrained)
        }
        for call in calls { call.listener.durable(upTo: call.ticket) }
        wakeSenders()
        if isDrained { drained.signal() }
    }

    func resubmitted(_ entries: [JournalEntry], _ commit: JournalCommit, journalBytes: Int, segments: Int) {
        contents.withLock {
            $0.state.resubmitted(entries, commit, journalBytes: journalBytes, segments: segments)
        }
        wakeSenders()
    }

    func announceDemand() {
        let news = contents.withLock { contents in
            var news: [(listener: any LaneListener, open: Bool)] = []
            for number in contents.listeners.keys.sorted() {
                let open = contents.state.ledger[number].isOpen
                guard let listening = contents.listeners[number], listening.toldOpen != open else { continue }
                contents.listeners[number]?.toldOpen = open
                news.append((listening.listener, open))
            }
            return news
        }
        for (listener, open) in news { listener.demand(open: open) }
    }

    func refilled(_ reading: JournalReading) {
        let isDrained = contents.withLock { contents in
            contents.state.refilled(reading)
            return contents.state.isDrained
        }
        wakeSenders()
        if isDrained { drained.signal() }
    }

    func buried(_ stream: Int, at position: JournalPosition, next: FrameQueue.Cursor, now: Duration) {
        let isDrained = contents.withLock { contents in
            contents.state.buried(stream, at: position, next: next, now: now)
            return contents.state.isDrained
        }
        wakeSenders()
        if isDrained { drained.signal() }
    }

    /// Tells the state what became of the disk.
    func disk(_ event: (inout LaneState) -> Void) {
        contents.withLock { event(&$0.state) }
    }

    func close() {
        let wake = contents.withLock { $0.state.closing() }
        if wake { work.signal() }
    }

    // MARK: The forwarders, one for each stream

    /// Which tags a stream sends.
    func tags(of stream: Int) -> StreamTags {
        let streams = streamsOfAPart
        return StreamTags(stream: stream % streams, streams: streams, identity: batch.identity)
    }

    private func wakeSenders() { for gate in sendable { gate.signal() } }

    /// - Returns: nil when the stream may be opened; else how long to wait before asking again.
    func streamRequested(_ stream: Int, now: Duration) -> Duration? {
        contents.withLock { $0.state.streamRequested(stream, now: now) }
    }

    func streamOpened(_ stream: Int) { contents.withLock { $0.state.streamOpened(stream) } }

    func streamEnded(_ stream: Int, _ failure: TargetFailure?, random: Double, now: Duration) -> Duration {
        let (wait, wake) = contents.withLock { contents in
            let wait = contents.state.streamEnded(stream, failure, random: random, now: now)
            let buries = contents.state.burialPending()
            return (wait, contents.state.placeMayChange() || buries)
        }
        if wake { work.signal() }
        // Others may have left it their turn.
        wakeSenders()
        return wait
    }

    func forwarderStopped(_ stream: Int) { contents.withLock { $0.state.forwarderStopped(stream) } }

    /// From now on nothing waits for company.
    func hurry() {
        contents.withLock { $0.hurried = true }
        wakeSenders()
    }

    func nextSend(_ stream: Int, lingered: Bool, now: Duration) -> LaneState.SendStep {
        contents.withLock { contents in
            contents.state.delivery.nextSend(stream, batch, lingered: lingered, hurried: contents.hurried, now: now)
        }
    }

    func batchJoined(
        _ stream: Int, completes: JournalPosition?,
        partial: (position: JournalPosition, cursor: FrameQueue.Cursor)?, records: Int, lost: Int, now: Duration
    ) {
        let (wake, isDrained, wasLive) = contents.withLock { contents in
            let wake = contents.state.batchJoined(
                stream, completes: completes, partial: partial, records: records, lost: lost,
                batchRecordsMax: batch.recordsMax, now: now)
            return (wake, contents.state.isDrained, contents.state.queue.isLive(stream))
        }
        if wake { work.signal() }
        // The backlog may have waited for its turn.
        if wasLive { wakeSenders() }
        if isDrained { drained.signal() }
    }

    /// - Returns: false when the target acknowledged what was never sent.
    func acknowledged(_ stream: Int, _ offset: Int64, now: Duration) -> Bool {
        let (wake, isDrained, waits) = contents.withLock { contents in
            // The next batch waited for this one.
            let waits = contents.state.delivery.waitsForAcknowledgements(stream)
            return (contents.state.acknowledged(stream, offset, now: now), contents.state.isDrained, waits)
        }
        if wake == true { work.signal() }
        if waits { sendable[stream].signal() }
        if isDrained { drained.signal() }
        return wake != nil
    }
}
