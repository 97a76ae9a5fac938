/// One token of a JSON text: what it is and where its bytes lie.
@frozen
package struct JSONToken: Hashable, Sendable {
    @frozen
    package enum Kind: Hashable, Sendable {
        case beginObject
        case endObject
        case beginArray
        case endArray
        /// The name of a member; its colon has been read too.
        case key
        case string
        case number
        case `true`
        case `false`
        case null
        /// `NaN`, `Infinity` or `-Infinity`: no JSON, and a token only for a scanner that was told to take it.
        case nonFinite
        /// The text is complete and nothing follows it.
        case end
    }

    package var kind: Kind
    /// Of a key or string: it holds escapes. Of a number: it has neither fraction nor exponent.
    @usableFromInline var flag: Bool
    /// Offset of the first byte; keys and strings start after their quote.
    package var start: Int
    /// Offset after the last byte; keys and strings end before their quote.
    package var end: Int

    @usableFromInline
    init(_ kind: Kind, _ start: Int, _ end: Int, flag: Bool = false) {
        self.kind = kind
        self.flag = flag
        self.start = start
        self.end = end
    }

    /// Whether a key or string must be unescaped to be read.
    @inlinable
    package var hasEscapes: Bool { flag && kind != .number }

    /// Whether a number is written as an integer: digits with at most a minus sign.
    @inlinable
    package var isInteger: Bool { flag && kind == .number }
}
