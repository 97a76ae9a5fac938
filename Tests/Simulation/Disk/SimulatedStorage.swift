package import ConnectorJournal

/// One process's use of a ``SimulatedDisk``.
package final class SimulatedStorage: Storage {
    package let path = "/simulated"
    private let disk: SimulatedDisk
    private let generation: Int

    package init(_ disk: SimulatedDisk) {
        self.disk = disk
        generation = disk.generation
    }

    fileprivate func check() throws(JournalFailure) {
        guard generation == disk.generation else { throw JournalFailure(.device, "the process is gone") }
    }

    private func step() throws(JournalFailure) {
        try check()
        try disk.step()
    }

    package func lock() throws(JournalFailure) {
        try check()
        guard disk.holder == nil else { throw JournalFailure(.locked, "in use by another process") }
        disk.holder = ObjectIdentifier(self)
    }

    package func unlock() {
        if disk.holder == ObjectIdentifier(self) { disk.holder = nil }
    }

    package func names() throws(JournalFailure) -> [String] {
        try check()
        return disk.names
    }

    package func open(_ name: String) throws(JournalFailure) -> any StorageFile {
        try check()
        guard let inode = disk.directory[name] else { throw JournalFailure(.notFound, "no file \(name)") }
        return SimulatedFile(inode, name: name, disk: disk)
    }

    package func create(_ name: String) throws(JournalFailure) -> any StorageFile {
        try step()
        let inode = SimulatedDisk.Inode()
        disk.change(.set(name, inode))
        return SimulatedFile(inode, name: name, disk: disk)
    }

    package func rename(_ name: String, to newName: String) throws(JournalFailure) {
        try step()
        guard let inode = disk.directory[name] else { throw JournalFailure(.notFound, "no file \(name)") }
        disk.change(.set(newName, inode))
        disk.change(.remove(name))
    }

    package func delete(_ name: String) throws(JournalFailure) {
        try step()
        guard disk.directory[name] != nil else { throw JournalFailure(.notFound, "no file \(name)") }
        disk.change(.remove(name))
    }

    package func syncDirectory() throws(JournalFailure) {
        try step()
        disk.syncDirectory()
    }
}

/// One open file of a ``SimulatedDisk``.
private final class SimulatedFile: StorageFile {
    private let inode: SimulatedDisk.Inode
    private let name: String
    private let disk: SimulatedDisk
    private let generation: Int

    init(_ inode: SimulatedDisk.Inode, name: String, disk: SimulatedDisk) {
        self.inode = inode
        self.name = name
        self.disk = disk
        generation = disk.generation
    }

    private func step() throws(JournalFailure) {
        guard generation == disk.generation else { throw JournalFailure(.device, "the process is gone") }
        try disk.step()
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(JournalFailure) {
        try step()
        if disk.failsToWrite(name) { throw JournalFailure(.device, "cannot write \(name): Input/output error") }
        // A full disk takes what fits.
        let room = disk.capacityBytes - disk.usedBytes + inode.content.count - offset
        let written = UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, max(0, room))])
        if !written.isEmpty {
            inode.content.write(written, at: offset)
            inode.changes.append(.write(offset: offset, bytes: SimulatedDisk.array(written)))
        }
        guard written.count == bytes.count else { throw JournalFailure(.full, "no space for \(name)") }
    }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(JournalFailure) -> Int {
        inode.content.read(into: bytes, at: offset)
    }

    func preallocate(_ bytes: Int) throws(JournalFailure) {
        try step()
        guard bytes > inode.content.count else { return }
        guard disk.usedBytes + bytes - inode.content.count <= disk.capacityBytes else {
            throw JournalFailure(.full, "no space for \(name)")
        }
        inode.content.resize(to: bytes)
        inode.changes.append(.resize(bytes))
    }

    func truncate(to bytes: Int) throws(JournalFailure) {
        try step()
        inode.content.resize(to: bytes)
        inode.changes.append(.resize(bytes))
    }

    func size() throws(JournalFailure) -> Int { inode.content.count }

    func sync() throws(JournalFailure) {
        try step()
        try disk.sync(inode, name: name)
    }

    func close() {}
}
