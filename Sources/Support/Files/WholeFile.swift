package import Glibc

/// Reads and replaces small files as a whole: a reader, and a start after a power cut, sees the old file or the new one
/// and never a part of one.
package enum WholeFile {
    /// The file's bytes; nil when there is no such file.
    /// - Throws: with `EFBIG` when there are more than `bytesMax`, before more memory is taken.
    package static func read(_ path: String, bytesMax: Int) throws(FileFailure) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw FileFailure("read", path, errno)
        }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        var content: [UInt8] = []
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileFailure("read", path, errno) }
            if count == 0 { return content }
            content += buffer[..<count]
            guard content.count <= bytesMax else { throw FileFailure("read", path, EFBIG) }
        }
    }

    /// Makes the file if there is none: a link, other than a rename, never covers one that somebody else has just made.
    /// - Returns: false when there is one already, which stays.
    package static func create(_ path: String, _ bytes: [UInt8], mode: mode_t) throws(FileFailure) -> Bool {
        let temporary = try write(besides: path, bytes, mode: mode)
        let code = link(temporary, path) == 0 ? 0 : errno
        _ = unlink(temporary)
        if code == EEXIST { return false }
        guard code == 0 else { throw FileFailure("create", path, code) }
        try sync(directoryOf: path)
        return true
    }

    /// Puts a new file in the place of the old one: a file beside it is written and synced, then renamed over it, then the
    /// folder is synced.
    package static func replace(_ path: String, _ bytes: [UInt8], mode: mode_t) throws(FileFailure) {
        let temporary = try write(besides: path, bytes, mode: mode)
        guard rename(temporary, path) == 0 else {
            let code = errno
            _ = unlink(temporary)
            throw FileFailure("replace", path, code)
        }
        try sync(directoryOf: path)
    }

    /// Makes a folder and those above it.
    package static func makeDirectories(_ path: String, mode: mode_t) throws(FileFailure) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            if mkdir(made, mode) != 0, errno != EEXIST {
                throw FileFailure("create the directory", made, errno)
            }
        }
    }

    /// The permission bits of a file; nil when there is none.
    package static func mode(of path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    /// Runs the body while no other process that asks for the same lock does; the folder itself carries it.
    package static func withLock<Result, Failure: Error>(
        on directory: String, failing: (FileFailure) -> Failure, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failing(FileFailure("open", directory, errno)) }
        defer { close(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw failing(FileFailure("lock", directory, errno)) }
        }
        return try body()
    }

    /// The folder that a path lies in.
    package static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    // MARK: Steps

    private static func write(besides path: String, _ bytes: [UInt8], mode: mode_t) throws(FileFailure) -> String {
        let temporary = "\(path).\(getpid()).new"
        _ = unlink(temporary)
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw FileFailure("create", temporary, errno) }
        // What the process's mask took away is put back.
        var code: Int32 = fchmod(descriptor, mode) == 0 ? 0 : errno
        var written = 0
        while code == 0, written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { written += count } else if errno != EINTR { code = errno }
        }
        if code == 0, fsync(descriptor) != 0 { code = errno }
        close(descriptor)
        guard code == 0 else {
            _ = unlink(temporary)
            throw FileFailure("write", temporary, code)
        }
        return temporary
    }

    /// Makes durable what was created, replaced or deleted in the folder that a path lies in.
    package static func sync(directoryOf path: String) throws(FileFailure) {
        let directory = directory(of: path)
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure("open", directory, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FileFailure("sync", directory, errno) }
    }
}
