/// What a getter took: a key with all that is to be known of it, and the value that it has in this configuration.
///
/// The reader is the schema: records of a real file are its effective configuration, records of a survey are the list
/// of all keys.
package struct KeyRecord: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case text
        case whole(ClosedRange<Int>)
        case number(ClosedRange<Double>?)
        case truth
        /// One of a few words, in any case.
        case words([String])
        /// Seconds, or a number with a unit.
        case time
        /// A list of texts, or one of them.
        case texts
        case block
        /// A list of blocks; where `plain` is given, a plain value stands for a block with that key.
        case blocks(plain: String?)
        /// Blocks with names of the user's choice.
        case members
        /// Texts with names of the user's choice.
        case textMembers
        /// A name that is taken for another key; told of by surveys only.
        case otherName(of: KeyAddress)
    }

    /// Where a value comes from.
    package enum Origin: Hashable, Sendable {
        /// Nobody said anything.
        case standard
        /// A file says it; `spelling` where it stands under another name, `references` where the value is taken
        /// from elsewhere.
        case file(String?, line: Int, spelling: String?, references: [String])
        /// Something beside the files says it: `environment variable DBX_CLIENT_ID`.
        case elsewhere(String)
    }

    package var address: KeyAddress
    package var kind: Kind
    /// What is taken when nobody says anything; nil where that is nothing.
    package var standard: String?
    package var isRequired = false
    package var isSecret = false
    /// Words that are taken for those of the kind, too; told of by surveys only.
    package var otherWords: [String] = []
    /// What the key is for, as a phrase; empty where nobody wrote one.
    package var about = ""
    /// Whether a block means something by being there.
    package var isOptional = false
    /// The part of the product that will use the key, where this build has none.
    package var missingPart: String?
    /// The value in force, masked if it is secret; nil where there is none. Blocks have none.
    package var value: Value?
    package var origin: Origin = .standard

    package enum Value: Hashable, Sendable {
        case one(String)
        case many([String])
    }

    /// What stands for a secret.
    package static let mask = "***"

    package init(address: KeyAddress, kind: Kind) {
        self.address = address
        self.kind = kind
    }

    var isOtherName: Bool {
        if case .otherName = kind { true } else { false }
    }

    /// The unit that the key's name says.
    package var unit: String? {
        guard case .key(let name)? = address.steps.last else { return nil }
        let units = [
            ("_ms", "milliseconds"), ("_seconds", "seconds"), ("_s", "seconds"), ("_mb", "MiB"), ("_days", "days"),
            ("_bytes", "bytes"),
        ]
        if case .time = kind { return "seconds, or a number with ms, s, m, h" }
        return units.first { name.hasSuffix($0.0) }?.1
    }
}

/// Which texts must not be shown.
package enum SecretWords {
    /// Whether a key of that name holds a secret.
    package static func hold(_ key: String) -> Bool {
        let name = key.lowercased()
        return ["password", "secret", "passphrase"].contains { name.contains($0) }
            || ["api_key", "apikey", "token", "bearer", "authorization"].contains {
                name == $0 || name.hasSuffix("_" + $0)
            }
    }

    /// The text without the password of a URL: `postgresql://***@host/db`.
    package static func masked(_ text: String) -> String {
        guard let scheme = text.firstRange(of: "://") else { return text }
        let authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        guard let at = authority.lastIndex(of: "@") else { return text }
        return text[..<scheme.upperBound] + KeyRecord.mask + text[at...]
    }
}

/// Collects what the getters took, in their order.
final class KeyRecorder {
    private(set) var keys: [KeyRecord] = []

    func add(_ record: KeyRecord) {
        keys.append(record)
    }
}
