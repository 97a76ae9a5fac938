/// A directory in memory, for a lane without a disk: it is gone with the process.
package final class MemoryStorage: Storage {
    package let path = "memory"
    private var files: [String: MemoryFile] = [:]

    package init() {}

    package func lock() throws(JournalFailure) {}
    package func unlock() {}

    package func names() throws(JournalFailure) -> [String] { files.keys.sorted() }

    package func open(_ name: String) throws(JournalFailure) -> any StorageFile {
        guard let file = files[name] else { throw JournalFailure(.notFound, "no file \(name) in memory") }
        return file
    }

    package func create(_ name: String) throws(JournalFailure) -> any StorageFile {
        let file = MemoryFile()
        files[name] = file
        return file
    }

    package func rename(_ name: String, to newName: String) throws(JournalFailure) {
        guard let file = files.removeValue(forKey: name) else {
            throw JournalFailure(.notFound, "no file \(name) in memory")
        }
        files[newName] = file
    }

    package func delete(_ name: String) throws(JournalFailure) { files[name] = nil }

    package func syncDirectory() throws(JournalFailure) {}
}

/// One file of a ``MemoryStorage``; it grows as it is written.
private final class MemoryFile: StorageFile {
    private var content: [UInt8] = []

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(JournalFailure) {
        if content.count < offset { content.append(contentsOf: repeatElement(0, count: offset - content.count)) }
        let overlap = min(content.count - offset, bytes.count)
        content.replaceSubrange(offset..<offset + overlap, with: bytes.prefix(overlap))
        content.append(contentsOf: bytes.dropFirst(overlap))
    }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(JournalFailure) -> Int {
        guard offset < content.count else { return 0 }
        let count = min(bytes.count, content.count - offset)
        content.withUnsafeBytes { content in
            bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: content[offset..<offset + count]))
        }
        return count
    }

    func preallocate(_ bytes: Int) throws(JournalFailure) {}

    func truncate(to bytes: Int) throws(JournalFailure) {
        if content.count > bytes { content.removeLast(content.count - bytes) }
    }

    func size() throws(JournalFailure) -> Int { content.count }
    func sync() throws(JournalFailure) {}
    func close() {}
}
