import ConnectorKeys
import ConnectorModel

/// The header of a segment or of the tags file; see ``JournalFormat``.
struct FileHeader: Equatable, Sendable {
    /// What the bytes at the start of a file turned out to be.
    enum Decoded: Equatable {
        case header(FileHeader)
        /// Written by a newer version of the program.
        case newer(version: UInt16)
        /// Sealed with a key that the ring does not have.
        case unknownKey(KeyID)
        case invalid
    }

    var magic: UInt64
    var id: UInt64
    var number: UInt64
    var created: Timestamp
    /// The segment before this one and how many of its frames count.
    var previous: UInt64
    var previousFrames: UInt32
    /// How many of those were known to be synced; what lies between may have holes that nobody was promised to be filled.
    var previousSynced: UInt32
    /// The seal of what follows; nil when it is in the clear.
    var seal: FileSeal?

    /// Decodes one copy; `bytes` may be anything.
    static func decode(_ bytes: UnsafeRawBufferPointer, magic: UInt64, _ ring: KeyRing) -> Decoded {
        guard bytes.count >= JournalFormat.headerBytes, bytes.number(at: 0, UInt64.self) == magic,
            bytes.number(at: 508, UInt32.self) == CRC32C.checksum(bytes.slice(0..<508))
        else { return .invalid }
        let version = bytes.number(at: 8, UInt16.self)
        let flags = bytes.number(at: 10, UInt16.self)
        guard version == JournalFormat.version, flags & ~FileSeal.flag == 0 else { return .newer(version: version) }
        var seal: FileSeal?
        if flags & FileSeal.flag != 0 {
            let purpose: FileSeal.Purpose = magic == JournalFormat.tagsMagic ? .tags : .segment
            switch FileSeal.find(inHeader: bytes, purpose, ring) {
            case .seal(let found): seal = found
            case .unknownKey(let id): return .unknownKey(id)
            case .invalid: return .invalid
            }
        }
        return .header(
            FileHeader(
                magic: magic, id: bytes.number(at: 16, UInt64.self), number: bytes.number(at: 24, UInt64.self),
                created: Timestamp(microseconds: bytes.number(at: 32, Int64.self)),
                previous: bytes.number(at: 40, UInt64.self), previousFrames: bytes.number(at: 48, UInt32.self),
                previousSynced: bytes.number(at: 52, UInt32.self), seal: seal))
    }

    /// Decodes the copies of a header, `JournalFormat.headerBytes` apart: the first valid one counts.
    static func decode(copies: UnsafeRawBufferPointer, magic: UInt64, _ ring: KeyRing) -> Decoded {
        var start = 0
        while start + JournalFormat.headerBytes <= copies.count {
            let decoded = decode(copies.slice(start..<start + JournalFormat.headerBytes), magic: magic, ring)
            if decoded != .invalid { return decoded }
            start += JournalFormat.headerBytes
        }
        return .invalid
    }

    /// Reads the header of a file.
    static func read(
        _ file: any StorageFile, magic: UInt64, _ ring: KeyRing
    ) throws(JournalFailure) -> Decoded {
        var buffer = RawBuffer(capacity: JournalFormat.bodyStart)
        let room = buffer.extend(by: JournalFormat.bodyStart)
        buffer.truncate(to: try file.read(into: room, at: 0))
        return decode(copies: buffer.bytes, magic: magic, ring)
    }

    /// Writes one copy over `bytes`, which hold `JournalFormat.headerBytes`.
    func encode(into bytes: UnsafeMutableRawBufferPointer) {
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        bytes.store(magic, at: 0)
        bytes.store(JournalFormat.version, at: 8)
        bytes.store(seal == nil ? 0 : FileSeal.flag, at: 10)
        bytes.store(id, at: 16)
        bytes.store(number, at: 24)
        bytes.store(created.microseconds, at: 32)
        bytes.store(previous, at: 40)
        bytes.store(previousFrames, at: 48)
        bytes.store(previousSynced, at: 52)
        seal?.write(toHeader: bytes)
        bytes.store(CRC32C.checksum(UnsafeRawBufferPointer(bytes).slice(0..<508)), at: 508)
    }
}
