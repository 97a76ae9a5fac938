package import ConnectorVault
package import YAMLSupport

/// A change of the configuration that somebody asks for.
package enum ConfigurationChange: Sendable {
    /// These values and no others.
    case replace(YAMLTree)
    /// JSON merge patch (RFC 7396) of the values as they are shown, secrets masked.
    case patch(YAMLTree)
}

/// Why a change is not made; the old configuration runs on.
package enum ChangeRefusal: Error, Sendable {
    /// The configuration would be wrong.
    case findings([Finding])
    /// It is not what the change was made from.
    case changedMeanwhile
    /// Vault or files cannot be read or written.
    case unavailable(String)
}

/// A change that can be made: checked, and nothing of it written yet.
package struct PlannedChange: Sendable {
    package var settings: ConnectorSettings
    let tree: YAMLTree
    let secrets: [CredentialName: String]
    let document: ConfigurationDocument
    let backupText: String?
}

/// What a change did.
package struct ChangeOutcome: Sendable {
    package var saved: ConfigurationStore.Saved
    package var warnings: [Finding]
    /// Keys that take effect with the next start only.
    package var needRestart: [String]
    /// Of the files as they are now.
    package var entityTag: String

    package init(
        saved: ConfigurationStore.Saved, warnings: [Finding], needRestart: [String], entityTag: String
    ) {
        self.saved = saved
        self.warnings = warnings
        self.needRestart = needRestart
        self.entityTag = entityTag
    }
}

/// Reads, checks and changes the configuration of one installation.
package struct ConfigurationDesk: Sendable {
    package let store: ConfigurationStore
    package let vault: Vault
    private let environment: [String: String]
    /// Wins over the key `state_directory`.
    private let stateDirectory: String?

    package init(
        store: ConfigurationStore, vault: Vault, environment: [String: String], stateDirectory: String?
    ) {
        self.store = store
        self.vault = vault
        self.environment = environment
        self.stateDirectory = stateDirectory
    }

    /// The settings that a document means.
    package func settings(of document: ConfigurationDocument) throws(ConfigurationError) -> ConnectorSettings {
        try read(document.root, VaultLookup(vault))
    }

    /// The same for one who wants to know what it means; each key with value and origin.
    package func inspect(
        _ document: ConfigurationDocument
    ) throws(ConfigurationError) -> (settings: ConnectorSettings, keys: [KeyRecord]) {
        try reader(VaultLookup(vault)).inspect(document.root)
    }

    private func read(_ root: YAMLNode?, _ lookup: VaultLookup) throws(ConfigurationError) -> ConnectorSettings {
        try reader(lookup).read(root)
    }

    private func reader(_ lookup: VaultLookup) -> ConfigurationReader {
        ConfigurationReader(
            file: store.path, environment: environment, stateDirectory: stateDirectory,
            credentials: lookup.credential)
    }

    /// Checks a change.
    /// - Parameter tags: entity tags of which one must be that of the files; nil allows all.
    /// - Throws: `ChangeRefusal`.
    package func plan(
        _ change: ConfigurationChange, ifMatch tags: [String]? = nil
    ) throws(ChangeRefusal) -> PlannedChange {
        let document: ConfigurationDocument
        do { document = try store.load() } catch { throw .unavailable("\(error)") }
        if let tags, !tags.contains("*") || document.file == nil, !tags.contains(document.entityTag) {
            throw .changedMeanwhile
        }
        let current = document.tree
        let asked =
            switch change {
            case .replace(let tree): tree
            case .patch(let patch): SecretPlaces.masked(current).merging(patch)
            }
        let (unmasked, unknown) = SecretPlaces.unmasked(asked.withoutNulls, from: current)
        guard unknown.isEmpty else {
            throw .findings(
                unknown.map {
                    Finding(
                        file: store.path, line: nil, keyPath: $0,
                        problem: "\(SecretPlaces.mask) stands for a secret that is not there; send the secret itself")
                })
        }
        let (tree, secrets) = try secure(unmasked, current)
        let settings: ConnectorSettings
        do throws(ConfigurationError) {
            let root = try StrictDocument.parse(YAMLText.document(tree), file: store.path)
            settings = try read(root, VaultLookup(vault, pending: secrets))
        } catch {
            // The lines are those of a text that nobody has seen.
            throw .findings(
                error.findings.map { Finding(file: $0.file, line: nil, keyPath: $0.keyPath, problem: $0.problem) })
        }
        return PlannedChange(
            settings: settings, tree: tree, secrets: secrets, document: document,
            backupText: SecretPlaces.backupText(of: document, for: tree))
    }

    /// Secrets that were not there before go into the vault, whose names are asked for only then.
    private func secure(
        _ tree: YAMLTree, _ current: YAMLTree?
    ) throws(ChangeRefusal) -> (YAMLTree, [CredentialName: String]) {
        let moved = SecretPlaces.moved(tree, except: current, taken: [])
        guard !moved.secrets.isEmpty else { return moved }
        do {
            return SecretPlaces.moved(tree, except: current, taken: Set(try vault.credentials().keys))
        } catch {
            throw .unavailable("the secret cannot be kept: \(error.message)")
        }
    }

    /// Makes a change: first the vault, then the files.
    /// - Parameter time: seconds since 1970.
    package func commit(_ plan: PlannedChange, time: Int) throws(ChangeRefusal) -> ConfigurationStore.Saved {
        do {
            if !plan.secrets.isEmpty {
                try vault.change { credentials in credentials.merge(plan.secrets) { $1 } }
            }
            return try store.save(plan.tree, over: plan.document, backupText: plan.backupText, time: time)
        } catch {
            throw .unavailable("\(error)")
        }
    }

    /// Moves the clear secrets of the files into the vault.
    /// - Returns: the names that they got, and what was written; no copy of the earlier text is made.
    package func importSecrets() throws -> (names: [String], saved: ConfigurationStore.Saved) {
        let document = try store.load()
        let taken = Set(try vault.credentials().keys)
        let moved = SecretPlaces.moved(document.tree, except: nil, taken: taken)
        guard !moved.secrets.isEmpty else { return ([], ConfigurationStore.Saved()) }
        try vault.change { credentials in credentials.merge(moved.secrets) { $1 } }
        let saved = try store.save(moved.tree, over: document, backsUp: false, time: 0)
        return (moved.secrets.keys.sorted().map(\.text), saved)
    }
}
