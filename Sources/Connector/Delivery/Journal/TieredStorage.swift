/// A directory whose files are in memory until somebody says that they must go to disk, and from then on there.
///
/// For a lane that uses the disk only when memory is full or its target is down. What is in memory is gone with the
/// process, what is on disk survives it.
package final class TieredStorage: Storage {
    private let disk: any Storage
    /// Files that are in memory only.
    private var files: [String: TieredFile] = [:]
    /// Whether new files go to disk at once.
    private var usesDisk = false

    package init(_ disk: any Storage) {
        self.disk = disk
    }

    package var path: String { disk.path }
    /// Files that are in memory only.
    package var namesInMemory: [String] { files.keys.sorted() }

    /// Brings everything to disk; what comes from now on goes there too. After a failure the rest is still in memory,
    /// and the call may be made again.
    package func spill() throws(JournalFailure) {
        usesDisk = true
        // By name, tags would come last; without them segments cannot be read.
        let names = files.keys.sorted()
        let segments = names.filter { JournalFormat.segmentNumber(of: $0) != nil }
        for name in names.filter({ JournalFormat.segmentNumber(of: $0) == nil }) + segments {
            guard let file = files[name] else { continue }
            try file.move(to: try disk.create(name))
            files[name] = nil
        }
    }

    /// New files are in memory again; those on disk stay there until they are deleted.
    package func stopSpilling() {
        usesDisk = false
    }

    package func lock() throws(JournalFailure) { try disk.lock() }
    package func unlock() { disk.unlock() }

    package func names() throws(JournalFailure) -> [String] {
        Set(try disk.names()).union(files.keys).sorted()
    }

    package func open(_ name: String) throws(JournalFailure) -> any StorageFile {
        if let file = files[name] { return file }
        return try disk.open(name)
    }

    package func create(_ name: String) throws(JournalFailure) -> any StorageFile {
        files[name] = nil
        if usesDisk { return try disk.create(name) }
        let file = TieredFile()
        files[name] = file
        return file
    }

    package func rename(_ name: String, to newName: String) throws(JournalFailure) {
        guard let file = files.removeValue(forKey: name) else {
            files[newName] = nil
            return try disk.rename(name, to: newName)
        }
        files[newName] = file
    }

    package func delete(_ name: String) throws(JournalFailure) {
        let wasInMemory = files.removeValue(forKey: name) != nil
        do {
            try disk.delete(name)
        } catch  where error.kind == .notFound && wasInMemory {
            // It never was on disk.
        }
    }

    package func syncDirectory() throws(JournalFailure) {}
}

/// One file of a ``TieredStorage``. All who opened it share it, and it is closed when the last has let it go.
private final class TieredFile: StorageFile {
    private var content = RawBuffer(capacity: 64 * 1024)
    private var disk: (any StorageFile)?

    /// Writes everything to a file on disk and goes on there.
    func move(to file: any StorageFile) throws(JournalFailure) {
        try file.write(content.bytes, at: 0)
        disk = file
        content = RawBuffer(capacity: 0)
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(JournalFailure) {
        if let disk { return try disk.write(bytes, at: offset) }
        let end = offset + bytes.count
        if content.count < end { grow(to: end) }
        content.write(bytes, at: offset)
    }

    private func grow(to size: Int) {
        content.extend(by: size - content.count).initializeMemory(as: UInt8.self, repeating: 0)
    }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(JournalFailure) -> Int {
        if let disk { return try disk.read(into: bytes, at: offset) }
        guard offset < content.count else { return 0 }
        let count = min(bytes.count, content.count - offset)
        bytes.copyMemory(from: content.bytes.slice(offset..<offset + count))
        return count
    }

    func preallocate(_ bytes: Int) throws(JournalFailure) {
        if let disk { try disk.preallocate(bytes) }
    }

    func truncate(to bytes: Int) throws(JournalFailure) {
        if let disk { return try disk.truncate(to: bytes) }
        if content.count > bytes { content.truncate(to: bytes) } else { grow(to: bytes) }
    }

    func size() throws(JournalFailure) -> Int { try disk?.size() ?? content.count }
    func sync() throws(JournalFailure) { try disk?.sync() }
    func close() {}
}
