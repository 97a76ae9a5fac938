import FileSupport

/// The password that keys are wrapped by and the vault is sealed with.
package struct MasterPassword: Hashable, Sendable, CustomStringConvertible {
    package static let bytesMax = 4096
    /// A shorter one is taken and warned of.
    package static let bytesWanted = 12

    let bytes: [UInt8]

    /// - Throws: when it is empty or too long to be a password.
    package init(_ bytes: [UInt8]) throws(KeyFailure) {
        guard !bytes.isEmpty else { throw KeyFailure("the master password is empty") }
        guard bytes.count <= Self.bytesMax else {
            throw KeyFailure("the master password is longer than \(Self.bytesMax) bytes")
        }
        self.bytes = bytes
    }

    package init(_ text: String) throws(KeyFailure) { try self.init(Array(text.utf8)) }

    package var isShort: Bool { bytes.count < Self.bytesWanted }

    /// Never the password.
    package var description: String { "***" }

    // MARK: Where it comes from

    /// The names that it goes by in the environment; the last names a file that holds it.
    package static let variables = ["PENSTOCK_MASTER_PASSWORD", "CONNECTOR_MASTER_PASSWORD"]
    package static let fileVariable = "PENSTOCK_MASTER_PASSWORD_FILE"

    /// The password that the environment names; nil when it names none.
    /// - Throws: when a file cannot be read, or two places say different things.
    package static func find(in environment: [String: String]) throws(KeyFailure) -> MasterPassword? {
        var found: [(place: String, password: MasterPassword)] = []
        for name in variables {
            guard let text = environment[name], !text.isEmpty else { continue }
            found.append((name, try MasterPassword(text)))
        }
        if let path = environment[fileVariable], !path.isEmpty {
            found.append((fileVariable, try read(path)))
        }
        guard let first = found.first else { return nil }
        if let other = found.first(where: { $0.password != first.password }) {
            throw KeyFailure("\(first.place) and \(other.place) give different master passwords; keep one")
        }
        return first.password
    }

    /// The password in a file; a line end behind it does not count.
    package static func read(_ path: String) throws(KeyFailure) -> MasterPassword {
        let bytes: [UInt8]?
        do { bytes = try WholeFile.read(path, bytesMax: bytesMax + 2) } catch {
            throw KeyFailure("\(error); the master password is expected there")
        }
        guard let bytes else { throw KeyFailure("there is no file \(path); the master password is expected there") }
        return try MasterPassword(withoutLineEnd(bytes))
    }

    /// Without one line end, `\n` or `\r\n`.
    package static func withoutLineEnd(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes[...]
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return Array(bytes)
    }
}
