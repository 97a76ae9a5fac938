/// The name of a credential: words of letters, digits, `_` and `-`, joined by points, such as `zerobus.client_id`.
package struct CredentialName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let bytesMax = 128

    package let text: String

    /// - Throws: when the text is no name.
    package init(_ text: String) throws(VaultFailure) {
        guard Self.isName(text) else {
            throw VaultFailure(
                "'\(text.prefix(200))' is no name of a credential: words of letters, digits, '_' and '-', joined by "
                    + "points, \(Self.bytesMax) characters at the most; such as zerobus.client_secret")
        }
        self.text = text
    }

    /// The nearest name to a text of any kind: what cannot stand in a name becomes `_`.
    package init(sanitizing words: [String]) {
        let words = words.filter { !$0.isEmpty }.map { word in
            String(decoding: word.utf8.map { Self.isWordByte($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
        }
        // Room for a number behind it; a point at the end would leave an empty word.
        let text = String(words.joined(separator: ".").prefix(Self.bytesMax - 8))
        self.text = text.isEmpty ? "_" : text.hasSuffix(".") ? String(text.dropLast()) : text
    }

    private init(known text: String) {
        self.text = text
    }

    /// The name with a number behind it, for a second credential of the same place.
    package func numbered(_ number: Int) -> CredentialName {
        CredentialName(known: "\(text.prefix(Self.bytesMax - 8))_\(number % 1_000_000)")
    }

    package var description: String { text }

    package static func < (left: CredentialName, right: CredentialName) -> Bool { left.text < right.text }

    static func isName(_ text: String) -> Bool {
        guard (1...bytesMax).contains(text.utf8.count) else { return false }
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0.allSatisfy(isWordByte) }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
