import ConnectorJournal
import ConnectorModel
import Resilience

/// What a lane holds and what its thread does next.
///
/// Every event of sources, journal and target comes here; what follows from it goes out as ``Work``, notices and
/// wake-ups. Times are those of one monotonic clock, except the age of frames, which outlives the process.
struct LaneState {
    /// A part of the journal that fails, and when it is tried again.
    private struct Trouble {
        var failure: JournalFailure
        var attempts: Int
        var retryAt: Duration
    }

    private enum Life: Equatable {
        case open
        case closing
    }

    let limits: LaneLimits
    private(set) var delivery: LaneDelivery
    private(set) var pending = PendingFrames()
    private(set) var accounts = SourceAccounts()
    private(set) var journalBytes = 0
    private(set) var segments = 0
    private(set) var ledger: SourceLedger
    /// Whether there is room for all sources; a source may be asked to pause for its rate all the same.
    private(set) var isOpen = true
    /// The oldest segment holds what must not be given up.
    private var roomCannotBeMade = false
    private var life = Life.open
    private var lastTicket: UInt64 = 0
    private var demandIsNews = false
    private var refilledLast = false
    private var writing: Trouble?
    private var reading: Trouble?
    private var releasing: Trouble?
    private var burying: Trouble?
    private var unsaved: JournalPosition?
    private var saved: JournalPosition?
    /// When the watermark may be written, if the thread is awake then, and when at the latest.
    private var saveAt: Duration?
    private var saveBy: Duration?
    private var syncWatermarkAt = Duration.zero
    private var threadSleeps = false
    /// When it wakes up by itself.
    private var sleepsUntil: Duration?
    private var errands = 0
    /// Whether the journal uses the disk only when it must, and whether it does now.
    private let isTiered: Bool
    private var usesDisk = false
    /// What the store of dead letters holds.
    private(set) var letters = LettersKept()

    /// How long an acknowledgement may stay unsynced: after a power failure that much is sent again.
    private static let watermarkSyncInterval = Duration.seconds(1)

    /// - Parameter isTiered: the journal is in memory, except while ``needsDisk``.
    init(
        limits: LaneLimits, batch: BatchLimits, retry: RetryLimits, recovery: JournalRecovery, isTiered: Bool = false
    ) {
        self.isTiered = isTiered
        self.limits = limits
        delivery = LaneDelivery(limits, retry, batch)
        ledger = SourceLedger(policy: limits.policy)
        ledger.recovered(recovery)
        delivery.recovered(recovery)
        accounts.recovered(recovery)
    }

    /// What the journal takes at the start.
    mutating func journalOpened(bytes: Int, segments: Int) {
        journalBytes = bytes
        self.segments = segments
    }

    // MARK: Sources

    /// A source delivers frames.
    /// - Returns: the ticket, and whether the lane's thread must be woken.
    mutating func submitted(
        _ frames: [EncodedFrame], source: UInt32, time: Timestamp, now: Duration
    ) -> (Ticket, wake: Bool) {
        lastTicket += 1
        var ticket = Ticket(number: lastTicket)
        var accepted = accounts.submitted(frames, source: source, frameBytesMax: EncodedFrame.recordBytesMax)
        if let reason = refusal(of: source, now: now) {
            for frame in accepted { accounts.dropped(frame.count, of: source, reason) }
            ticket.isRejected = reason == .rejected && !accepted.isEmpty
            accepted = []
        }
        for frame in accepted { ledger.pending(source, frame) }
        ledger.metered(source, records: accepted.reduce(0) { $0 + $1.count }, now: now)
        pending.append(accepted, source: source, ticket: ticket, time: time)
        makePendingRoom(for: source, records: accepted.reduce(0) { $0 + $1.count })
        return (ticket, takeWake())
    }

    /// A source has payloads of which no reading can be made.
    mutating func refused(
        _ payloads: [RefusedPayload], source: UInt32, time: Timestamp, now: Duration
    ) -> (Ticket, wake: Bool) {
        lastTicket += 1
        let ticket = Ticket(number: lastTicket)
        accounts.refused(payloads.count, of: source)
        pending.append([], refused: payloads, source: source, ticket: ticket, time: time)
        return (ticket, takeWake())
    }

    /// Somebody wants something done on the lane's thread.
    mutating func errandCame() -> Bool {
        errands += 1
        return takeWake()
    }

    mutating func errandTaken() {
        errands -= 1
    }

    /// Why what a source delivers now is given up at once; nil when it is taken. A source that can be asked to pause
    /// is never refused: what it had under way is taken.
    private mutating func refusal(of number: UInt32, now: Duration) -> DropReason? {
        let source = ledger[number]
        guard source.policy.drop != .suspend else { return nil }
        if source.meter?.waitUntil(now: now) != nil { return .rateLimit }
        switch source.policy.drop {
        case .suspend: return nil
        case .dropOldest: return isFull && roomCannotBeMade ? .noRoom : nil
        case .dropNewest: return room.allows(source, isFull: isFull) ? nil : .noRoom
        case .reject: return room.allows(source, isFull: isFull) ? nil : .rejected
        }
    }

    /// While the disk does not keep up, a source that gives up its oldest records does so in memory.
    private mutating func makePendingRoom(for number: UInt32, records: Int) {
        let source = ledger[number]
        guard source.policy.drop == .dropOldest, !room.allowsPending(source) else { return }
        for frame in pending.dropOldest(of: number, records: records) {
            ledger.pending(number, frame, -1)
            accounts.dropped(frame.count, of: number, .noRoom)
        }
    }

    /// A source begins to listen: it believes that there is room.
    mutating func attached(_ source: UInt32, _ policy: SourcePolicy?, now: Duration) -> Bool {
        ledger.attached(source, policy, now: now)
        demandIsNews = !ledger.areAllOpen
        return takeWake()
    }

    private mutating func takeWake() -> Bool {
        defer { threadSleeps = false }
        return threadSleeps
    }

    // MARK: The lane's thread

    /// What to do now.
    mutating func nextWork(now: Duration) -> Work {
        judgeDemand(now: now)
        if demandIsNews {
            demandIsNews = false
            return .announceDemand(open: isOpen)
        }
        if errands > 0 { return .errand }
        let canCommit = !pending.isEmpty && isDue(writing, now)
        let needsRoom = canCommit && life == .open && isFull && !roomCannotBeMade && oldestMayGo
        // What is delivered already is not given up to make room.
        if let unsaved, let saveAt, isDue(releasing, now), saveAt <= now || life == .closing || needsRoom {
            return .saveWatermark(upTo: unsaved, durable: now >= syncWatermarkAt || life == .closing)
        }
        if isTiered, usesDisk != needsDisk, isDue(writing, now) { return .changePlace(usesDisk: needsDisk) }
        if delivery.needsBurial, isDue(burying, now) { return .bury }
        if needsRoom, isDue(releasing, now) { return .makeRoom }
        if !(canCommit && refilledLast), life == .open, isDue(reading, now), let refill = queue.refill {
            return .refill(refill)
        }
        if canCommit { return .commit }
        if life == .closing { return .finish }
        threadSleeps = true
        var until: [Duration] = []
        if !pending.isEmpty || isTiered && usesDisk != needsDisk, let writing { until.append(writing.retryAt) }
        if queue.refill != nil, let reading { until.append(reading.retryAt) }
        if delivery.needsBurial, let burying { until.append(burying.retryAt) }
        if unsaved != nil, let saveBy { until.append(max(saveBy, releasing?.retryAt ?? saveBy)) }
        // In time for what is acknowledged meanwhile, so that no acknowledgement has to wake the thread.
        if unsaved == nil, !queue.isEmpty, delivery.isConnected { until.append(now + limits.watermarkDelayMax) }
        until += ledger.sources.lazy.filter { !$0.isOpen }.compactMap { $0.meter?.waitUntil(now: now) }
        sleepsUntil = until.min()
        return .sleep(until: sleepsUntil)
    }

    /// The thread woke up by itself.
    mutating func woke() {
        threadSleeps = false
    }

    private func isDue(_ trouble: Trouble?, _ now: Duration) -> Bool {
        life == .closing ? (trouble?.attempts ?? 0) < 2 : (trouble?.retryAt ?? .zero) <= now
    }

    /// The frames to write.
    mutating func group() -> PendingFrames.Group {
        pending.group(bytesMax: limits.groupBytesMax)
    }

    /// The payloads of the group are among the dead letters.
    mutating func refusedKept(_ group: PendingFrames.Group) {
        pending.kept(refused: group.refused.count)
        for (source, _) in group.refused { accounts.buried(source) }
    }

    /// The store of dead letters changed.
    mutating func lettersKept(_ letters: LettersKept) {
        self.letters = letters
    }

    /// Records that had been given up for dead are in the journal again.
    mutating func resubmitted(
        _ entries: [JournalEntry], _ commit: JournalCommit, journalBytes: Int, segments: Int
    ) {
        self.journalBytes = journalBytes
        self.segments = segments
        delivery.committed(entries, commit)
        accounts.resubmitted(entries)
        for entry in entries { ledger.resubmitted(entry) }
    }

    /// The group is durable.
    mutating func groupCommitted(
        _ group: [JournalEntry], _ commit: JournalCommit?, journalBytes: Int, segments: Int
    ) -> [PendingFrames.Notice] {
        writing = nil
        refilledLast = false
        self.journalBytes = journalBytes
        self.segments = segments
        if let commit {
            delivery.committed(group, commit)
            accounts.durable(group)
            for entry in group { ledger.committed(entry) }
        }
        return pending.committed(frames: group.count)
    }

    /// Whether what waits must be on disk: memory is full, the target is down, or the process ends.
    var needsDisk: Bool { delivery.queue.isSpilled || delivery.isDown || life == .closing && !isDrained }

    /// Whether the lane's thread must be woken because the target came or went.
    mutating func placeMayChange() -> Bool { isTiered && usesDisk != needsDisk && takeWake() }

    mutating func placeChanged(usesDisk: Bool) {
        self.usesDisk = usesDisk
        writing = nil
    }

    /// The group could not be made durable. It stays pending.
    mutating func groupFailed(_ failure: JournalFailure, now: Duration) {
        refilledLast = false
        pending.groupFailed()
        writing = next(writing, failure, now)
    }

    /// The oldest segment was given up; nil when it holds what must not be.
    mutating func segmentDropped(_ dropped: DroppedSegment?, journalBytes: Int, segments: Int) {
        releasing = nil
        self.journalBytes = journalBytes
        self.segments = segments
        guard let dropped else {
            roomCannotBeMade = true
            return
        }
        delivery.dropped(dropped)
        for (source, part) in dropped.parts {
            accounts.dropped(part.records, of: source, .noRoom)
            ledger.dropped(source, bytes: part.bytes)
        }
    }

    mutating func dropFailed(_ failure: JournalFailure, now: Duration) {
        releasing = next(releasing, failure, now)
    }

    /// The sources whose oldest records may be given up.
    var givingUp: Set<UInt32> {
        Set(ledger.sources.indices.filter { ledger.sources[$0].policy.drop == .dropOldest }.map(UInt32.init))
    }

    private var oldestMayGo: Bool {
        guard let source = pending.firstSource, Int(source) < ledger.sources.count else { return false }
        return ledger.sources[Int(source)].policy.drop == .dropOldest
    }

    mutating func refilled(_ reading: JournalReading) {
        self.reading = nil
        refilledLast = true
        delivery.refilled(reading)
        for damage in reading.damage { accounts.damaged(records: damage.records) }
    }

    mutating func refillFailed(_ failure: JournalFailure, now: Duration) {
        refilledLast = true
        reading = next(reading, failure, now)
    }

    mutating func watermarkSaved(
        upTo position: JournalPosition, durable: Bool, journalBytes: Int, segments: Int, now: Duration
    ) {
        releasing = nil
        roomCannotBeMade = false
        self.journalBytes = journalBytes
        self.segments = segments
        if durable { syncWatermarkAt = now + Self.watermarkSyncInterval }
        saved = position
        if unsaved == position {
            unsaved = nil
            saveAt = nil
            saveBy = nil
        } else {
            saveLater(now: now)
        }
    }

    private mutating func saveLater(now: Duration) {
        saveAt = now + limits.watermarkInterval
        saveBy = now + limits.watermarkDelayMax
    }

    mutating func watermarkFailed(_ failure: JournalFailure, now: Duration) {
        releasing = next(releasing, failure, now)
    }

    /// The first failure is followed by a second attempt at once: a new file may work where the old one failed.
    private func next(_ trouble: Trouble?, _ failure: JournalFailure, _ now: Duration) -> Trouble {
        let attempts = (trouble?.attempts ?? 0) + 1
        return Trouble(
            failure: failure, attempts: attempts,
            retryAt: attempts == 1 ? now : now + limits.storageRetryInterval)
    }

    /// Whether the lane as a whole holds as much as it may.
    private var isFull: Bool {
        journalBytes >= limits.journalBytesMax
            || limits.recordsMax.map { queue.allRecords + pending.records >= $0 } ?? false
    }

    private var room: LaneRoom { LaneRoom(ledger, limits, journalBytes: journalBytes, pending) }

    private mutating func judgeDemand(now: Duration) {
        let fails = (writing?.attempts ?? 0) > 1
        let (room, isFull) = (room, isFull)
        var open = true
        for index in ledger.sources.indices {
            let source = ledger.sources[index]
            guard source.policy.drop == .suspend else { continue }
            let hasRoom =
                !fails
                && (source.isOpen ? room.allows(source, isFull: isFull) : room.allowsAgain(source, isFull: isFull))
            let wanted = hasRoom && source.meter?.waitUntil(now: now) == nil
            open = open && hasRoom
            guard wanted != source.isOpen else { continue }
            ledger.told(index, open: wanted)
            demandIsNews = true
        }
        isOpen = open
    }

    /// No more submissions come: write what is pending and end.
    mutating func closing() -> Bool {
        life = .closing
        // At the end everything is tried anew, but not for ever.
        writing = nil
        releasing = nil
        return takeWake()
    }

    // MARK: The target

    mutating func streamRequested(_ stream: Int, now: Duration) -> Duration? {
        delivery.streamRequested(stream, now: now)
    }

    mutating func streamOpened(_ stream: Int) { delivery.streamOpened(stream) }

    mutating func forwarderStopped(_ stream: Int) { delivery.forwarderStopped(stream) }

    mutating func streamEnded(_ stream: Int, _ failure: TargetFailure?, random: Double, now: Duration) -> Duration {
        delivery.streamEnded(stream, failure, random: random, now: now)
    }

    /// Whether the lane's thread must be woken for a burial.
    mutating func burialPending() -> Bool { delivery.needsBurial && takeWake() }

    /// A stream's record is among the dead letters; the next one of its frame begins at `next`.
    mutating func buried(_ stream: Int, at position: JournalPosition, next: FrameQueue.Cursor, now: Duration) {
        burying = nil
        _ = released(delivery.buried(stream, at: position, next: next), now: now)
    }

    /// There is nothing to bury any more.
    mutating func burialImpossible(_ stream: Int) {
        burying = nil
        delivery.burialImpossible(stream)
    }

    mutating func burialFailed(_ failure: JournalFailure, now: Duration) {
        burying = next(burying, failure, now)
    }

    /// What a stream's sender does next.
    enum SendStep {
        /// Nothing to send.
        case wait
        /// Too little to send while others are under way.
        case linger(Duration)
        /// Join what is the stream's of these, the first from the cursor on.
        case send([JournalFrame], from: FrameQueue.Cursor, recordsMax: Int)
    }

    /// A batch was joined and is about to be sent: see ``LaneDelivery``.
    /// - Parameter lost: records that could not be joined.
    /// - Returns: whether the lane's thread must be woken.
    mutating func batchJoined(
        _ stream: Int, completes: JournalPosition?,
        partial: (position: JournalPosition, cursor: FrameQueue.Cursor)?, records: Int, lost: Int,
        batchRecordsMax: Int, now: Duration
    ) -> Bool {
        accounts.damaged(records: lost)
        let done = delivery.batchJoined(
            stream, completes: completes, partial: partial, records: records, batchRecordsMax: batchRecordsMax,
            now: now)
        return released(done, now: now)
    }

    /// The target acknowledged a batch and all before it on its stream.
    /// - Returns: whether the lane's thread must be woken; nil when the target acknowledged what was never sent.
    mutating func acknowledged(_ stream: Int, _ offset: Int64, now: Duration) -> Bool? {
        delivery.acknowledged(stream, offset).map { released($0, now: now) }
    }

    private mutating func released(_ frames: [LaneDelivery.Released], now: Duration) -> Bool {
        guard !frames.isEmpty else { return false }
        for (frame, buried) in frames {
            accounts.delivered(frame, buried: buried)
            ledger.released(frame)
        }
        var isNews = queue.refill != nil
        if let watermark = queue.watermark, watermark > unsaved ?? saved ?? JournalPosition(segment: 0, frame: 0) {
            unsaved = watermark
            if saveAt == nil {
                saveLater(now: now)
                // While sources wait for room on disk it is freed at once.
                if !isOpen { (saveAt, saveBy) = (now, now) }
                isNews = isNews || sleepsUntil.map { until in saveBy.map { until > $0 } ?? false } ?? true
            }
        }
        return isNews && takeWake()
    }

    // MARK: What pages see

    var queue: FrameQueue { delivery.queue }

    /// Nothing waits for disk or target.
    var isDrained: Bool { pending.isEmpty && queue.isEmpty }

    var oldest: Timestamp? { queue.oldest?.time ?? (queue.isEmpty ? pending.oldest : nil) }

    /// Why the disk fails, if it does.
    var storageFailure: JournalFailure? { (writing ?? reading ?? releasing ?? burying)?.failure }
}
