package import ConnectorKeys
import FileSupport

/// Why the vault does not give or take a credential, in a sentence that says what to do.
package struct VaultFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        case wrongPassword, missingPassword, damaged, newer, other
    }

    package var message: String
    package var kind: Kind

    package init(_ message: String, _ kind: Kind = .other) {
        self.message = message
        self.kind = kind
    }

    package init(_ failure: KeyFailure) {
        message = failure.message
        kind =
            switch failure.kind {
            case .wrongPassword: .wrongPassword
            case .missingPassword: .missingPassword
            case .other: .other
            }
    }

    init(_ failure: FileFailure) {
        self.init("\(failure); give the service access there")
    }

    static func damaged(_ path: String) -> VaultFailure {
        VaultFailure(
            "\(path) is damaged: put a copy of it back, or delete it and store the credentials again", .damaged)
    }

    package var description: String { message }
}
