import ConnectorJournal
import ConnectorModel

/// Makes batches: each record is its tag's prefix, its suffix and its `record_id`, joined in one pass.
///
/// The `record_id` is a column of its own or an entry of the metadata map, as the layout says: the segment's id in 16
/// hexadecimal digits, a hyphen and the record's index in the segment.
struct RecordJoiner: ~Copyable {
    /// Why ``join(_:from:recordsMax:bytesMax:)`` stopped.
    enum Outcome: Equatable {
        case frameDone
        case batchFull
    }

    private let table: InternedBytes
    private var prefixes: [InternedBytes.Entry] = []
    private let tags: StreamTags
    /// Whether the tags of the prefixes are the stream's; empty where all are.
    private var isOwn: [Bool] = []
    private var output: UnsafeMutableRawPointer
    private var capacity: Int
    private var used = 0
    private(set) var records = 0
    /// Records that could not be joined because their bytes or their prefix are lost.
    private(set) var lostRecords = 0
    private var name: RecordName

    /// Room in front of every record: tag and length.
    private static let headBytesMax = 11

    init(
        prefixes: InternedBytes, recordID: RecordLayout.RecordIDPlace = RecordLayout.rawEvents.recordIDPlace,
        tags: StreamTags = .all
    ) {
        table = prefixes
        self.tags = tags
        capacity = 64 * 1024
        output = .allocate(byteCount: capacity, alignment: 16)
        name = RecordName(recordID)
    }

    deinit { output.deallocate() }

    var isEmpty: Bool { records == 0 }

    /// The batch so far, and a new start.
    mutating func take() -> RecordBatch {
        let body = [UInt8](unsafeUninitializedCapacity: used) { bytes, count in
            UnsafeMutableRawBufferPointer(bytes).copyMemory(from: UnsafeRawBufferPointer(start: output, count: used))
            count = used
        }
        defer {
            used = 0
            records = 0
        }
        return RecordBatch(body: body, count: records)
    }

    /// How many records were lost since the last call.
    mutating func takeLostRecords() -> Int {
        defer { lostRecords = 0 }
        return lostRecords
    }

    /// Appends the records of a frame that are the stream's, from `cursor` on, to the batch until the frame or the
    /// room ends.
    mutating func join(
        _ frame: JournalFrame, from cursor: inout FrameQueue.Cursor, recordsMax: Int, bytesMax: Int
    ) -> Outcome {
        name.begin(segmentID: frame.segmentID, index: UInt64(frame.firstRecord) + UInt64(cursor.records))
        return frame.frame.entries.withUnsafeBytes { entries in
            while cursor.records < frame.frame.count {
                guard let entry = Entry(at: cursor.offset, of: entries) else {
                    if tags.takesLost { lostRecords += frame.frame.count - cursor.records }
                    return .frameDone
                }
                let prefix = prefix(entry.reference)
                if let prefix, isOthers(entry.reference, prefix) {
                    name.advance()
                    cursor.records &+= 1
                    cursor.offset = entry.end
                    continue
                }
                if records >= recordsMax { return .batchFull }
                if let prefix {
                    let length = prefix.count + entry.suffix.count + name.count
                    guard records == 0 || used + Self.headBytesMax + length <= bytesMax else { return .batchFull }
                    append(prefix, entry.suffix, length: length)
                    records &+= 1
                } else if tags.takesLost {
                    lostRecords += 1
                }
                name.advance()
                cursor.records &+= 1
                cursor.offset = entry.end
            }
            return .frameDone
        }
    }

    @inline(__always)
    private mutating func append(
        _ prefix: UnsafeRawBufferPointer, _ suffix: UnsafeRawBufferPointer, length: Int
    ) {
        let room = Self.headBytesMax + length + RecordName.copyBytes
        if capacity - used < room { grow(room) }
        var place = output + used
        place.storeBytes(of: 0x0A, as: UInt8.self)
        place += 1
        var rest = length
        while rest >= 0x80 {
            place.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            place += 1
            rest >>= 7
        }
        place.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
        place += 1
        if let start = prefix.baseAddress { place.copyMemory(from: start, byteCount: prefix.count) }
        place += prefix.count
        if let start = suffix.baseAddress { place.copyMemory(from: start, byteCount: suffix.count) }
        place += suffix.count
        name.copy(to: place)
        place += name.count
        used = output.distance(to: place)
    }

    /// Nil when no such prefix was ever read or registered.
    @inline(__always)
    private mutating func prefix(_ reference: UInt64) -> UnsafeRawBufferPointer? {
        if reference >= UInt64(prefixes.count) {
            prefixes += table.entries(from: prefixes.count)
            guard reference < UInt64(prefixes.count) else { return nil }
        }
        let entry = prefixes[Int(truncatingIfNeeded: reference)]
        return entry.isLost ? nil : entry.bytes
    }

    /// Whether a record is another stream's.
    @inline(__always)
    private mutating func isOthers(_ reference: UInt64, _ prefix: UnsafeRawBufferPointer) -> Bool {
        if tags.areAll { return false }
        while isOwn.count < prefixes.count { isOwn.append(tags.contains(prefixes[isOwn.count].bytes)) }
        return !isOwn[Int(truncatingIfNeeded: reference)]
    }

    private mutating func grow(_ room: Int) {
        let wanted = capacity * 2 + room
        let larger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
        larger.copyMemory(from: output, byteCount: used)
        output.deallocate()
        output = larger
        capacity = wanted
    }

    /// The record at `cursor` of a frame, apart: its two parts and where the next one begins; nil when there is none.
    static func record(
        of frame: JournalFrame, at cursor: FrameQueue.Cursor, prefixes: InternedBytes
    ) -> (prefix: [UInt8], suffix: [UInt8], end: Int)? {
        frame.frame.entries.withUnsafeBytes { entries in
            guard let entry = Entry(at: cursor.offset, of: entries), entry.reference < UInt64(prefixes.count) else {
                return nil
            }
            let prefix = prefixes.entries(from: Int(entry.reference)).first.map { Array($0.bytes) } ?? []
            return (prefix, Array(entry.suffix), entry.end)
        }
    }

    /// The first record of frames that is a stream's, from a cursor in the first frame on.
    static func firstRecord(
        of frames: [JournalFrame], from start: FrameQueue.Cursor, tags: StreamTags, prefixes: InternedBytes
    ) -> (frame: JournalFrame, prefix: [UInt8], suffix: [UInt8], next: FrameQueue.Cursor)? {
        var cursor = start
        for frame in frames {
            while cursor.records < frame.frame.count,
                let record = record(of: frame, at: cursor, prefixes: prefixes)
            {
                cursor = FrameQueue.Cursor(offset: record.end, records: cursor.records + 1)
                let isOwn = record.prefix.withUnsafeBytes { tags.contains($0) }
                if isOwn { return (frame, record.prefix, record.suffix, cursor) }
            }
            cursor = FrameQueue.Cursor()
        }
        return nil
    }

    /// One entry of a frame.
    private struct Entry {
        let reference: UInt64
        let suffix: UnsafeRawBufferPointer
        let end: Int

        /// Nil when the bytes at `offset` are no whole entry.
        @inline(__always)
        init?(at offset: Int, of entries: UnsafeRawBufferPointer) {
            var place = offset
            guard let reference = Self.varint(&place, entries), let length = Self.varint(&place, entries),
                length <= UInt64(entries.count - place)
            else { return nil }
            self.reference = reference
            end = place + Int(truncatingIfNeeded: length)
            suffix = UnsafeRawBufferPointer(rebasing: entries[place..<end])
        }

        @inline(__always)
        private static func varint(_ place: inout Int, _ entries: UnsafeRawBufferPointer) -> UInt64? {
            var value: UInt64 = 0
            var shift: UInt64 = 0
            while place < entries.count, shift < 35 {
                let byte = entries[place]
                place &+= 1
                value |= UInt64(byte & 0x7F) << shift
                if byte < 0x80 { return value }
                shift += 7
            }
            return nil
        }
    }
}
