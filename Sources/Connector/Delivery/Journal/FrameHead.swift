package import ConnectorModel

/// The fixed part in front of a frame's body; see ``JournalFormat``.
package struct FrameHead: Equatable, Sendable {
    /// Bytes of cursor and entries.
    package var bodyBytes: Int
    /// The frame's number in its segment, counted from 0.
    package var number: UInt32
    package var records: UInt32
    /// The index of its first record in the segment.
    package var firstRecord: UInt32
    /// The reference of the source's name in the tags file.
    package var source: UInt32
    package var time: Timestamp
    /// Frames of the segment that were durable when this one was written.
    package var syncedFrames: UInt32
    /// Prefixes that were durable when this one was written: the frame refers to lower numbers only.
    package var prefixes: UInt32
    package var partition: UInt16
    package var cursorBytes: UInt16
    var bodyChecksum: UInt32

    static let mark: UInt32 = 0x4D52_4650  // "PFRM"

    /// Bytes of the whole frame.
    package var bytes: Int { JournalFormat.frameHeadBytes + bodyBytes }

    init(
        bodyBytes: Int, number: UInt32, records: UInt32, firstRecord: UInt32, source: UInt32, time: Timestamp,
        syncedFrames: UInt32, prefixes: UInt32, bodyChecksum: UInt32
    ) {
        self.bodyBytes = bodyBytes
        self.number = number
        self.records = records
        self.firstRecord = firstRecord
        self.source = source
        self.time = time
        self.syncedFrames = syncedFrames
        self.prefixes = prefixes
        self.partition = 0
        self.cursorBytes = 0
        self.bodyChecksum = bodyChecksum
    }

    /// Decodes a head at the start of `bytes`; nil when there is none whose checksum holds.
    init?(decoding bytes: UnsafeRawBufferPointer, salt: UInt32) {
        guard bytes.count >= JournalFormat.frameHeadBytes, bytes.number(at: 0, UInt32.self) == Self.mark,
            bytes.number(at: 48, UInt32.self) == CRC32C.checksum(bytes.slice(0..<48), from: salt)
        else { return nil }
        bodyBytes = Int(bytes.number(at: 4, UInt32.self))
        number = bytes.number(at: 8, UInt32.self)
        records = bytes.number(at: 12, UInt32.self)
        firstRecord = bytes.number(at: 16, UInt32.self)
        source = bytes.number(at: 20, UInt32.self)
        time = Timestamp(microseconds: bytes.number(at: 24, Int64.self))
        syncedFrames = bytes.number(at: 32, UInt32.self)
        prefixes = bytes.number(at: 36, UInt32.self)
        partition = bytes.number(at: 40, UInt16.self)
        cursorBytes = bytes.number(at: 42, UInt16.self)
        bodyChecksum = bytes.number(at: 44, UInt32.self)
        guard bodyBytes <= JournalFormat.frameBodyBytesMax, Int(cursorBytes) <= bodyBytes,
            // Numbers that follow from these must not overflow either.
            number < .max, prefixes <= JournalFormat.referencesMax, source < JournalFormat.referencesMax,
            !firstRecord.addingReportingOverflow(records).overflow
        else { return nil }
    }

    /// Writes the head over `bytes`, which hold `JournalFormat.frameHeadBytes`.
    func encode(into bytes: UnsafeMutableRawBufferPointer, salt: UInt32) {
        encodeFields(into: bytes)
        bytes.store(bodyChecksum, at: 44)
        bytes.store(CRC32C.checksum(UnsafeRawBufferPointer(bytes).slice(0..<48), from: salt), at: 48)
    }

    /// Writes all but the checksums.
    func encodeFields(into bytes: UnsafeMutableRawBufferPointer) {
        bytes.store(Self.mark, at: 0)
        bytes.store(UInt32(truncatingIfNeeded: bodyBytes), at: 4)
        bytes.store(number, at: 8)
        bytes.store(records, at: 12)
        bytes.store(firstRecord, at: 16)
        bytes.store(source, at: 20)
        bytes.store(time.microseconds, at: 24)
        bytes.store(syncedFrames, at: 32)
        bytes.store(prefixes, at: 36)
        bytes.store(partition, at: 40)
        bytes.store(cursorBytes, at: 42)
    }
}
