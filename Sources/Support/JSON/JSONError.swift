/// Why bytes are no JSON text, and where.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Hashable, Sendable {
        /// The text ends inside a value.
        case truncated
        /// A byte that cannot stand here.
        case unexpectedByte
        /// Something follows the value.
        case trailingText
        case badNumber
        /// A backslash with no escape behind it, or half a surrogate pair.
        case badEscape
        /// A byte below 0x20 inside a string.
        case controlCharacter
        case badUTF8
        /// More than `JSONScanner.depthMax` arrays and objects inside each other.
        case tooDeep
    }

    package var code: Code
    /// Offset of the byte at fault.
    package var offset: Int

    @usableFromInline
    init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }

    package var description: String {
        let words =
            switch code {
            case .truncated: "the text ends inside a value"
            case .unexpectedByte: "a character that cannot stand here"
            case .trailingText: "more text after the value"
            case .badNumber: "not a number"
            case .badEscape: "a backslash that starts no escape"
            case .controlCharacter: "a control character inside a string"
            case .badUTF8: "not UTF-8"
            case .tooDeep: "nested deeper than \(JSONScanner.depthMax) levels"
            }
        return "no JSON: \(words), at byte \(offset)"
    }
}
