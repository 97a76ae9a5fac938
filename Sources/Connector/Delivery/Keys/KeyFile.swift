import FileSupport

/// The key ring on disk: `keys/data.keys` in the state directory, mode 0600, one line of text per key.
///
///     penstock-keys 1
///     key <name, 32 hexadecimal digits> <key, 64 hexadecimal digits>
///
/// With a master password the keys are wrapped by it (AES-256-GCM, RFC 7914 for the password):
///
///     penstock-keys 2
///     scrypt <log2 N> <r> <p> <salt, 64 hexadecimal digits> <name of the wrapping key>
///     wrapped <name> <sealed key and tag, 96 hexadecimal digits>
///     check <first 16 bytes of the SHA-256 of all before, in hexadecimal digits>
///
/// The last key is for new files. A name that does not belong to its key is refused: the file was damaged. The file
/// is replaced as a whole and synced, never changed in place.
package struct KeyFile: Sendable {
    package let path: String
    private let directory: String
    private let cost: ScryptCost

    /// - Parameter directory: `keys` in the state directory; made when the first key is.
    package init(directory: String, cost: ScryptCost = .standard) {
        self.directory = directory
        self.cost = cost
        path = directory + "/data.keys"
    }

    /// What ``open(create:password:)`` found.
    package struct Opened: Sendable {
        package var ring: KeyRing
        /// Sentences for the log.
        package var warnings: [String] = []
    }

    /// Reads the ring.
    /// - Parameters:
    ///   - create: make a first key when there is no file, and wrap keys that lie there in the clear when there is a
    ///     password. Else nothing is written, and an absent file is an empty ring.
    ///   - password: what the keys are wrapped by, or shall be.
    /// - Throws: when the file cannot be read, written or understood, or the password is missing or another one.
    package func open(create: Bool, password: MasterPassword? = nil) throws(KeyFailure) -> Opened {
        switch try read() {
        case .wrapped(let wrapped):
            guard let password else { throw .missingPassword(path) }
            return Opened(ring: KeyRing(try wrapped.open(password, path), place: path), warnings: exposureWarnings())
        case .plain(let keys):
            let ring = KeyRing(keys, place: path)
            guard create, let password else { return Opened(ring: ring, warnings: exposureWarnings()) }
            try replace(with: keys, password)
            return Opened(
                ring: ring, warnings: ["the data keys in \(path) are now wrapped by the master password: keep it safe"])
        case nil:
            guard create else { return Opened(ring: KeyRing([], place: path)) }
            let key = DataKey.random()
            guard try make(key, password) else {
                // Another process was faster.
                return try open(create: true, password: password)
            }
            return Opened(ring: KeyRing([key], place: path), warnings: [newKeyWarning(password)])
        }
    }

    /// Whether the file asks for a master password.
    package var isWrapped: Bool {
        get throws(KeyFailure) {
            if case .wrapped? = try read() { true } else { false }
        }
    }

    /// Adds a key for new files to the ring on disk, and wraps the ring by another password where one is given. A running
    /// connector uses the new key from its next start on.
    /// - Parameters:
    ///   - password: what the ring is wrapped by now; nil when it is not.
    ///   - new: what it shall be wrapped by.
    package func rotate(password: MasterPassword? = nil, to new: MasterPassword? = nil) throws(KeyFailure) -> KeyRing {
        let keys = try keys(password) + [DataKey.random()]
        try replace(with: keys, new ?? password)
        return KeyRing(keys, place: path)
    }

    /// Takes keys out of the ring on disk. The last one, which is for new files, always stays.
    /// - Parameters:
    ///   - password: what the ring is wrapped by; nil when it is not.
    ///   - isNeeded: whether something is sealed with a key, or may yet be.
    /// - Returns: the names of those that were taken out; the file is left alone when there are none.
    package func prune(
        password: MasterPassword? = nil, _ isNeeded: (KeyID) -> Bool
    ) throws(KeyFailure) -> [KeyID] {
        let keys = try keys(password)
        guard let last = keys.last else { return [] }
        let kept = keys.filter { $0.id == last.id || isNeeded($0.id) }
        guard kept.count < keys.count else { return [] }
        try replace(with: kept, password)
        let names = Set(kept.map(\.id))
        return keys.map(\.id).filter { !names.contains($0) }
    }

    /// The keys in the order of the file; none without one.
    private func keys(_ password: MasterPassword?) throws(KeyFailure) -> [DataKey] {
        switch try read() {
        case .plain(let keys): return keys
        case .wrapped(let wrapped):
            guard let password else { throw .missingPassword(path) }
            return try wrapped.open(password, path)
        case nil: return []
        }
    }

    private func newKeyWarning(_ password: MasterPassword?) -> String {
        password == nil
            ? "a new data key was created in \(path); whoever has this file can read the journal, and without it "
                + "nobody can: keep a copy in a safe place"
            : "a new data key was created in \(path), wrapped by the master password; without both nobody can read the "
                + "journal: keep copies in safe places"
    }

    // MARK: File

    private static let bytesMax = 1024 * 1024

    /// Nil when there is no such file.
    private func read() throws(KeyFailure) -> KeyFileText.Read? {
        let bytes: [UInt8]?
        do { bytes = try WholeFile.read(path, bytesMax: Self.bytesMax) } catch { throw failure(error) }
        guard let bytes else { return nil }
        return try KeyFileText.read(String(decoding: bytes, as: UTF8.self), path)
    }

    private func exposureWarnings() -> [String] {
        guard let mode = WholeFile.mode(of: path), mode & 0o077 != 0 else { return [] }
        return ["\(path) can be read by other users: chmod 600 \(path)"]
    }

    private func text(of keys: [DataKey], _ password: MasterPassword?) throws(KeyFailure) -> [UInt8] {
        guard let password else { return Array(KeyFileText.plain(keys).utf8) }
        return Array(try KeyFileText.wrapped(keys, password, cost, salt: SealingKey.randomSalt()).utf8)
    }

    private func replace(with keys: [DataKey], _ password: MasterPassword?) throws(KeyFailure) {
        let text = try text(of: keys, password)
        do throws(FileFailure) {
            try WholeFile.makeDirectories(directory, mode: 0o700)
            try WholeFile.replace(path, text, mode: 0o600)
        } catch {
            throw failure(error)
        }
    }

    /// - Returns: false when there is a file already.
    private func make(_ key: DataKey, _ password: MasterPassword?) throws(KeyFailure) -> Bool {
        let text = try text(of: [key], password)
        do throws(FileFailure) {
            try WholeFile.makeDirectories(directory, mode: 0o700)
            return try WholeFile.create(path, text, mode: 0o600)
        } catch {
            throw failure(error)
        }
    }

    private func failure(_ failure: FileFailure) -> KeyFailure {
        KeyFailure(
            "\(failure); give the service access there, or switch encryption off "
                + "(backpressure.disk_spool.encryption)")
    }
}
