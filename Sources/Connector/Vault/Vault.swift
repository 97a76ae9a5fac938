package import ConnectorKeys
import FileSupport
import Synchronization

/// The credential vault of an installation: one file in the state directory, replaced as a whole.
///
/// With a master password it is sealed with a key that scrypt makes of it, with a salt of its own; without one with the
/// installation's data key. Everything is opened, and so a wrong password found, before anything is written.
package final class Vault: Sendable {
    package let path: String
    private let stateDirectory: String
    private let password: MasterPassword?
    private let cost: ScryptCost
    /// The last key made of the password, with its salt: making it is slow by intent.
    private let derived = Mutex<(lock: VaultFormat.Lock, key: DataKey)?>(nil)

    /// - Parameters:
    ///   - password: the master password, if the installation has one.
    ///   - cost: what guessing the password of a new file costs.
    package init(stateDirectory: String, password: MasterPassword?, cost: ScryptCost = .standard) {
        self.stateDirectory = stateDirectory
        self.password = password
        self.cost = cost
        path = stateDirectory + "/vault"
    }

    private var keyFile: KeyFile { KeyFile(directory: stateDirectory + "/keys", cost: cost) }

    // MARK: Credentials

    /// Whether there is a vault file.
    package var exists: Bool { WholeFile.mode(of: path) != nil }

    /// All credentials; none without a file.
    /// - Throws: when the file cannot be read, is damaged, or the password is missing or another one.
    package func credentials() throws(VaultFailure) -> [CredentialName: String] {
        try open()?.contents.values ?? [:]
    }

    /// Changes the credentials. Other processes wait meanwhile.
    package func change<Result>(
        _ body: (inout [CredentialName: String]) throws(VaultFailure) -> Result
    ) throws(VaultFailure) -> Result {
        try prepare()
        return try WholeFile.withLock(on: stateDirectory, failing: VaultFailure.init) { () throws(VaultFailure) in
            let opened = try open()
            var contents = opened?.contents ?? VaultContents()
            let result = try body(&contents.values)
            guard contents != opened?.contents else { return result }
            try write(contents, after: opened)
            return result
        }
    }

    // MARK: Keys

    /// The key ring of the installation, whose keys the journal uses.
    ///
    /// A ring is not made, nor wrapped by a password, before the vault has shown that the password is the right one.
    /// - Parameter create: see ``KeyFile/open(create:password:)``.
    package func openRing(create: Bool) throws(VaultFailure) -> KeyFile.Opened {
        if create, password != nil, try !isRingWrapped() { _ = try open() }
        do { return try keyFile.open(create: create, password: password) } catch { throw VaultFailure(error) }
    }

    /// Gives the installation a new data key, and another master password where one is given.
    ///
    /// Vault and key ring are replaced one after the other. When that is interrupted between them, calling it again with
    /// the same passwords ends it: each file opens with either.
    package func rotate(to new: MasterPassword?) throws(VaultFailure) {
        try prepare()
        try WholeFile.withLock(on: stateDirectory, failing: VaultFailure.init) { () throws(VaultFailure) in
            let next = new.map { Vault(stateDirectory: stateDirectory, password: $0, cost: cost) }
            let (opened, ringPassword) = try openBoth(next)
            do throws(KeyFailure) {
                _ = try keyFile.rotate(password: ringPassword, to: new ?? password)
            } catch {
                throw VaultFailure(error)
            }
            if let opened { try (next ?? self).write(opened.contents, after: nil) }
        }
    }

    /// Takes data keys out of the ring that neither the vault nor `used` names; the one for new files always stays.
    /// - Parameter used: every key that a file outside the vault is sealed with, or that a running process seals with.
    /// - Returns: the names of those that were taken out.
    /// - Throws: when vault or ring cannot be read or written; the ring is then what it was.
    package func pruneKeys(except used: Set<KeyID>) throws(VaultFailure) -> [KeyID] {
        try WholeFile.withLock(on: stateDirectory, failing: VaultFailure.init) { () throws(VaultFailure) in
            var used = used
            if let key = try sealingKeyOnDisk() { used.insert(key) }
            do throws(KeyFailure) {
                return try keyFile.prune(password: password) { used.contains($0) }
            } catch {
                throw VaultFailure(error)
            }
        }
    }

    /// The key that the vault names; nil when there is none. A file that was replaced and not synced would name an older
    /// one again after a power cut.
    private func sealingKeyOnDisk() throws(VaultFailure) -> KeyID? {
        let bytes: [UInt8]?
        do throws(FileFailure) {
            try WholeFile.sync(directoryOf: path)
            bytes = try WholeFile.read(path, bytesMax: VaultFormat.bytesMax)
        } catch {
            throw VaultFailure(error)
        }
        return try bytes.map { bytes throws(VaultFailure) in try VaultFormat.decode(bytes, path).keyID }
    }

    /// What both files hold, and which password opens the ring, before any of them is written.
    private func openBoth(_ next: Vault?) throws(VaultFailure) -> (Opened?, MasterPassword?) {
        var opened: Opened?
        do {
            opened = try open()
        } catch {
            guard let next, error.kind == .wrongPassword else { throw error }
            opened = try next.open()
        }
        do {
            _ = try openRing(create: false)
            return (opened, password)
        } catch {
            guard let next, error.kind == .wrongPassword else { throw error }
            _ = try next.openRing(create: false)
            return (opened, next.password)
        }
    }

    private func isRingWrapped() throws(VaultFailure) -> Bool {
        do { return try keyFile.isWrapped } catch { throw VaultFailure(error) }
    }

    // MARK: File

    private struct Opened {
        var contents: VaultContents
        var lock: VaultFormat.Lock
        var key: DataKey
    }

    /// Nil when there is no vault.
    private func open() throws(VaultFailure) -> Opened? {
        let bytes: [UInt8]?
        do { bytes = try WholeFile.read(path, bytesMax: VaultFormat.bytesMax) } catch { throw VaultFailure(error) }
        guard let bytes else { return nil }
        let sealed = try VaultFormat.decode(bytes, path)
        let key = try key(for: sealed)
        guard let contents = sealed.open(key) else { throw .damaged(path) }
        return Opened(contents: contents, lock: sealed.lock, key: key)
    }

    private func key(for sealed: VaultFormat.Sealed) throws(VaultFailure) -> DataKey {
        guard case .password = sealed.lock else {
            guard let key = try openRing(create: false).ring[sealed.keyID] else {
                throw VaultFailure(
                    "\(path) is sealed with the data key \(sealed.keyID), which \(keyFile.path) does not hold: put a copy of the right key file back",
                    .damaged)
            }
            return key
        }
        guard let password else { throw VaultFailure(KeyFailure.missingPassword(path)) }
        let key = try derive(password, sealed.lock)
        guard key.id == sealed.keyID else { throw VaultFailure(KeyFailure.wrongPassword(path)) }
        return key
    }

    private func derive(_ password: MasterPassword, _ lock: VaultFormat.Lock) throws(VaultFailure) -> DataKey {
        guard case .password(let cost, let salt) = lock else { throw .damaged(path) }
        if let known = derived.withLock({ $0 }), known.lock == lock { return known.key }
        do {
            let key = try cost.key(password, salt: salt)
            derived.withLock { $0 = (lock, key) }
            return key
        } catch {
            throw VaultFailure(error)
        }
    }

    /// Under a lock of the state directory.
    private func write(_ contents: VaultContents, after opened: Opened?) throws(VaultFailure) {
        let (lock, key) = try sealing(after: opened)
        let bytes = try VaultFormat.encode(contents, lock, key)
        do { try WholeFile.replace(path, bytes, mode: 0o600) } catch { throw VaultFailure(error) }
    }

    private func sealing(after opened: Opened?) throws(VaultFailure) -> (VaultFormat.Lock, DataKey) {
        guard let password else {
            guard let key = try openRing(create: true).ring.current else {
                throw VaultFailure("there is no data key in \(keyFile.path)")
            }
            return (.ring, key)
        }
        if let opened, case .password = opened.lock { return (opened.lock, opened.key) }
        // A ring that is wrapped already says whether the password is the right one.
        if try isRingWrapped() { _ = try openRing(create: false) }
        let lock = VaultFormat.Lock.password(cost, salt: SealingKey.randomSalt())
        return (lock, try derive(password, lock))
    }

    private func prepare() throws(VaultFailure) {
        do { try WholeFile.makeDirectories(stateDirectory, mode: 0o700) } catch { throw VaultFailure(error) }
    }
}
