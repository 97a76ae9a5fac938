import ConnectorKeys
package import ConnectorVault
import Synchronization
package import YAMLSupport

/// Answers the credentials that a configuration refers to; the vault is opened when the first is asked for.
package final class VaultLookup: Sendable {
    private let open: @Sendable () throws(VaultFailure) -> Vault
    private let answers = Mutex<[CredentialName: String]?>(nil)
    /// Secrets that are about to be stored.
    private let pending: [CredentialName: String]

    package init(_ vault: Vault, pending: [CredentialName: String] = [:]) {
        open = { () throws(VaultFailure) in vault }
        self.pending = pending
    }

    /// The vault of a state directory, with the master password of the environment.
    package convenience init(stateDirectory: String, _ environment: [String: String]) {
        self.init { () throws(VaultFailure) in
            do throws(KeyFailure) {
                return Vault(stateDirectory: stateDirectory, password: try MasterPassword.find(in: environment))
            } catch {
                throw VaultFailure(error)
            }
        }
    }

    private init(open: @escaping @Sendable () throws(VaultFailure) -> Vault) {
        self.open = open
        pending = [:]
    }

    /// The credential of a name; nil when there is none of that name.
    package func credential(_ text: String) throws(References.Failure) -> String? {
        do throws(VaultFailure) {
            let name = try CredentialName(text)
            if let secret = pending[name] { return secret }
            if let known = answers.withLock({ $0 }) { return known[name] }
            let read = try open().credentials()
            answers.withLock { $0 = read }
            return read[name]
        } catch {
            throw References.Failure(problem: error.message, isMissing: error.kind == .missingPassword)
        }
    }
}
