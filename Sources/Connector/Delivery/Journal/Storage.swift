/// The directory of one journal, as the journal uses it. One thread uses it at a time.
///
/// Names are plain file names inside the directory. What was written is safe only after the file's
/// ``StorageFile/sync()``; what was created, renamed or deleted only after ``syncDirectory()``.
package protocol Storage: AnyObject {
    /// Where this is, for messages.
    var path: String { get }

    /// Makes the directory if need be and takes it for this process.
    /// - Throws: `.locked` when another process has it.
    func lock() throws(JournalFailure)
    /// Gives the directory back.
    func unlock()

    /// The names of all files.
    func names() throws(JournalFailure) -> [String]
    /// Opens a file that exists, to read and write.
    func open(_ name: String) throws(JournalFailure) -> any StorageFile
    /// Creates an empty file; an existing one of that name makes way for it.
    func create(_ name: String) throws(JournalFailure) -> any StorageFile
    func rename(_ name: String, to newName: String) throws(JournalFailure)
    func delete(_ name: String) throws(JournalFailure)
    func syncDirectory() throws(JournalFailure)
}

/// One open file of a ``Storage``.
package protocol StorageFile: AnyObject {
    /// Writes all bytes at `offset`; on failure any part of them may have been written.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(JournalFailure)
    /// Lets the disk begin with what was written in this range. Only a hint: it makes nothing durable, and what goes
    /// wrong is reported by ``sync()``.
    func startWriting(from offset: Int, count: Int)
    /// Reads up to `bytes.count` bytes at `offset` and returns how many: fewer only at the end of the file.
    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(JournalFailure) -> Int
    /// Reserves disk space for the first `bytes` bytes; what was not written reads as zeros.
    func preallocate(_ bytes: Int) throws(JournalFailure)
    func truncate(to bytes: Int) throws(JournalFailure)
    func size() throws(JournalFailure) -> Int
    /// Makes what was written durable. After a failure nothing is known of unsynced bytes, and a second
    /// call may succeed without having written them: it must not be made.
    func sync() throws(JournalFailure)
    func close()
}

extension StorageFile {
    package func startWriting(from offset: Int, count: Int) {}
}
