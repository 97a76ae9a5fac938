import CPenstock
import Glibc

/// A directory of the real file system.
package final class FileStorage: Storage {
    package let path: String
    private let syncs: Bool
    private var lockFile: Int32?

    /// - Parameter syncs: false leaves it to the system when what was written reaches the disk.
    package init(path: String, syncs: Bool = true) {
        self.path = path
        self.syncs = syncs
    }

    deinit { unlock() }

    // MARK: The directory

    package func lock() throws(JournalFailure) {
        try makeDirectories()
        guard access(path, W_OK | X_OK | R_OK) == 0 else { throw failure("use the journal directory", path, errno) }
        let name = path + "/" + JournalFormat.lockName
        let descriptor = Self.open(name, O_RDWR | O_CREAT | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("create", name, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.text(of: descriptor)
            Self.close(descriptor)
            guard code == EWOULDBLOCK else { throw failure("lock", name, code) }
            let who = holder.isEmpty ? "another process" : "process \(holder)"
            throw JournalFailure(
                .locked, "the journal \(path) is in use by \(who): stop it, or set another state_directory")
        }
        lockFile = descriptor
        writeProcessID(descriptor)
    }

    package func unlock() {
        // Closing gives up the lock.
        if let lockFile { Self.close(lockFile) }
        lockFile = nil
    }

    package func names() throws(JournalFailure) -> [String] {
        guard let directory = opendir(path) else { throw failure("list", path, errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    package func open(_ name: String) throws(JournalFailure) -> any StorageFile {
        let name = path + "/" + name
        let descriptor = Self.open(name, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", name, errno) }
        return DiskFile(descriptor, path: name, syncs: syncs)
    }

    package func create(_ name: String) throws(JournalFailure) -> any StorageFile {
        let name = path + "/" + name
        // Never the inode of an older file: a failed sync may be forgotten on it.
        if Glibc.unlink(name) != 0, errno != ENOENT { throw failure("replace", name, errno) }
        let descriptor = Self.open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("create", name, errno) }
        return DiskFile(descriptor, path: name, syncs: syncs)
    }

    package func rename(_ name: String, to newName: String) throws(JournalFailure) {
        guard Glibc.rename(path + "/" + name, path + "/" + newName) == 0 else {
            throw failure("rename", path + "/" + name, errno)
        }
    }

    package func delete(_ name: String) throws(JournalFailure) {
        guard Glibc.unlink(path + "/" + name) == 0 else { throw failure("delete", path + "/" + name, errno) }
    }

    package func syncDirectory() throws(JournalFailure) { try sync(directory: path) }

    private func sync(directory path: String) throws(JournalFailure) {
        guard syncs else { return }
        let descriptor = Self.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", path, errno) }
        defer { Self.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", path, errno) }
    }

    // MARK: Helpers

    private func makeDirectories() throws(JournalFailure) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            let parent = made
            made += "/" + part
            if mkdir(made, 0o700) == 0 {
                // A directory is durable once it stands in the one above.
                try sync(directory: parent.isEmpty ? "/" : parent)
            } else if errno != EEXIST {
                throw failure("create the directory", made, errno)
            }
        }
    }

    private func writeProcessID(_ descriptor: Int32) {
        let text = Array("\(getpid())\n".utf8)
        // For people only; the lock itself does not depend on it.
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    }

    private static func text(of descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)).prefix { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self)
    }

    private static func open(_ name: String, _ flags: Int32) -> Int32 {
        while true {
            let descriptor = Glibc.open(name, flags, 0o600)
            if descriptor >= 0 || errno != EINTR { return descriptor }
        }
    }

    private static func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }
}

/// One open file.
private final class DiskFile: StorageFile {
    private let descriptor: Int32
    private let path: String
    private let syncs: Bool
    private var isOpen = true

    init(_ descriptor: Int32, path: String, syncs: Bool) {
        self.descriptor = descriptor
        self.syncs = syncs
        self.path = path
    }

    deinit { close() }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(JournalFailure) {
        var done = 0
        while done < bytes.count {
            let rest = bytes.slice(done..<bytes.count)
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count > 0 {
                done += count
            } else if count == 0 {
                throw failure("write", path, EIO)
            } else if errno != EINTR {
                throw failure("write", path, errno)
            }
        }
    }

    func startWriting(from offset: Int, count: Int) {
        guard syncs else { return }
        file_range_start_writing(descriptor, Int64(offset), Int64(count))
    }

    func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) throws(JournalFailure) -> Int {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[done...])
            let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
            if count > 0 {
                done += count
            } else if count == 0 {
                break
            } else if errno != EINTR {
                throw failure("read", path, errno)
            }
        }
        return done
    }

    func preallocate(_ bytes: Int) throws(JournalFailure) {
        var code: Int32
        repeat { code = posix_fallocate(descriptor, 0, off_t(bytes)) } while code == EINTR
        // Not every file system reserves; there the file grows as it is written.
        guard code == 0 || code == EOPNOTSUPP || code == EINVAL else {
            throw failure("reserve \(bytes) bytes for", path, code)
        }
    }

    func truncate(to bytes: Int) throws(JournalFailure) {
        guard ftruncate(descriptor, off_t(bytes)) == 0 else { throw failure("shorten", path, errno) }
    }

    func size() throws(JournalFailure) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("examine", path, errno) }
        return Int(status.st_size)
    }

    func sync() throws(JournalFailure) {
        guard syncs else { return }
        // Not repeated after EINTR either: what a failed sync leaves is unknown.
        guard fdatasync(descriptor) == 0 else { throw failure("sync", path, errno) }
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        _ = Glibc.close(descriptor)
    }
}

/// The failure that an error number of the system means, in words.
private func failure(_ action: String, _ path: String, _ code: Int32) -> JournalFailure {
    let cause = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    let message = "cannot \(action) \(path): \(cause)"
    switch code {
    case ENOSPC, EDQUOT, EFBIG:
        return JournalFailure(.full, message + "; free space or lower disk_spool.max_size_mb")
    case EACCES, EPERM, EROFS, ENOTDIR, ELOOP, ENAMETOOLONG:
        return JournalFailure(.forbidden, message + "; give the service write access there or set state_directory")
    case ENOENT:
        return JournalFailure(.notFound, message)
    default:
        return JournalFailure(.device, message)
    }
}
