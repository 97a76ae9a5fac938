/// Which segments there are, what they hold and what of it is acknowledged; decides what may be deleted.
///
/// Knows positions and sizes, no files. Counts only what is durable.
package struct JournalState: Sendable {
    package struct Segment: Equatable, Sendable {
        package let number: UInt64
        package let id: UInt64
        /// Nil when its frames are in the clear.
        package let seal: FileSeal?
        /// Durable frames: one more than the last one's number.
        package internal(set) var frames: UInt32 = 0
        /// Of these, the first so many are known to have been synced as a whole.
        package internal(set) var syncedFrames: UInt32 = 0
        /// The index behind the last record.
        package internal(set) var records: UInt32 = 0
        /// The byte behind the last durable frame.
        package internal(set) var end = JournalFormat.bodyStart
        /// Whether frames are still appended to it.
        package internal(set) var isOpen = false

        init(number: UInt64, id: UInt64, seal: FileSeal?) {
            self.number = number
            self.id = id
            self.seal = seal
        }
    }

    /// Acknowledged up to here: all segments before `segment`, and its first `frames` frames.
    package struct Watermark: Equatable, Sendable {
        package var segment: UInt64
        package var segmentID: UInt64
        package var frames: UInt32
    }

    /// In order of number; the open one, if any, is the last.
    package private(set) var segments: [Segment] = []
    package private(set) var watermark: Watermark?
    /// The highest number ever used.
    private var lastNumber: UInt64 = 0

    package init() {}

    /// Bytes of all segments.
    package var bytes: Int { segments.reduce(0) { $0 + $1.end } }
    package var open: Segment? { segments.last.flatMap { $0.isOpen ? $0 : nil } }

    // MARK: Recovery

    mutating func recovered(watermark: Watermark) {
        self.watermark = watermark
        lastNumber = max(lastNumber, watermark.segment)
    }

    mutating func found(number: UInt64) {
        lastNumber = max(lastNumber, number)
    }

    /// The watermark counts for a segment only if it was written for this very file.
    mutating func found(number: UInt64, id: UInt64) {
        if watermark?.segment == number, watermark?.segmentID != id { watermark?.frames = 0 }
    }

    mutating func recovered(_ segment: Segment) {
        segments.append(segment)
        found(number: segment.number)
    }

    // MARK: Writing

    /// A number for a new segment. Every attempt takes another one, so that no file is ever used twice.
    mutating func numberTaken() -> UInt64 {
        lastNumber &+= 1
        return lastNumber
    }

    mutating func opened(number: UInt64, id: UInt64, seal: FileSeal?) {
        var segment = Segment(number: number, id: id, seal: seal)
        segment.isOpen = true
        segments.append(segment)
    }

    /// A group is durable in the open segment.
    mutating func appended(frames: Int, records: Int, end: Int) {
        guard !segments.isEmpty else { return }
        let last = segments.endIndex - 1
        segments[last].frames += UInt32(frames)
        segments[last].syncedFrames = segments[last].frames
        segments[last].records += UInt32(records)
        segments[last].end = end
    }

    /// Nothing more is appended to the open segment: it is full, or it failed.
    mutating func closed() {
        guard !segments.isEmpty else { return }
        segments[segments.endIndex - 1].isOpen = false
    }

    // MARK: Releasing

    /// Everything up to `position` is acknowledged.
    /// - Returns: whether that is news; the watermark never goes back.
    mutating func acknowledged(upTo position: JournalPosition) -> Bool {
        guard let segment = segments.first(where: { $0.number == position.segment }),
            position.frame < segment.frames, !isAcknowledged(position)
        else { return false }
        watermark = Watermark(segment: segment.number, segmentID: segment.id, frames: position.frame + 1)
        return true
    }

    package func isAcknowledged(_ position: JournalPosition) -> Bool {
        guard let watermark else { return false }
        return (position.segment, position.frame) < (watermark.segment, watermark.frames)
    }

    /// The first segment, if it is closed and nothing in it is needed any more.
    ///
    /// Only ever the first: the header of each segment says how much of the one before it counts.
    var deletable: UInt64? {
        guard let first = segments.first, !first.isOpen else { return nil }
        if first.frames > 0 {
            let last = JournalPosition(segment: first.number, frame: first.frames - 1)
            guard isAcknowledged(last) else { return nil }
        }
        return first.number
    }

    mutating func deleted(number: UInt64) {
        segments.removeAll { $0.number == number }
    }
}
