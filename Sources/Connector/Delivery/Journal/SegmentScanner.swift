import Glibc

/// Reads a segment's frames in order through a window of memory, past whatever is damaged.
///
/// Never trusts a length before the checksum of its head holds, and holds at most one frame beyond the window.
/// A frame whose body is damaged is skipped by its length; where a head is damaged, the next valid head is sought.
struct SegmentScanner: ~Copyable {
    /// A place without a valid frame, before anything is known of its cause.
    struct Gap: Equatable {
        var offset: Int
        var bytes: Int
        var firstFrame: UInt32
        var frames: Int
        var records: Int
    }

    enum Item {
        /// The bytes are valid until the next call. The body is as it stands on disk, perhaps sealed.
        case frame(FrameHead, offset: Int, headBytes: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer)
        case gap(Gap)
    }

    private static let firstOfMark = Int32(FrameHead.mark & 0xFF)

    private let file: any StorageFile
    private let salt: UInt32
    /// Frames from this number on are none of ours.
    private let framesMax: UInt32
    private var window: RawBuffer
    private let windowBytes: Int
    private var windowStart: Int
    private var fileEnded = false

    /// Where the next frame should begin.
    private(set) var offset: Int
    private(set) var nextFrame: UInt32
    private(set) var nextRecord: UInt32

    /// Starts at a frame's place.
    /// - Parameter framesMax: how many frames of the segment count; those behind are passed over in silence.
    init(
        _ file: any StorageFile, segmentID: UInt64, framesMax: UInt32 = .max,
        offset: Int = JournalFormat.bodyStart, frame: UInt32 = 0, record: UInt32 = 0,
        windowBytes: Int = 1024 * 1024
    ) {
        self.file = file
        self.salt = CRC32C.salt(segmentID)
        self.framesMax = framesMax
        self.windowBytes = windowBytes
        self.window = RawBuffer(capacity: windowBytes + JournalFormat.frameHeadBytes)
        self.windowStart = offset
        self.offset = offset
        self.nextFrame = frame
        self.nextRecord = record
    }

    /// The next frame or gap; nil when no valid frame follows.
    mutating func next() throws(JournalFailure) -> Item? {
        guard nextFrame < framesMax else { return nil }
        guard let head = try decodeHead(at: offset) else { return try gapToNextHead() }
        guard head.number < framesMax else { return try missingAtEnd() }
        if head.number > nextFrame { return .gap(passOver(to: head, at: offset)) }
        guard try load(offset, head.bytes) else { return try gapToNextHead() }
        let start = offset
        let inWindow = start - windowStart
        let body = window.bytes.slice(inWindow + JournalFormat.frameHeadBytes..<inWindow + head.bytes)
        step(over: head)
        guard CRC32C.checksum(body, from: salt) == head.bodyChecksum else {
            return .gap(
                Gap(
                    offset: start, bytes: head.bytes, firstFrame: head.number, frames: 1, records: Int(head.records)))
        }
        let headBytes = window.bytes.slice(inWindow..<inWindow + JournalFormat.frameHeadBytes)
        return .frame(head, offset: start, headBytes: headBytes, body: body)
    }

    private mutating func step(over head: FrameHead) {
        offset += head.bytes
        nextFrame = head.number + 1
        nextRecord = head.firstRecord + head.records
    }

    /// Records the numbers that are missing before `head`, which lies at `place`, and goes there.
    private mutating func passOver(to head: FrameHead, at place: Int) -> Gap {
        let gap = Gap(
            offset: offset, bytes: place - offset, firstFrame: nextFrame, frames: Int(head.number - nextFrame),
            records: max(0, Int(head.firstRecord) - Int(nextRecord)))
        offset = place
        nextFrame = head.number
        nextRecord = head.firstRecord
        return gap
    }

    /// No frame at `offset`: the next one behind it, if there is any.
    private mutating func gapToNextHead() throws(JournalFailure) -> Item? {
        var place = offset + 1
        while let candidate = try nextMark(from: place) {
            if let head = try decodeHead(at: candidate), head.number < framesMax,
                try load(candidate, head.bytes), isWhole(head, at: candidate)
            {
                return .gap(passOver(to: head, at: candidate))
            }
            place = candidate + 1
        }
        return try missingAtEnd()
    }

    /// Nothing valid follows: a gap if the segment is known to hold more frames, else the end.
    private mutating func missingAtEnd() throws(JournalFailure) -> Item? {
        guard framesMax != .max, nextFrame < framesMax else { return nil }
        defer { nextFrame = framesMax }
        return .gap(
            Gap(offset: offset, bytes: 0, firstFrame: nextFrame, frames: Int(framesMax - nextFrame), records: 0))
    }

    private func isWhole(_ head: FrameHead, at place: Int) -> Bool {
        let start = place - windowStart + JournalFormat.frameHeadBytes
        let body = window.bytes.slice(start..<start + head.bodyBytes)
        return CRC32C.checksum(body, from: salt) == head.bodyChecksum
    }

    /// A head at `place` that could follow what has been read.
    private mutating func decodeHead(at place: Int) throws(JournalFailure) -> FrameHead? {
        guard try load(place, JournalFormat.frameHeadBytes) else { return nil }
        let start = place - windowStart
        let bytes = window.bytes.slice(start..<start + JournalFormat.frameHeadBytes)
        guard let head = FrameHead(decoding: bytes, salt: salt), head.number >= nextFrame else { return nil }
        return head
    }

    private mutating func nextMark(from start: Int) throws(JournalFailure) -> Int? {
        var place = start
        while try load(place, JournalFormat.frameHeadBytes) {
            let bytes = window.bytes
            let ends = windowStart + bytes.count - 3
            while place < ends {
                let rest = bytes.slice(place - windowStart..<bytes.count - 3)
                guard let base = rest.baseAddress, let found = memchr(base, Self.firstOfMark, rest.count) else {
                    place = ends
                    break
                }
                place += base.distance(to: UnsafeRawPointer(found))
                if bytes.number(at: place - windowStart, UInt32.self) == FrameHead.mark { return place }
                place += 1
            }
        }
        return nil
    }

    /// Brings `count` bytes from `place` on into the window; false when the file ends before.
    private mutating func load(_ place: Int, _ count: Int) throws(JournalFailure) -> Bool {
        if place >= windowStart, place + count <= windowStart + window.count { return true }
        if place < windowStart || place > windowStart + window.count {
            window.clear()
            windowStart = place
            fileEnded = false
        } else if place > windowStart {
            window.dropFirst(place - windowStart)
            windowStart = place
        }
        while window.count < count, !fileEnded {
            let had = window.count
            let wanted = max(windowBytes, count) - had
            let room = window.extend(by: wanted)
            do {
                let got = try file.read(into: room, at: windowStart + had)
                window.truncate(to: had + got)
                fileEnded = got < wanted
            } catch {
                window.truncate(to: had)
                throw error
            }
        }
        return window.count >= count
    }
}
