import ConnectorKeys

/// Why the journal or its storage cannot do what it was asked.
package struct JournalFailure: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// No space or quota left: passes when somebody makes room.
        case full
        /// A file failed, as a rule because of its device; the next attempt uses a new file.
        case device
        /// Another process uses the journal.
        case locked
        /// The user, the mount or the path does not allow it.
        case forbidden
        case notFound
        /// The files were written by a newer version.
        case newerFormat
        /// The files are sealed with a key that is not there.
        case unknownKey
    }

    package var kind: Kind
    /// A sentence that names the path, the cause and what to do.
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }

    static func newer(_ version: UInt16, path: String, name: String) -> JournalFailure {
        let reason =
            version == JournalFormat.version
            ? "uses features that this program does not know"
            : "has format \(version), and this program knows format \(JournalFormat.version)"
        return JournalFailure(
            .newerFormat, "\(path)/\(name) \(reason): run the newer program that wrote it, or move the journal away")
    }

    static func unknownKey(_ id: KeyID, path: String, name: String, ring: KeyRing) -> JournalFailure {
        JournalFailure(
            .unknownKey,
            "\(path)/\(name) is sealed with the key \(id), which is not in \(ring.place): put the key file back that "
                + "belongs to it, or move the journal away to begin an empty one; nothing was changed")
    }
}
