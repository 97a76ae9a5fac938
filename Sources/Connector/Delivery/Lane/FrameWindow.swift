import ConnectorJournal
import ConnectorModel
import DequeModule

/// Frames in memory, oldest first, and how far each of their readers has sent and delivered them.
///
/// A reader is one stream of the target: it sends the records that are its own and passes over the others. A frame
/// leaves once every reader is done with it. Frames are named by position wherever time has passed, for those that
/// were on their way may have been given up meanwhile.
struct FrameWindow {
    /// A frame with what is needed to leave it on disk again.
    struct Committed {
        var frame: JournalFrame
        /// Its number among all that were committed in this run.
        var number: Int
        /// The byte of its segment where it begins.
        var offset: Int
    }

    private struct Held {
        var committed: Committed
        /// Records and bytes of all frames up to this one's end, those that have left included.
        var recordsEnd: Int
        var bytesEnd: Int
        /// Records that went to the dead letters.
        var buried = 0

        var frame: JournalFrame { committed.frame }
    }

    private struct Reader {
        /// The first frame that is not sent wholly, and how far it is sent.
        var sent: Int
        var cursor = FrameQueue.Cursor()
        /// The first frame that is not delivered wholly, and how far it is delivered.
        var delivered: Int
        var done = FrameQueue.Cursor()
    }

    private var frames: Deque<Held> = []
    /// How many frames have left at the front: what readers count from.
    private var gone = 0
    private var recordsGone = 0
    private var bytesGone = 0
    private var readers: [Reader]
    private let recordsMax: Int
    private let bytesMax: Int

    /// - Parameter readers: one at least.
    init(readers: Int, recordsMax: Int, bytesMax: Int) {
        self.readers = Array(repeating: Reader(sent: 0, delivered: 0), count: max(1, readers))
        self.recordsMax = max(1, recordsMax)
        self.bytesMax = max(1, bytesMax)
    }

    var isEmpty: Bool { frames.isEmpty }
    var count: Int { frames.count }
    var first: JournalFrame? { frames.first?.frame }
    var records: Int { (frames.last?.recordsEnd ?? recordsGone) - recordsGone }
    var bytes: Int { (frames.last?.bytesEnd ?? bytesGone) - bytesGone }
    private var end: Int { gone + frames.count }

    var hasRoom: Bool { frames.isEmpty || records < recordsMax && bytes < bytesMax }

    /// How much may be read back from disk; nil while the window is more than half full.
    var roomToRefill: (recordsMax: Int, bytesMax: Int)? {
        guard frames.isEmpty || records <= recordsMax / 2 && bytes <= bytesMax / 2 else { return nil }
        return (max(1, recordsMax - records), max(1, bytesMax - bytes))
    }

    mutating func append(_ committed: Committed) {
        let frame = committed.frame.frame
        frames.append(
            Held(
                committed: committed, recordsEnd: (frames.last?.recordsEnd ?? recordsGone) + frame.count,
                bytesEnd: (frames.last?.bytesEnd ?? bytesGone) + frame.entries.count))
    }

    // MARK: Sending

    func hasUnsent(_ reader: Int) -> Bool { readers[reader].sent < end }

    /// Records and bytes of frames that a reader has not sent wholly, those of other readers included.
    func unsent(_ reader: Int) -> (records: Int, bytes: Int) {
        let reader = readers[reader]
        let before = reader.sent > gone ? frames[reader.sent - 1 - gone] : nil
        return (
            records + recordsGone - (before?.recordsEnd ?? recordsGone) - reader.cursor.records,
            bytes + bytesGone - (before?.bytesEnd ?? bytesGone)
        )
    }

    func cursor(_ reader: Int) -> FrameQueue.Cursor { readers[reader].cursor }

    /// The next unsent frames, as many as hold so many records; the first from the reader's cursor on.
    func unsentFrames(_ reader: Int, recordsMax: Int) -> [JournalFrame] {
        var portion: [JournalFrame] = []
        var records = -readers[reader].cursor.records
        var index = readers[reader].sent - gone
        while index < frames.count, records < recordsMax {
            portion.append(frames[index].frame)
            records += frames[index].frame.frame.count
            index += 1
        }
        return portion
    }

    /// Frames up to `completes` were sent wholly, and the one at `partial` up to its cursor.
    mutating func sent(
        _ number: Int, completes: JournalPosition?, partial: (position: JournalPosition, cursor: FrameQueue.Cursor)?
    ) {
        var reader = readers[number]
        while let completes, reader.sent < end, frames[reader.sent - gone].frame.position <= completes {
            reader.sent += 1
        }
        reader.cursor = FrameQueue.Cursor()
        if let partial, reader.sent < end, frames[reader.sent - gone].frame.position == partial.position {
            reader.cursor = partial.cursor
        }
        readers[number] = reader
    }

    /// The reader's stream is gone: everything that is not acknowledged is unsent again.
    mutating func rewind(_ reader: Int) {
        readers[reader].sent = readers[reader].delivered
        readers[reader].cursor = readers[reader].done
    }

    // MARK: Delivered

    /// The target made everything that the reader sent up to the end of a frame durable.
    mutating func delivered(_ number: Int, upTo position: JournalPosition) {
        var reader = readers[number]
        while reader.delivered < reader.sent, frames[reader.delivered - gone].frame.position <= position {
            reader.delivered += 1
            reader.done = FrameQueue.Cursor()
        }
        readers[number] = reader
    }

    /// A part of a frame is delivered.
    mutating func delivered(_ reader: Int, partOf position: JournalPosition, upTo cursor: FrameQueue.Cursor) {
        let index = readers[reader].delivered
        if index < end, frames[index - gone].frame.position == position { readers[reader].done = cursor }
    }

    /// What the reader has not delivered, when nothing is under way.
    func front(_ reader: Int) -> (frames: [JournalFrame], done: FrameQueue.Cursor)? {
        let reader = readers[reader]
        guard reader.sent == reader.delivered, reader.delivered < end else { return nil }
        return (frames[(reader.delivered - gone)...].map(\.frame), reader.done)
    }

    /// A record is among the dead letters; before it nothing of the reader's is left, the next one begins at `next`.
    mutating func buried(_ number: Int, at position: JournalPosition, next: FrameQueue.Cursor) {
        var reader = readers[number]
        guard reader.sent == reader.delivered else { return }
        while reader.delivered < end, frames[reader.delivered - gone].frame.position < position {
            reader.delivered += 1
        }
        defer {
            reader.sent = reader.delivered
            reader.cursor = reader.done
            readers[number] = reader
        }
        guard reader.delivered < end, frames[reader.delivered - gone].frame.position == position else {
            reader.done = FrameQueue.Cursor()
            return
        }
        frames[reader.delivered - gone].buried += 1
        reader.done = next
        if next.records >= frames[reader.delivered - gone].frame.frame.count {
            reader.delivered += 1
            reader.done = FrameQueue.Cursor()
        }
    }

    // MARK: Leaving

    /// Takes the first frame out if every reader is done with it.
    /// - Returns: the frame, and how many of its records went to the dead letters.
    mutating func release() -> (frame: JournalFrame, buried: Int)? {
        guard readers.allSatisfy({ $0.delivered > gone }), let first = frames.popFirst() else { return nil }
        left(first)
        return (first.frame, first.buried)
    }

    /// Everything up to the end of a segment was given up.
    mutating func dropped(upTo segment: UInt64) {
        while let first = frames.first, first.frame.position.segment <= segment {
            frames.removeFirst()
            left(first)
        }
        for index in readers.indices {
            if readers[index].sent < gone {
                readers[index].sent = gone
                readers[index].cursor = FrameQueue.Cursor()
            }
            if readers[index].delivered < gone {
                readers[index].delivered = gone
                readers[index].done = FrameQueue.Cursor()
            }
        }
    }

    private mutating func left(_ held: Held) {
        gone += 1
        recordsGone = held.recordsEnd
        bytesGone = held.bytesEnd
    }

    /// Takes out what was committed from `number` on and is not on its way with any reader, in order.
    mutating func takeUnsent(from number: Int) -> [Committed] {
        let touched = readers.map { $0.sent + ($0.cursor == FrameQueue.Cursor() ? 0 : 1) }.max() ?? gone
        var taken: [Committed] = []
        while end > touched, let last = frames.last?.committed, last.number >= number {
            frames.removeLast()
            taken.append(last)
        }
        return taken.reversed()
    }
}
