import ConnectorJournal
import ConnectorModel
import Resilience

/// How what is durable reaches the target: the queue, the streams that send it, and the breaker before them.
///
/// Streams are numbered; with several a tag always uses the same one. When live rows have a share of the way there are
/// as many again for them. Each has offsets, retries and a search for refused records of its own.
struct LaneDelivery {
    /// A frame that everything is delivered of, and how many of its records went to the dead letters instead.
    typealias Released = (frame: JournalFrame, buried: Int)

    private(set) var queue: FrameQueue
    private(set) var forwarders: [ForwarderState]
    private(set) var breaker: CircuitBreaker
    private var share: BacklogShare
    /// Keeps all streams together to the target's rate, what is sent again included.
    private var meter: RateMeter?
    private let retryWhileProbed: Duration

    init(_ limits: LaneLimits, _ retry: RetryLimits, _ batch: BatchLimits) {
        share = BacklogShare(limits.backlogShare, batchRecordsMax: batch.recordsMax)
        meter = batch.rateLimit.map { RateMeter($0, now: .zero) }
        queue = FrameQueue(
            streams: limits.streams, sharesWithLive: share.sharesWithLive, recordsMax: limits.memoryRecordsMax,
            bytesMax: limits.memoryBytesMax)
        forwarders = (0..<queue.streamCount).map { _ in ForwarderState(retry) }
        breaker = CircuitBreaker(limits: retry.breaker)
        retryWhileProbed = min(retry.initialDelay, .seconds(1))
    }

    // MARK: The journal

    mutating func recovered(_ recovery: JournalRecovery) { queue.recovered(recovery) }

    mutating func committed(_ group: [JournalEntry], _ commit: JournalCommit) { queue.committed(group, commit) }

    mutating func refilled(_ reading: JournalReading) { queue.refilled(reading) }

    mutating func dropped(_ dropped: DroppedSegment) { queue.dropped(dropped) }

    // MARK: Streams

    /// A stream is to be opened.
    /// - Returns: nil when it may be; else how long to wait before asking again.
    mutating func streamRequested(_ stream: Int, now: Duration) -> Duration? {
        switch breaker.callRequested(now: now) {
        case .allowed:
            forwarders[stream].connecting()
            return nil
        case .refused(let wait): return wait > .zero ? wait : retryWhileProbed
        }
    }

    mutating func streamOpened(_ stream: Int) {
        queue.rewind(stream)
        forwarders[stream].streamOpened()
        // A target that only opens streams does not work: that clears no failures, but is good for a probe.
        if breaker.state == .halfOpen { breaker.succeeded() }
    }

    mutating func forwarderStopped(_ stream: Int) {
        queue.rewind(stream)
        forwarders[stream].stopped()
        breaker.abandoned()
    }

    /// - Parameters:
    ///   - failure: nil when the target ended the stream in good order.
    ///   - random: uniform in 0..<1.
    /// - Returns: how long to wait before the next one is asked for.
    mutating func streamEnded(
        _ stream: Int, _ failure: TargetFailure?, random: Double, now: Duration
    ) -> Duration {
        let wasRefusal = failure?.disposition == .refused && forwarders[stream].inFlight > 0
        queue.rewind(stream)
        let wait = forwarders[stream].streamEnded(failure, random: random)
        // What was refused may have been given up meanwhile.
        if forwarders[stream].burial != nil, queue.front(stream) == nil { forwarders[stream].buried() }
        if failure == nil || wasRefusal {
            breaker.abandoned()
        } else {
            breaker.failed(now: now)
        }
        return wait
    }

    // MARK: Sending

    /// - Parameter lingered: whether the sender has waited for more already.
    func nextSend(
        _ stream: Int, _ batch: BatchLimits, lingered: Bool, hurried: Bool, now: Duration
    ) -> LaneState.SendStep {
        let forwarder = forwarders[stream]
        guard forwarder.burial == nil, queue.hasUnsent(stream) else { return .wait }
        if forwarder.search.limit != nil, forwarder.inFlight > 0 { return .wait }
        if !queue.isLive(stream),
            !share.backlogMaySend(liveWaits: liveWaits(batch.recordsMax), inFlight: forwarder.inFlight)
        {
            return .wait
        }
        if let paid = meter?.waitUntil(now: now) { return .linger(paid - now) }
        let recordsMax = min(batch.recordsMax, forwarder.search.limit ?? .max)
        // Its own share of what is there, if tags are spread evenly.
        let (records, bytes) = queue.unsent(stream)
        let isFull = records / queue.streams >= recordsMax || bytes / queue.streams >= batch.bytesMax
        if !isFull, !lingered, !hurried, forwarder.inFlight > 0, batch.linger > .zero { return .linger(batch.linger) }
        // Where tags are spread unevenly, more must be looked through to fill a batch.
        let looked = queue.streams == 1 ? recordsMax : min(recordsMax, batch.recordsMax) * queue.streams * 4
        let frames = queue.unsentFrames(stream, recordsMax: looked)
        return .send(frames, from: queue.cursor(stream), recordsMax: recordsMax)
    }

    /// Whether live rows fill a batch that is not sent yet.
    private func liveWaits(_ batchRecordsMax: Int) -> Bool {
        guard queue.sharesWithLive else { return false }
        return (queue.streams..<queue.streamCount).contains { stream in
            forwarders[stream].isConnected && queue.hasUnsent(stream)
                && queue.unsent(stream).records / queue.streams >= batchRecordsMax
        }
    }

    /// Whether an acknowledgement may allow a stream to send on.
    func waitsForAcknowledgements(_ stream: Int) -> Bool {
        queue.sharesWithLive || forwarders[stream].search.limit != nil
    }

    /// A batch was joined and is about to be sent.
    /// - Parameters:
    ///   - completes: the last frame of which it sends what is the stream's; the next one is sent up to the cursor of
    ///     `partial`.
    ///   - records: how many it holds; 0 when the frames held nothing of the stream's.
    /// - Returns: frames that are done with.
    mutating func batchJoined(
        _ stream: Int, completes: JournalPosition?,
        partial: (position: JournalPosition, cursor: FrameQueue.Cursor)?, records: Int, batchRecordsMax: Int,
        now: Duration
    ) -> [Released] {
        meter?.took(records, now: now)
        if queue.isLive(stream) {
            share.liveSent(records)
        } else {
            share.backlogSent(records, liveWaits: liveWaits(batchRecordsMax))
        }
        queue.sent(stream, completes: completes, partial: partial)
        guard records == 0 else {
            forwarders[stream].batchSent(completes: completes, partial: partial, records: records)
            return []
        }
        guard let completes, case .release(let position) = forwarders[stream].skipped(completes: completes) else {
            return []
        }
        return released(stream, upTo: position)
    }

    /// The target acknowledged a batch and all before it on the stream.
    /// - Returns: frames that are done with; nil when the target acknowledged what was never sent.
    mutating func acknowledged(_ stream: Int, _ offset: Int64) -> [Released]? {
        var done: [Released] = []
        switch forwarders[stream].acknowledged(offset) {
        case .violation: return nil
        case .nothing: break
        case .release(let position): done = released(stream, upTo: position)
        }
        if let (position, cursor) = forwarders[stream].delivered {
            queue.delivered(stream, partOf: position, upTo: cursor)
        }
        if forwarders[stream].isConnected { breaker.succeeded() }
        return done
    }

    private mutating func released(_ stream: Int, upTo position: JournalPosition) -> [Released] {
        queue.delivered(stream, upTo: position)
        return releaseAll()
    }

    private mutating func releaseAll() -> [Released] {
        var all: [Released] = []
        while let released = queue.release() { all.append(released) }
        return all
    }

    // MARK: Refused records

    /// A stream that waits until a record is among the dead letters.
    struct Burial {
        var stream: Int
        /// The record is the first of these that belongs to the stream, from the cursor on.
        var frames: [JournalFrame]
        var from: FrameQueue.Cursor
        var reason: TargetFailure
    }

    var burial: Burial? {
        for stream in forwarders.indices {
            guard let reason = forwarders[stream].burial, let (frames, done) = queue.front(stream) else { continue }
            return Burial(stream: stream, frames: frames, from: done, reason: reason)
        }
        return nil
    }

    var needsBurial: Bool {
        forwarders.indices.contains { forwarders[$0].burial != nil && queue.front($0) != nil }
    }

    /// The record is among the dead letters; the next one of its frame begins at `next`.
    mutating func buried(_ stream: Int, at position: JournalPosition, next: FrameQueue.Cursor) -> [Released] {
        forwarders[stream].buried()
        queue.buried(stream, at: position, next: next)
        return releaseAll()
    }

    /// There is nothing to bury any more.
    mutating func burialImpossible(_ stream: Int) { forwarders[stream].buried() }

    // MARK: What pages see

    var isConnected: Bool { forwarders.allSatisfy(\.isConnected) }

    /// Whether the target could not be reached, or broke a stream off, and has acknowledged nothing on it since.
    var isDown: Bool { forwarders.contains(where: \.isDown) }

    /// The link to the target in words: that of the stream which has most to tell.
    var words: String {
        let all = forwarders.map(\.words)
        return all.first { $0 != "connected" && $0 != "between streams" } ?? all.first { $0 == "connected" } ?? all[0]
    }

    var streamsOpened: Int { forwarders.reduce(0) { $0 + $1.streamsOpened } }
    var batchesSent: Int { forwarders.reduce(0) { $0 + $1.batchesSent } }
    var failures: Int { forwarders.reduce(0) { $0 + $1.failures } }
    var lastFailure: TargetFailure? { forwarders.lazy.compactMap(\.lastFailure).first }
}
