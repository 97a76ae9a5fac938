package import FileSupport

/// Why keys cannot be had, in a sentence that says what to do.
package struct KeyFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        case wrongPassword, missingPassword, other
    }

    package var message: String
    package var kind: Kind

    package init(_ message: String, _ kind: Kind = .other) {
        self.message = message
        self.kind = kind
    }

    package init(_ failure: FileFailure) {
        self.init(failure.description)
    }

    package var description: String { message }

    package static func wrongPassword(_ path: String) -> KeyFailure {
        KeyFailure(
            "the master password is not the one that \(path) was sealed with; nothing was changed", .wrongPassword)
    }

    package static func missingPassword(_ path: String) -> KeyFailure {
        KeyFailure(
            "\(path) is sealed with the master password: set \(MasterPassword.variables[0]), or "
                + "\(MasterPassword.fileVariable) to a file that holds it", .missingPassword)
    }
}
