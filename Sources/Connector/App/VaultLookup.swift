import ConnectorKeys
import ConnectorVault
import Synchronization
import YAMLSupport

/// Answers the credentials that a configuration refers to; the vault is opened when the first is asked for.
final class VaultLookup: Sendable {
    private let open: @Sendable () throws(VaultFailure) -> Vault
    private let answers = Mutex<[CredentialName: String]?>(nil)

    init(_ vault: Vault) {
        open = { () throws(VaultFailure) in vault }
    }

    /// The vault of a state directory, with the master password of the environment.
    convenience init(stateDirectory: String, _ environment: [String: String]) {
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
    }

    /// The credential of a name; nil when there is none of that name.
    func credential(_ text: String) throws(References.Failure) -> String? {
        do throws(VaultFailure) {
            let name = try CredentialName(text)
            if let known = answers.withLock({ $0 }) { return known[name] }
            let read = try open().credentials()
            answers.withLock { $0 = read }
            return read[name]
        } catch {
            throw References.Failure(problem: error.message)
        }
    }
}
