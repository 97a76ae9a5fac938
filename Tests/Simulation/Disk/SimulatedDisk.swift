import ConnectorJournal
import TestRandomness

/// A directory in memory that behaves as badly as a real one may.
///
/// What was written but not synced is lost, kept or torn at a crash; so are directory changes, in order. A failed
/// sync leaves the file looking right while its bytes never reach the disk, as Linux does. All chance comes from
/// a seed. The disk outlives the ``SimulatedStorage`` values through which one run after the other uses it.
package final class SimulatedDisk {
    /// Something done to a file that no sync has covered yet.
    enum Change {
        case write(offset: Int, bytes: [UInt8])
        case resize(Int)
    }

    final class Inode {
        /// What a reader sees.
        var content = SimulatedBytes()
        /// What a power failure leaves.
        var durable = SimulatedBytes()
        var changes: [Change] = []
    }

    enum DirectoryChange {
        case set(String, Inode)
        case remove(String)
    }

    var directory: [String: Inode] = [:]
    private var durableDirectory: [String: Inode] = [:]
    private var directoryChanges: [DirectoryChange] = []
    private var random: SeededRandom
    /// Rises with every crash or kill, so that files opened before are dead.
    private(set) var generation = 0
    var holder: ObjectIdentifier?

    /// Operations that changed something, or tried to.
    package private(set) var steps = 0
    /// The operation with this number and all later ones fail: the process is gone.
    package var crashAtStep: Int?
    /// Chance of each sync to fail.
    package var syncFailureChance = 0.0
    /// The next syncs of files whose name starts with a key fail that many times.
    package var failingSyncs: [String: Int] = [:]
    /// The next writes of files whose name starts with a key fail that many times.
    package var failingWrites: [String: Int] = [:]
    /// The write with this number, from now on, of files whose name starts with a key fails, once.
    package var writesUntilFailure: [String: Int] = [:]
    /// Bytes that fit on the disk.
    package var capacityBytes = Int.max
    package var hasFailedToSync: Bool { failedSyncs > 0 }
    package private(set) var failedSyncs = 0
    /// Syncs report success and bring nothing to the disk: what a program would do that forgot them.
    package var liesAboutSync = false
    /// Syncs that were asked for, by file name.
    package private(set) var syncs: [String: Int] = [:]

    package init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    // MARK: What tests do to it

    /// The process ends; what it wrote stays, synced or not.
    package func kill() {
        generation += 1
        holder = nil
        crashAtStep = nil
    }

    /// The power fails: unsynced changes are lost, kept or torn.
    package func crash() {
        kill()
        let kept = directoryChanges.isEmpty ? 0 : Int.random(in: 0...directoryChanges.count, using: &random)
        for change in directoryChanges.prefix(kept) { Self.apply(change, to: &durableDirectory) }
        directoryChanges = []
        directory = durableDirectory
        for name in directory.keys.sorted() {
            guard let inode = directory[name] else { continue }
            flush(inode, everything: false)
            inode.content.copy(inode.durable)
        }
    }

    /// The bytes of a file as a reader sees them.
    package func content(_ name: String) -> [UInt8]? { directory[name].map { Self.array($0.content.bytes) } }

    /// Whether a process has taken the directory.
    package var isHeld: Bool { holder != nil }

    package var names: [String] { directory.keys.sorted() }

    /// Changes a file behind the journal's back.
    package func damage(_ name: String, _ change: (inout [UInt8]) -> Void) {
        guard let inode = directory[name] else { return }
        Self.damage(&inode.content, change)
        Self.damage(&inode.durable, change)
    }

    /// Flips bits of one byte, wherever a copy of it is: as readers see it, on the disk and on its way there.
    package func flip(_ name: String, at offset: Int, _ bits: UInt8 = 0x20) {
        guard let inode = directory[name] else { return }
        inode.content.flip(at: offset, bits)
        inode.durable.flip(at: offset, bits)
        for index in inode.changes.indices {
            guard case .write(let start, var bytes) = inode.changes[index], offset >= start,
                offset - start < bytes.count
            else { continue }
            bytes[offset - start] ^= bits
            inode.changes[index] = .write(offset: start, bytes: bytes)
        }
    }

    /// Bytes of a file as a reader sees it; 0 when there is none.
    package func size(of name: String) -> Int { directory[name]?.content.count ?? 0 }

    private static func damage(_ content: inout SimulatedBytes, _ change: (inout [UInt8]) -> Void) {
        var bytes = array(content.bytes)
        change(&bytes)
        content.resize(to: bytes.count)
        bytes.withUnsafeBytes { content.write($0, at: 0) }
    }

    /// The bytes as an array, copied at once whatever the compiler makes of it.
    static func array(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: bytes.count) { place, count in
            UnsafeMutableRawBufferPointer(place).copyMemory(from: bytes)
            count = bytes.count
        }
    }

    package func remove(_ name: String) {
        directory[name] = nil
        durableDirectory[name] = nil
    }

    package var usedBytes: Int { directory.values.reduce(0) { $0 + $1.content.count } }

    // MARK: What storages do with it

    func step() throws(JournalFailure) {
        if let crashAtStep, steps >= crashAtStep { throw JournalFailure(.device, "the process is gone") }
        steps += 1
    }

    func change(_ change: DirectoryChange) {
        Self.apply(change, to: &directory)
        directoryChanges.append(change)
    }

    func syncDirectory() {
        for change in directoryChanges { Self.apply(change, to: &durableDirectory) }
        directoryChanges = []
    }

    func sync(_ inode: Inode, name: String) throws(JournalFailure) {
        syncs[name, default: 0] += 1
        guard !takes(name, from: &failingSyncs), !random.chance(syncFailureChance) else {
            // The kernel gives the pages up as clean: some reached the disk, and nobody will try again.
            flush(inode, everything: false)
            failedSyncs += 1
            throw JournalFailure(.device, "cannot sync \(name): Input/output error")
        }
        if !liesAboutSync { flush(inode, everything: true) }
    }

    func failsToWrite(_ name: String) -> Bool {
        if let key = writesUntilFailure.keys.sorted().first(where: { name.hasPrefix($0) }),
            let left = writesUntilFailure[key]
        {
            writesUntilFailure[key] = left > 1 ? left - 1 : nil
            if left == 1 { return true }
        }
        return takes(name, from: &failingWrites)
    }

    private func takes(_ name: String, from failures: inout [String: Int]) -> Bool {
        guard let key = failures.keys.sorted().first(where: { name.hasPrefix($0) }), let left = failures[key] else {
            return false
        }
        failures[key] = left > 1 ? left - 1 : nil
        return true
    }

    /// Brings changes to the disk: all of them, or each by chance wholly, partly or not.
    private func flush(_ inode: Inode, everything: Bool) {
        for change in inode.changes {
            switch change {
            case .resize(let size):
                if everything || random.chance(0.5) { inode.durable.resize(to: size) }
            case .write(let offset, let bytes):
                let all = everything || random.chance(0.3)
                guard all || random.chance(0.7) else { continue }
                bytes.withUnsafeBytes { bytes in
                    if all { inode.durable.write(bytes, at: offset) } else { tear(bytes, at: offset, inode) }
                }
            }
        }
        inode.changes = []
    }

    /// Sectors reach the disk in any order.
    private func tear(_ bytes: UnsafeRawBufferPointer, at offset: Int, _ inode: Inode) {
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + 512 - (offset + start) % 512)
            if random.chance(0.5) {
                inode.durable.write(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), at: offset + start)
            }
            start = end
        }
    }

    private static func apply(_ change: DirectoryChange, to directory: inout [String: Inode]) {
        switch change {
        case .set(let name, let inode): directory[name] = inode
        case .remove(let name): directory[name] = nil
        }
    }
}
