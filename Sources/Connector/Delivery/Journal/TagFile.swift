import ConnectorKeys
import ConnectorModel

/// The `tags` file: what frames refer to by number, made durable before the first frame that refers to it.
struct TagFile: ~Copyable {
    enum Kind: UInt32, CaseIterable {
        case prefix = 1
        case source = 2

        var index: Int { self == .prefix ? 0 : 1 }
    }

    static let mark: UInt32 = 0x4741_5450  // "PTAG"
    static let entryHeadBytes = 20
    /// More than fits in memory anyway: beyond it the file is not ours.
    private static let fileBytesMax = 1 << 30

    private let storage: any Storage
    private let sealing: JournalSealing
    private let tables: JournalTables
    /// Entries of each kind that are durable, by the kind's index.
    private var synced = [0, 0]
    /// The file that this process wrote; nil when there is none yet, or it failed.
    private var file: (any StorageFile)?
    private var salt: UInt32 = 0
    private var seal: FileSeal?
    private var end = 0
    /// Entries that were in use and cannot be read.
    private(set) var lostEntries = 0

    init(storage: any Storage, sealing: JournalSealing, tables: JournalTables) {
        self.storage = storage
        self.sealing = sealing
        self.tables = tables
    }

    // MARK: Start

    /// Reads the file, if there is one, into the tables. A damaged entry's number stays taken and unusable.
    mutating func load() throws(JournalFailure) {
        guard try storage.names().contains(JournalFormat.tagsName) else { return }
        let file = try storage.open(JournalFormat.tagsName)
        defer { file.close() }
        let size = try file.size()
        guard size <= Self.fileBytesMax else {
            throw JournalFailure(.device, "\(storage.path)/\(JournalFormat.tagsName) is too large: \(size) bytes")
        }
        var content = RawBuffer(capacity: size)
        let room = content.extend(by: size)
        content.truncate(to: try file.read(into: room, at: 0))
        let bytes = content.bytes
        let copies = bytes.slice(0..<min(bytes.count, JournalFormat.bodyStart))
        switch FileHeader.decode(copies: copies, magic: JournalFormat.tagsMagic, sealing.ring) {
        case .newer(let version):
            throw JournalFailure.newer(version, path: storage.path, name: JournalFormat.tagsName)
        case .unknownKey(let id):
            throw JournalFailure.unknownKey(
                id, path: storage.path, name: JournalFormat.tagsName, ring: sealing.ring)
        case .invalid:
            // Entries are salted with an id that is lost. Frames tell how many numbers were in use.
            break
        case .header(let header):
            // What an earlier process could not sync can be read here as if it were durable, and another sync would
            // report success. So this file is read and never built upon: the first group writes another one.
            salt = CRC32C.salt(header.id)
            seal = header.seal
            parse(bytes)
        }
    }

    private mutating func parse(_ bytes: UnsafeRawBufferPointer) {
        var place = JournalFormat.bodyStart
        while place + Self.entryHeadBytes <= bytes.count {
            guard let entry = Entry(at: place, of: bytes, salt: salt, seal), restore(entry) else {
                place += 1
                continue
            }
            place = entry.end
        }
    }

    /// False when the entry cannot follow those before it: references only rise.
    private mutating func restore(_ entry: Entry) -> Bool {
        let reference = Int(entry.reference)
        guard reference >= tables[entry.kind].count, reference < JournalFormat.referencesMax else { return false }
        reserve(entry.kind, upTo: reference)
        entry.content.withUnsafeBytes { tables[entry.kind].restore($0) }
        synced[entry.kind.index] = reference + 1
        return true
    }

    /// Numbers below `count` are in use: those that could not be read are never given again.
    mutating func reserve(_ kind: Kind, upTo count: Int) {
        let missing = count - tables[kind].count
        guard missing > 0 else { return }
        for _ in 0..<missing { tables[kind].restoreLost() }
        lostEntries += missing
        synced[kind.index] = count
    }

    // MARK: Writing

    /// How many prefixes frames may refer to.
    var syncedPrefixes: Int { synced[Kind.prefix.index] }

    /// Makes all entries of the tables durable.
    mutating func persist(random: () -> UInt64) throws(JournalFailure) {
        let prefixes = tables.prefixes.entries(from: file == nil ? 0 : synced[Kind.prefix.index])
        let sources = tables.sources.entries(from: file == nil ? 0 : synced[Kind.source.index])
        guard !prefixes.isEmpty || !sources.isEmpty else { return }
        if let file {
            var portions = Portions(of: file, at: end)
            do {
                try encode(sources, .source, into: &portions, random)
                try encode(prefixes, .prefix, into: &portions, random)
                try portions.flush()
                try file.sync()
            } catch {
                // What the file holds now is unknown: never sync it again, write another one.
                file.close()
                self.file = nil
                throw error
            }
            end = portions.end
        } else {
            let id = random()
            salt = CRC32C.salt(id)
            seal = sealing.newSeal(.tags, random: random)
            let header = FileHeader(
                magic: JournalFormat.tagsMagic, id: id, number: 0, created: .now(), previous: 0, previousFrames: 0,
                previousSynced: 0,
                seal: seal)
            (file, end) = try replacement { portions throws(JournalFailure) in
                header.encode(into: portions.buffer.extend(by: JournalFormat.headerBytes))
                header.encode(into: portions.buffer.extend(by: JournalFormat.headerBytes))
                try encode(sources, .source, into: &portions, random)
                try encode(prefixes, .prefix, into: &portions, random)
            }
        }
        synced[Kind.prefix.index] = prefixes.endIndex
        synced[Kind.source.index] = sources.endIndex
    }

    /// A new file in place of the one there is, durable.
    /// - Returns: the file and its length.
    private func replacement(
        _ write: (inout Portions) throws(JournalFailure) -> Void
    ) throws(JournalFailure) -> (any StorageFile, Int) {
        let name = JournalFormat.tagsName + JournalFormat.replacementSuffix
        let file = try storage.create(name)
        do {
            var portions = Portions(of: file, at: 0)
            try write(&portions)
            try portions.flush()
            try file.sync()
            try storage.rename(name, to: JournalFormat.tagsName)
            try storage.syncDirectory()
            return (file, portions.end)
        } catch {
            file.close()
            throw error
        }
    }

    /// Bytes on their way to a file, a portion at a time: all of a large plant's at once would take more room than
    /// everything else that is kept of its tags.
    private struct Portions: ~Copyable {
        private static let bytesMax = 1 << 20
        private let file: any StorageFile
        /// Where the next portion goes.
        private(set) var end: Int
        /// What is not written yet.
        var buffer = RawBuffer(capacity: 16 * 1024)

        init(of file: any StorageFile, at end: Int) {
            self.file = file
            self.end = end
        }

        mutating func flushIfFull() throws(JournalFailure) {
            if buffer.count >= Self.bytesMax { try flush() }
        }

        mutating func flush() throws(JournalFailure) {
            guard buffer.count > 0 else { return }
            try file.write(buffer.bytes, at: end)
            end += buffer.count
            buffer.clear()
        }
    }

    /// What a seal adds to an entry: nonce and tag.
    private static let sealBytes = SealingKey.nonceBytes + SealingKey.tagBytes
    /// The bytes of an entry's head that are vouched for: all but the checksum.
    private static let contextBytes = 16

    private func encode(
        _ entries: ArraySlice<InternedBytes.Entry>, _ kind: Kind, into portions: inout Portions,
        _ random: () -> UInt64
    ) throws(JournalFailure) {
        for (reference, entry) in zip(entries.indices, entries) where !entry.isLost {
            let length = entry.bytes.count + (seal == nil ? 0 : Self.sealBytes)
            let place = portions.buffer.extend(by: Self.entryHeadBytes + length)
            place.store(Self.mark, at: 0)
            place.store(UInt32(length), at: 4)
            place.store(UInt32(reference), at: 8)
            place.store(kind.rawValue, at: 12)
            let content = UnsafeMutableRawBufferPointer(rebasing: place[Self.entryHeadBytes...])
            if let seal {
                let nonce = SealNonce(random: random(), random())
                nonce.write(to: content)
                seal.key.seal(
                    entry.bytes, nonce: nonce, context: UnsafeRawBufferPointer(place).slice(0..<Self.contextBytes),
                    into: UnsafeMutableRawBufferPointer(rebasing: content[SealingKey.nonceBytes...]))
            } else {
                content.copyMemory(from: entry.bytes)
            }
            let all = UnsafeRawBufferPointer(place)
            let sum = CRC32C.checksum(all.slice(4..<16), from: salt)
            place.store(CRC32C.checksum(all.slice(Self.entryHeadBytes..<all.count), from: sum), at: 16)
            try portions.flushIfFull()
        }
    }

    func close() {
        file?.close()
    }

    /// One entry in the file's bytes.
    private struct Entry {
        let kind: Kind
        let reference: UInt32
        let content: [UInt8]
        /// The byte behind it.
        let end: Int

        /// Nil when no valid entry lies at `place`, which leaves room for an entry's head.
        init?(at place: Int, of file: UnsafeRawBufferPointer, salt: UInt32, _ seal: FileSeal?) {
            guard file.number(at: place, UInt32.self) == TagFile.mark else { return nil }
            let length = Int(file.number(at: place + 4, UInt32.self))
            let start = place + TagFile.entryHeadBytes
            guard length <= JournalFormat.tagBytesMax + TagFile.sealBytes, length <= file.count - start,
                let kind = Kind(rawValue: file.number(at: place + 12, UInt32.self))
            else { return nil }
            let bytes = file.slice(start..<start + length)
            let sum = CRC32C.checksum(file.slice(place + 4..<place + 16), from: salt)
            guard CRC32C.checksum(bytes, from: sum) == file.number(at: place + 16, UInt32.self) else { return nil }
            if let seal {
                guard length >= TagFile.sealBytes,
                    let content = seal.key.open(
                        bytes.slice(SealingKey.nonceBytes..<length), nonce: SealNonce(bytes),
                        context: file.slice(place..<place + TagFile.contextBytes))
                else { return nil }
                self.content = content
            } else {
                content = Array(bytes)
            }
            self.kind = kind
            reference = file.number(at: place + 8, UInt32.self)
            end = start + length
        }
    }
}

/// What frames refer to by number. Shared with whoever registers and joins.
package struct JournalTables: Sendable {
    /// The constant part of each tag's record.
    package let prefixes = InternedBytes()
    /// Names of sources.
    package let sources = InternedBytes()

    package init() {}

    subscript(_ kind: TagFile.Kind) -> InternedBytes {
        switch kind {
        case .prefix: prefixes
        case .source: sources
        }
    }
}
