import Glibc

/// The key ring on disk: `keys/data.keys` in the state directory, mode 0600, one line of text per key.
///
///     penstock-keys 1
///     key <name, 32 hexadecimal digits> <key, 64 hexadecimal digits>
///
/// The last key is for new files. A name that does not belong to its key is refused: the file was damaged. The file
/// is replaced as a whole and synced, never changed in place.
package struct KeyFile: Sendable {
    package let path: String
    private let directory: String

    /// - Parameter directory: `keys` in the state directory; made when the first key is.
    package init(directory: String) {
        self.directory = directory
        path = directory + "/data.keys"
    }

    /// What ``open(create:)`` found.
    package struct Opened: Sendable {
        package var ring: KeyRing
        /// Sentences for the log.
        package var warnings: [String] = []
    }

    /// Reads the ring.
    /// - Parameter create: make a first key when there is no file. Else an absent file is an empty ring.
    /// - Throws: when the file cannot be read, written or understood.
    package func open(create: Bool) throws(KeyFailure) -> Opened {
        if let content = try read() { return Opened(ring: try parse(content), warnings: exposureWarnings()) }
        guard create else { return Opened(ring: KeyRing([], place: path)) }
        let key = DataKey.random()
        guard try write([key], replacing: false) else {
            // Another process was faster.
            return try open(create: true)
        }
        return Opened(
            ring: KeyRing([key], place: path),
            warnings: [
                "a new data key was created in \(path); whoever has this file can read the journal, and without it "
                    + "nobody can: keep a copy in a safe place"
            ])
    }

    /// Adds a key for new files to the ring on disk. A running connector uses it from its next start on.
    package func rotate() throws(KeyFailure) -> KeyRing {
        var known: [DataKey] = []
        if let text = try read() { known = try self.keys(in: text) }
        let keys = known + [DataKey.random()]
        _ = try write(keys, replacing: true)
        return KeyRing(keys, place: path)
    }

    // MARK: Text

    private static let firstLine = "penstock-keys 1"
    private static let bytesMax = 1024 * 1024

    private func parse(_ text: String) throws(KeyFailure) -> KeyRing {
        KeyRing(try keys(in: text), place: path)
    }

    private func keys(in text: String) throws(KeyFailure) -> [DataKey] {
        var lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }[...]
        guard let first = lines.popFirst(), first.hasPrefix("penstock-keys ") else {
            throw KeyFailure("\(path) is no key file: put the right one back; data that it sealed needs it")
        }
        guard first == Self.firstLine else {
            throw KeyFailure("\(path) was written by a newer version: run the program that wrote it")
        }
        var keys: [DataKey] = []
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "key", let bytes = Hexadecimal.bytes(words[2]),
                let key = DataKey(bytes: bytes), key.id.description == words[1].lowercased()
            else { throw KeyFailure("\(path) is damaged: put a copy of it back; data that it sealed needs it") }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw KeyFailure("\(path) holds no key: put a copy of it back") }
        return keys
    }

    private func text(of keys: [DataKey]) -> String {
        ([Self.firstLine] + keys.map { "key \($0.id) \(Hexadecimal.text($0.bytes))" }).joined(separator: "\n") + "\n"
    }

    // MARK: File

    /// Nil when there is no such file.
    private func read() throws(KeyFailure) -> String? {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("read", path)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        var content: [UInt8] = []
        while true {
            let count = Glibc.read(descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { return String(decoding: content, as: UTF8.self) }
            content += bytes[..<count]
            guard content.count <= Self.bytesMax else { throw KeyFailure("\(path) is no key file: it is too large") }
        }
    }

    private func exposureWarnings() -> [String] {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return [] }
        return ["\(path) can be read by other users: chmod 600 \(path)"]
    }

    /// - Returns: false when `replacing` is not wanted and there is a file already.
    private func write(_ keys: [DataKey], replacing: Bool) throws(KeyFailure) -> Bool {
        try makeDirectories()
        let temporary = "\(path).\(getpid()).new"
        _ = unlink(temporary)
        let descriptor = Glibc.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create", temporary) }
        let bytes = Array(text(of: keys).utf8)
        let isWritten = Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isWritten else {
            _ = unlink(temporary)
            errno = code
            throw failure("write", temporary)
        }
        // A link, other than a rename, never covers a file that somebody else has just made.
        guard (replacing ? rename(temporary, path) : link(temporary, path)) == 0 else {
            let code = errno
            _ = unlink(temporary)
            if code == EEXIST { return false }
            errno = code
            throw failure("create", path)
        }
        if !replacing { _ = unlink(temporary) }
        try syncDirectory()
        return true
    }

    private func syncDirectory() throws(KeyFailure) {
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", directory) }
    }

    private func makeDirectories() throws(KeyFailure) {
        var made = directory.hasPrefix("/") ? "" : "."
        for part in directory.split(separator: "/") {
            made += "/" + part
            if mkdir(made, 0o700) != 0, errno != EEXIST { throw failure("create the directory", made) }
        }
    }

    private func failure(_ action: String, _ path: String) -> KeyFailure {
        let cause = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
        return KeyFailure(
            "cannot \(action) \(path): \(cause); give the service access there, or switch encryption off "
                + "(backpressure.disk_spool.encryption)")
    }
}

/// Why keys cannot be had, in a sentence that says what to do.
package struct KeyFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package var message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}
