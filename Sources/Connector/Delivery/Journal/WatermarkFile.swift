/// The `watermark` file: two slots written in turn, so that a torn write leaves the older one.
struct WatermarkFile: ~Copyable {
    private static let slotBytes = 48
    private static let secondSlot = 4096
    private static let fileBytes = 8192

    private let storage: any Storage
    private var file: (any StorageFile)?
    private var sequence: UInt64 = 0
    /// Whether something was written since the last sync.
    private(set) var isDirty = false

    init(storage: any Storage) {
        self.storage = storage
    }

    /// Reads the newer valid slot; nil when there is none, and then everything on disk counts as unacknowledged.
    mutating func load() throws(JournalFailure) -> JournalState.Watermark? {
        guard try storage.names().contains(JournalFormat.watermarkName) else { return nil }
        let file = try storage.open(JournalFormat.watermarkName)
        var best: Slot?
        for offset in [0, Self.secondSlot] {
            switch try Self.read(file, at: offset) {
            case .slot(let slot):
                if slot.sequence > best?.sequence ?? 0 { best = slot }
            case .newer(let version):
                throw JournalFailure.newer(version, path: storage.path, name: JournalFormat.watermarkName)
            case .invalid: break
            }
        }
        self.file = file
        sequence = best?.sequence ?? 0
        // The last process may have ended between write and sync.
        isDirty = true
        return best?.watermark
    }

    /// Writes the other slot. Not durable yet, but safe from the end of the process.
    mutating func write(_ watermark: JournalState.Watermark) throws(JournalFailure) {
        let file = if let file { file } else { try create() }
        self.file = file
        // A sequence from disk may be anything.
        let slot = Slot(sequence: sequence &+ 1, watermark: watermark)
        do {
            try slot.write(to: file, at: slot.sequence & 1 == 0 ? 0 : Self.secondSlot)
        } catch {
            giveUp()
            throw error
        }
        sequence = slot.sequence
        isDirty = true
    }

    mutating func sync() throws(JournalFailure) {
        guard isDirty, let file else { return }
        do {
            try file.sync()
            isDirty = false
        } catch {
            giveUp()
            throw error
        }
    }

    func close() {
        file?.close()
    }

    /// A file that failed is not used again; the next write makes another one.
    private mutating func giveUp() {
        file?.close()
        file = nil
        isDirty = false
    }

    private func create() throws(JournalFailure) -> any StorageFile {
        let name = JournalFormat.watermarkName + JournalFormat.replacementSuffix
        let file = try storage.create(name)
        do {
            try file.preallocate(Self.fileBytes)
            try file.sync()
            try storage.rename(name, to: JournalFormat.watermarkName)
            try storage.syncDirectory()
            return file
        } catch {
            file.close()
            throw error
        }
    }

    private enum Decoded {
        case slot(Slot)
        case newer(UInt16)
        case invalid
    }

    private struct Slot {
        var sequence: UInt64
        var watermark: JournalState.Watermark

        func write(to file: any StorageFile, at offset: Int) throws(JournalFailure) {
            var buffer = RawBuffer(capacity: WatermarkFile.slotBytes)
            let bytes = buffer.extend(by: WatermarkFile.slotBytes)
            bytes.initializeMemory(as: UInt8.self, repeating: 0)
            bytes.store(JournalFormat.watermarkMagic, at: 0)
            bytes.store(JournalFormat.version, at: 8)
            bytes.store(sequence, at: 16)
            bytes.store(watermark.segment, at: 24)
            bytes.store(watermark.segmentID, at: 32)
            bytes.store(watermark.frames, at: 40)
            bytes.store(CRC32C.checksum(UnsafeRawBufferPointer(bytes).slice(0..<44)), at: 44)
            try file.write(buffer.bytes, at: offset)
        }
    }

    private static func read(_ file: any StorageFile, at offset: Int) throws(JournalFailure) -> Decoded {
        var buffer = RawBuffer(capacity: slotBytes)
        let room = buffer.extend(by: slotBytes)
        guard try file.read(into: room, at: offset) == slotBytes else { return .invalid }
        let bytes = buffer.bytes
        guard bytes.number(at: 0, UInt64.self) == JournalFormat.watermarkMagic,
            bytes.number(at: 44, UInt32.self) == CRC32C.checksum(bytes.slice(0..<44))
        else { return .invalid }
        let version = bytes.number(at: 8, UInt16.self)
        guard version == JournalFormat.version else { return .newer(version) }
        return .slot(
            Slot(
                sequence: bytes.number(at: 16, UInt64.self),
                watermark: JournalState.Watermark(
                    segment: bytes.number(at: 24, UInt64.self), segmentID: bytes.number(at: 32, UInt64.self),
                    frames: bytes.number(at: 40, UInt32.self))))
    }
}
