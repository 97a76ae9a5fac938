import ConnectorJournal
import ConnectorModel
import DequeModule

/// Durable frames that are not acknowledged yet: first those in memory, then those only on disk, and beside them the
/// newest ones, when live rows have a share of the way to the target.
///
/// Where they have none, order is never broken: once memory is full, new frames stay on disk, and all that follow
/// them too, until reading has caught up. Where they have one, new frames are kept in memory as long as there is a
/// backlog on disk, and go out beside it; those that memory cannot hold join the backlog.
struct FrameQueue {
    /// How far sending has come inside a frame.
    struct Cursor: Equatable {
        /// The byte of the frame's entries where the next record begins.
        var offset = 0
        var records = 0
    }

    /// A part of the queue that is only on disk.
    private struct Spilled {
        var from: JournalLocation
        /// The first frame behind it; nil while it reaches to the journal's end.
        var until: JournalPosition?
        var frames: Int
        var records: Int
    }

    /// What is read back from disk next.
    struct Refill: Equatable {
        var from: JournalLocation
        /// Where to stop though there is more; nil for the journal's end.
        var until: JournalPosition?
        var recordsMax: Int
        var bytesMax: Int
    }

    /// So many streams share each of the two parts.
    let streams: Int
    /// Whether new frames go beside the backlog.
    let sharesWithLive: Bool
    private var backlog: FrameWindow
    private var live: FrameWindow
    private var spilled: Deque<Spilled> = []
    private var nextNumber = 0
    /// The number behind the last frame that was left on disk: what is older stays in memory, so that the backlog
    /// stays in order.
    private var spilledUpTo = 0
    /// The last frames that left each part.
    private var lastOfBacklog: JournalPosition?
    private var lastOfLive: JournalPosition?

    init(streams: Int = 1, sharesWithLive: Bool = false, recordsMax: Int, bytesMax: Int) {
        self.streams = max(1, streams)
        self.sharesWithLive = sharesWithLive
        let parts = sharesWithLive ? 2 : 1
        backlog = FrameWindow(readers: streams, recordsMax: recordsMax / parts, bytesMax: bytesMax / parts)
        live = FrameWindow(readers: streams, recordsMax: recordsMax / parts, bytesMax: bytesMax / parts)
    }

    var isEmpty: Bool { backlog.isEmpty && live.isEmpty && spilled.isEmpty }
    /// Whether a part of it is only on disk.
    var isSpilled: Bool { !spilled.isEmpty }
    /// Records in memory.
    var records: Int { backlog.records + live.records }
    /// All records that are not acknowledged.
    var allRecords: Int { records + spilled.reduce(0) { $0 + $1.records } }
    var oldest: JournalFrame? {
        guard let first = backlog.first else { return live.first }
        return live.first.map { $0.position < first.position ? $0 : first } ?? first
    }
    /// How many streams there are: those of the backlog first, then those of live rows.
    var streamCount: Int { sharesWithLive ? 2 * streams : streams }

    /// Whether a stream sends live rows.
    func isLive(_ stream: Int) -> Bool { stream >= streams }

    // MARK: From the journal

    /// What the journal held when it was opened.
    mutating func recovered(_ recovery: JournalRecovery) {
        guard let first = recovery.first else { return }
        nextNumber = recovery.frames
        spilledUpTo = nextNumber
        spilled = [Spilled(from: first, frames: recovery.frames, records: recovery.records)]
    }

    /// A group is durable.
    mutating func committed(_ group: [JournalEntry], _ commit: JournalCommit) {
        var location = commit.location
        var record = commit.firstRecord
        for entry in group {
            let frame = JournalFrame(
                position: location.position, segmentID: commit.segmentID, firstRecord: record, source: entry.source,
                time: entry.time, frame: entry.frame)
            enter(FrameWindow.Committed(frame: frame, number: nextNumber, offset: location.offset))
            nextNumber += 1
            location.position.frame += 1
            location.offset += entry.bytes + commit.sealBytes
            record += UInt32(entry.frame.count)
        }
    }

    private mutating func enter(_ frame: FrameWindow.Committed) {
        if spilled.isEmpty, live.isEmpty, backlog.hasRoom { return backlog.append(frame) }
        guard sharesWithLive else { return spill(frame) }
        if live.hasRoom {
            if let last = spilled.indices.last, spilled[last].until == nil {
                spilled[last].until = frame.frame.position
            }
            return live.append(frame)
        }
        // All at once, so that the parts on disk are few and large.
        for unsent in live.takeUnsent(from: spilledUpTo) { spill(unsent) }
        spill(frame)
    }

    /// Leaves a frame on disk, behind all that are there.
    private mutating func spill(_ committed: FrameWindow.Committed) {
        let records = committed.frame.frame.count
        defer { spilledUpTo = committed.number + 1 }
        if let last = spilled.indices.last, spilledUpTo == committed.number {
            spilled[last].until = nil
            spilled[last].frames += 1
            spilled[last].records += records
        } else {
            spilled.append(
                Spilled(
                    from: JournalLocation(committed.frame.position, offset: committed.offset), frames: 1,
                    records: records))
        }
    }

    /// Where to read on, if there is something on disk and room for it.
    var refill: Refill? {
        guard let first = spilled.first, let room = backlog.roomToRefill else { return nil }
        return Refill(
            from: first.from, until: first.until, recordsMax: room.recordsMax, bytesMax: room.bytesMax)
    }

    mutating func refilled(_ reading: JournalReading) {
        guard var first = spilled.first else { return }
        for frame in reading.frames {
            // What was read back is not left on disk once more.
            backlog.append(FrameWindow.Committed(frame: frame, number: 0, offset: 0))
            first.frames = max(0, first.frames - 1)
            first.records = max(0, first.records - frame.frame.count)
        }
        guard let next = reading.next else {
            spilled.removeFirst()
            return
        }
        first.from = next
        spilled[spilled.startIndex] = first
    }

    // MARK: Sending

    func hasUnsent(_ stream: Int) -> Bool { part(of: stream).hasUnsent(stream % streams) }

    /// How much of its part a stream has before it, that of its neighbours included.
    func unsent(_ stream: Int) -> (records: Int, bytes: Int) { part(of: stream).unsent(stream % streams) }

    func cursor(_ stream: Int) -> Cursor { part(of: stream).cursor(stream % streams) }

    func unsentFrames(_ stream: Int, recordsMax: Int) -> [JournalFrame] {
        part(of: stream).unsentFrames(stream % streams, recordsMax: recordsMax)
    }

    mutating func sent(
        _ stream: Int, completes: JournalPosition?, partial: (position: JournalPosition, cursor: Cursor)?
    ) {
        change(stream) { $0.sent($1, completes: completes, partial: partial) }
    }

    /// A stream is gone: what it sent and was not acknowledged is unsent again.
    mutating func rewind(_ stream: Int) { change(stream) { $0.rewind($1) } }

    /// What a stream has not delivered, when nothing is under way on it.
    func front(_ stream: Int) -> (frames: [JournalFrame], done: Cursor)? { part(of: stream).front(stream % streams) }

    mutating func delivered(_ stream: Int, partOf position: JournalPosition, upTo cursor: Cursor) {
        change(stream) { $0.delivered($1, partOf: position, upTo: cursor) }
    }

    mutating func delivered(_ stream: Int, upTo position: JournalPosition) {
        change(stream) { $0.delivered($1, upTo: position) }
    }

    /// A record is among the dead letters; nothing of the stream's is left before it.
    mutating func buried(_ stream: Int, at position: JournalPosition, next: Cursor) {
        change(stream) { $0.buried($1, at: position, next: next) }
    }

    private func part(of stream: Int) -> FrameWindow { isLive(stream) ? live : backlog }

    private mutating func change(_ stream: Int, _ body: (inout FrameWindow, Int) -> Void) {
        if isLive(stream) { body(&live, stream % streams) } else { body(&backlog, stream % streams) }
    }

    // MARK: Leaving

    /// Takes the oldest frame out with which every stream is done.
    /// - Returns: the frame, and how many of its records went to the dead letters.
    mutating func release() -> (frame: JournalFrame, buried: Int)? {
        if let released = backlog.release() {
            lastOfBacklog = released.frame.position
            return released
        }
        guard let released = live.release() else { return nil }
        lastOfLive = released.frame.position
        return released
    }

    /// Everything up to here has left; nil when nothing has yet.
    ///
    /// Live frames that left before older ones of the backlog do not count: after a kill they are sent again.
    var watermark: JournalPosition? {
        let oldest = [backlog.first?.position, live.first?.position, spilled.first?.from.position]
            .compactMap { $0 }.min()
        return [lastOfBacklog, lastOfLive].compactMap { $0 }.filter { left in oldest.map { left < $0 } ?? true }.max()
    }

    /// Everything up to the end of a segment was given up.
    mutating func dropped(_ dropped: DroppedSegment) {
        backlog.dropped(upTo: dropped.number)
        live.dropped(upTo: dropped.number)
        let start = JournalPosition(segment: dropped.number + 1, frame: 0)
        while let first = spilled.first, let until = first.until, until <= start { spilled.removeFirst() }
        guard let first = spilled.first, first.from.position < start else { return }
        let others = spilled.dropFirst()
        spilled[spilled.startIndex].from = JournalLocation(start, offset: JournalFormat.bodyStart)
        spilled[spilled.startIndex].frames = min(
            first.frames, max(0, dropped.framesAfter - live.count - others.reduce(0) { $0 + $1.frames }))
        spilled[spilled.startIndex].records = min(
            first.records, max(0, dropped.recordsAfter - live.records - others.reduce(0) { $0 + $1.records }))
    }
}
