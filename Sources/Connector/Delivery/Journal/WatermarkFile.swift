import ConnectorKeys

/// The `watermark` file: two slots written in turn, so that a torn write leaves the older one.
struct WatermarkFile: ~Copyable {
    private static let slotBytes = 48
    private static let sealedSlotBytes = 112
    private static let sealedStart = 64
    /// The part of a slot that is sealed.
    private static let secret = 16..<44
    private static let secondSlot = 4096
    private static let fileBytes = 8192

    private let storage: any Storage
    private let sealing: JournalSealing
    private let random: () -> UInt64
    private var file: (any StorageFile)?
    private var sequence: UInt64 = 0
    /// Whether something was written since the last sync.
    private(set) var isDirty = false
    /// Whether what was written last may be gone with a file that failed: it must be written once more.
    private(set) var isLost = false

    init(storage: any Storage, sealing: JournalSealing, random: @escaping () -> UInt64) {
        self.storage = storage
        self.sealing = sealing
        self.random = random
    }

    /// Reads the newer valid slot; nil when there is none, and then everything on disk counts as unacknowledged.
    mutating func load() throws(JournalFailure) -> JournalState.Watermark? {
        guard try storage.names().contains(JournalFormat.watermarkName) else { return nil }
        let file = try storage.open(JournalFormat.watermarkName)
        var best: Slot?
        for offset in [0, Self.secondSlot] {
            switch try Self.read(file, at: offset, sealing.ring) {
            case .slot(let slot):
                if slot.sequence > best?.sequence ?? 0 { best = slot }
            case .newer(let version):
                throw JournalFailure.newer(version, path: storage.path, name: JournalFormat.watermarkName)
            case .unknownKey(let id):
                throw JournalFailure.unknownKey(
                    id, path: storage.path, name: JournalFormat.watermarkName, ring: sealing.ring)
            case .invalid: break
            }
        }
        self.file = file
        sequence = best?.sequence ?? 0
        // The last process may have ended between write and sync.
        isDirty = true
        return best?.watermark
    }

    /// The data keys that the slots name. One that was torn tells nothing under any key.
    static func keys(of file: any StorageFile, path: String, name: String) throws(JournalFailure) -> Set<KeyID> {
        var keys: Set<KeyID> = []
        for offset in [0, secondSlot] {
            switch try read(file, at: offset, .none) {
            case .unknownKey(let id): keys.insert(id)
            case .newer(let version): throw JournalFailure.newer(version, path: path, name: name)
            case .slot, .invalid: break
            }
        }
        return keys
    }

    /// Writes the other slot. Not durable yet, but safe from the end of the process.
    mutating func write(_ watermark: JournalState.Watermark) throws(JournalFailure) {
        isLost = true
        let file = if let file { file } else { try create() }
        self.file = file
        // A sequence from disk may be anything.
        let slot = Slot(sequence: sequence &+ 1, watermark: watermark)
        do {
            let seal = sealing.newSeal(.watermark, random: random)
            try slot.write(to: file, at: slot.sequence & 1 == 0 ? 0 : Self.secondSlot, seal)
        } catch {
            giveUp()
            throw error
        }
        sequence = slot.sequence
        isDirty = true
        isLost = false
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
        isLost = true
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
        case unknownKey(KeyID)
        case invalid
    }

    private struct Slot {
        var sequence: UInt64
        var watermark: JournalState.Watermark

        func write(to file: any StorageFile, at offset: Int, _ seal: FileSeal?) throws(JournalFailure) {
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
            guard let seal else { return try file.write(buffer.bytes, at: offset) }
            let sealed = WatermarkFile.sealed(buffer.bytes, seal)
            try file.write(sealed.bytes, at: offset)
        }

        /// - Parameter bytes: those of a slot from 16 on.
        init(_ bytes: UnsafeRawBufferPointer) {
            sequence = bytes.number(at: 0, UInt64.self)
            watermark = JournalState.Watermark(
                segment: bytes.number(at: 8, UInt64.self), segmentID: bytes.number(at: 16, UInt64.self),
                frames: bytes.number(at: 24, UInt32.self))
        }

        init(sequence: UInt64, watermark: JournalState.Watermark) {
            self.sequence = sequence
            self.watermark = watermark
        }
    }

    /// A slot sealed: its key is used for this write only.
    private static func sealed(_ slot: UnsafeRawBufferPointer, _ seal: FileSeal) -> RawBuffer {
        var buffer = RawBuffer(capacity: sealedSlotBytes)
        let bytes = buffer.extend(by: sealedSlotBytes)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        bytes.copyMemory(from: slot.slice(0..<10))
        bytes.store(FileSeal.flag, at: 10)
        seal.keyID.write(to: UnsafeMutableRawBufferPointer(rebasing: bytes[16...]))
        UnsafeMutableRawBufferPointer(rebasing: bytes[32...]).copyBytes(from: seal.salt)
        seal.key.seal(
            slot.slice(secret), nonce: SealNonce(counter: 0),
            context: UnsafeRawBufferPointer(bytes).slice(0..<sealedStart),
            into: UnsafeMutableRawBufferPointer(rebasing: bytes[sealedStart..<108]))
        bytes.store(CRC32C.checksum(UnsafeRawBufferPointer(bytes).slice(0..<108)), at: 108)
        return buffer
    }

    private static func read(
        _ file: any StorageFile, at offset: Int, _ ring: KeyRing
    ) throws(JournalFailure) -> Decoded {
        var buffer = RawBuffer(capacity: sealedSlotBytes)
        let room = buffer.extend(by: sealedSlotBytes)
        buffer.truncate(to: try file.read(into: room, at: offset))
        let bytes = buffer.bytes
        guard bytes.count >= slotBytes, bytes.number(at: 0, UInt64.self) == JournalFormat.watermarkMagic else {
            return .invalid
        }
        let isSealed = bytes.number(at: 10, UInt16.self) & FileSeal.flag != 0
        let end = (isSealed ? sealedSlotBytes : slotBytes) - 4
        guard bytes.count >= end + 4,
            bytes.number(at: end, UInt32.self) == CRC32C.checksum(bytes.slice(0..<end))
        else { return .invalid }
        let version = bytes.number(at: 8, UInt16.self)
        guard version == JournalFormat.version, bytes.number(at: 10, UInt16.self) & ~FileSeal.flag == 0 else {
            return .newer(version)
        }
        guard isSealed else { return .slot(Slot(bytes.slice(secret))) }
        let id = KeyID(bytes.slice(16..<32))
        guard let data = ring[id] else { return .unknownKey(id) }
        let seal = FileSeal(data, salt: Array(bytes.slice(32..<sealedStart)), .watermark)
        guard
            let plaintext = seal.key.open(
                bytes.slice(sealedStart..<end), nonce: SealNonce(counter: 0), context: bytes.slice(0..<sealedStart))
        else { return .invalid }
        return .slot(plaintext.withUnsafeBytes { Slot($0) })
    }
}
