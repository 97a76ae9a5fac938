import ConnectorJournal
import ConnectorModel
import DequeModule

/// Durable frames that are not acknowledged yet, in order: first those in memory, then those only on disk.
///
/// Memory holds the front of the queue, sent and unsent. Once it is full, new frames stay on disk, and all that
/// follow them too, until reading has caught up: order is never broken.
struct FrameQueue {
    /// How far sending has come inside a frame.
    struct Cursor: Equatable {
        /// The byte of the frame's entries where the next record begins.
        var offset = 0
        var records = 0
    }

    /// The part of the queue that is only on disk.
    struct Spilled: Equatable {
        var from: JournalLocation
        var frames: Int
        var records: Int
    }

    private var frames: Deque<JournalFrame> = []
    /// So many frames at the front are sent wholly.
    private var sentFrames = 0
    private(set) var cursor = Cursor()
    /// How far the first frame is delivered, and how many of its records went to the dead letters instead.
    private var done = Cursor()
    private var buried = 0
    private(set) var records = 0
    private(set) var bytes = 0
    /// Records of frames that are not sent wholly.
    private(set) var unsentRecords = 0
    private(set) var unsentBytes = 0
    private(set) var spilled: Spilled?
    private let recordsMax: Int
    private let bytesMax: Int

    init(recordsMax: Int, bytesMax: Int) {
        self.recordsMax = recordsMax
        self.bytesMax = bytesMax
    }

    var isEmpty: Bool { frames.isEmpty && spilled == nil }
    var hasUnsent: Bool { sentFrames < frames.count }
    var oldest: JournalFrame? { frames.first }
    /// All records that are not acknowledged.
    var allRecords: Int { records + (spilled?.records ?? 0) }
    private var hasRoom: Bool { frames.isEmpty || records < recordsMax && bytes < bytesMax }

    // MARK: From the journal

    /// What the journal held when it was opened.
    mutating func recovered(_ recovery: JournalRecovery) {
        spilled = recovery.first.map { Spilled(from: $0, frames: recovery.frames, records: recovery.records) }
    }

    /// A group is durable.
    mutating func committed(_ group: [JournalEntry], _ commit: JournalCommit) {
        var location = commit.location
        var record = commit.firstRecord
        for entry in group {
            if spilled != nil || !hasRoom {
                spilled = spilled ?? Spilled(from: location, frames: 0, records: 0)
                spilled?.frames += 1
                spilled?.records += entry.frame.count
            } else {
                append(
                    JournalFrame(
                        position: location.position, segmentID: commit.segmentID, firstRecord: record,
                        source: entry.source, time: entry.time, frame: entry.frame))
            }
            location.position.frame += 1
            location.offset += entry.bytes + commit.sealBytes
            record += UInt32(entry.frame.count)
        }
    }

    /// Where to read on, if there is something on disk and room for it.
    var refill: (from: JournalLocation, recordsMax: Int, bytesMax: Int)? {
        guard let spilled, frames.isEmpty || records <= recordsMax / 2 && bytes <= bytesMax / 2 else { return nil }
        return (spilled.from, max(1, recordsMax - records), max(1, bytesMax - bytes))
    }

    mutating func refilled(_ reading: JournalReading) {
        for frame in reading.frames {
            append(frame)
            spilled?.frames -= 1
            spilled?.records -= frame.frame.count
        }
        guard let next = reading.next else {
            spilled = nil
            return
        }
        spilled?.from = next
    }

    private mutating func append(_ frame: JournalFrame) {
        frames.append(frame)
        records += frame.frame.count
        bytes += frame.frame.entries.count
        unsentRecords += frame.frame.count
        unsentBytes += frame.frame.entries.count
    }

    // MARK: Sending

    /// The next unsent frames, as many as may fill a batch; the first from ``cursor`` on.
    func unsent(recordsMax: Int) -> [JournalFrame] {
        var portion: [JournalFrame] = []
        var records = -cursor.records
        var index = sentFrames
        while index < frames.count, records < recordsMax {
            portion.append(frames[index])
            records += frames[index].frame.count
            index += 1
        }
        return portion
    }

    /// Frames up to `completes` were sent wholly, and the one at `partial` up to its cursor.
    ///
    /// Named by position, for frames that were on their way may have been given up meanwhile.
    mutating func sent(completes: JournalPosition?, partial: (position: JournalPosition, cursor: Cursor)?) {
        while let completes, hasUnsent, frames[sentFrames].position <= completes {
            let frame = frames[sentFrames]
            unsentRecords -= frame.frame.count
            unsentBytes -= frame.frame.entries.count
            sentFrames += 1
        }
        cursor = Cursor()
        if let partial, hasUnsent, frames[sentFrames].position == partial.position { cursor = partial.cursor }
    }

    /// Everything up to the end of a segment was given up.
    mutating func dropped(_ dropped: DroppedSegment) {
        while let first = frames.first, first.position.segment <= dropped.number {
            frames.removeFirst()
            (done, buried) = (Cursor(), 0)
            records -= first.frame.count
            bytes -= first.frame.entries.count
            if sentFrames > 0 {
                sentFrames -= 1
            } else {
                unsentRecords -= first.frame.count
                unsentBytes -= first.frame.entries.count
                cursor = Cursor()
            }
        }
        guard let rest = spilled, rest.from.position.segment <= dropped.number else { return }
        // Nothing behind that segment is in memory then.
        spilled = Spilled(
            from: JournalLocation(
                JournalPosition(segment: dropped.number + 1, frame: 0), offset: JournalFormat.bodyStart),
            frames: dropped.framesAfter, records: dropped.recordsAfter)
    }

    /// The stream is gone: everything that is not acknowledged is unsent again.
    mutating func rewind() {
        sentFrames = 0
        cursor = done
        unsentRecords = records
        unsentBytes = bytes
    }

    /// The first frame and how far it is delivered, when nothing is under way.
    var front: (frame: JournalFrame, done: Cursor)? {
        guard sentFrames == 0, let first = frames.first else { return nil }
        return (first, done)
    }

    /// A part of a frame is delivered.
    mutating func delivered(_ position: JournalPosition, upTo cursor: Cursor) {
        if frames.first?.position == position { done = cursor }
    }

    /// A record of the first frame is among the dead letters; the next one begins at `offset`.
    /// - Returns: whether it was the frame's last.
    mutating func buried(at position: JournalPosition, next offset: Int) -> Bool {
        guard let first = frames.first, first.position == position, sentFrames == 0 else { return false }
        done = Cursor(offset: offset, records: done.records + 1)
        buried += 1
        let isLast = done.records >= first.frame.count
        if isLast {
            sent(completes: position, partial: nil)
        } else {
            cursor = done
        }
        return isLast
    }

    /// Takes the first frame out if it was sent and lies at or before `position`.
    /// - Returns: the frame, and how many of its records went to the dead letters.
    mutating func release(upTo position: JournalPosition) -> (frame: JournalFrame, buried: Int)? {
        guard sentFrames > 0, let first = frames.first, first.position <= position else { return nil }
        frames.removeFirst()
        sentFrames -= 1
        records -= first.frame.count
        bytes -= first.frame.entries.count
        defer { (done, buried) = (Cursor(), 0) }
        return (first, buried)
    }
}
