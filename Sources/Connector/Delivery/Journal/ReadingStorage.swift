/// A directory that is only looked at, also while a connector uses it: changes are passed over in silence.
package final class ReadingStorage: Storage {
    private let storage: FileStorage

    package init(path: String) {
        storage = FileStorage(path: path)
    }

    package var path: String { storage.path }

    package func lock() throws(JournalFailure) {}
    package func unlock() {}
    package func names() throws(JournalFailure) -> [String] { try storage.names() }
    package func open(_ name: String) throws(JournalFailure) -> any StorageFile {
        ReadingFile(try storage.open(name))
    }
    package func create(_ name: String) throws(JournalFailure) -> any StorageFile {
        throw JournalFailure(.forbidden, "\(path)/\(name): the journal is only read here")
    }
    package func rename(_ name: String, to newName: String) throws(JournalFailure) {}
    package func delete(_ name: String) throws(JournalFailure) {}
    package func syncDirectory() throws(JournalFailure) {}
}

/// One open file of a ``ReadingStorage``.
private final class ReadingFile: StorageFile {
    private let file: any StorageFile

    init(_ file: any StorageFile) {
        self.file = file
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(JournalFailure) {}
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(JournalFailure) -> Int {
        try file.read(into: bytes, at: offset)
    }
    func preallocate(_ bytes: Int) throws(JournalFailure) {}
    func truncate(to bytes: Int) throws(JournalFailure) {}
    func size() throws(JournalFailure) -> Int { try file.size() }
    func sync() throws(JournalFailure) {}
    func close() { file.close() }
}
