/// Writes the parts of JSON texts that need care: strings and doubles.
package enum JSONText {
    /// A string as a JSON text, quotes included.
    package static func quoted(_ string: String) -> String {
        var text = ""
        text.reserveCapacity(string.utf8.count + 2)
        appendQuoted(string, to: &text)
        return text
    }

    /// Appends a string with its quotes; escapes only what RFC 8259 section 7 demands.
    package static func appendQuoted(_ string: String, to text: inout String) {
        text.append("\"")
        if string.utf8.contains(where: needsEscape) {
            for scalar in string.unicodeScalars { appendEscaped(scalar, to: &text) }
        } else {
            text.append(string)
        }
        text.append("\"")
    }

    /// A double as a JSON text: the shortest digits that give it back. JSON has no NaN and no infinities, so
    /// these become the strings `"NaN"`, `"Infinity"` and `"-Infinity"`.
    package static func number(_ value: Double) -> String {
        if value.isFinite { return value.description }
        if value.isNaN { return "\"NaN\"" }
        return value < 0 ? "\"-Infinity\"" : "\"Infinity\""
    }

    /// A float as a JSON text, with the rules of `number(_: Double)`.
    package static func number(_ value: Float) -> String {
        value.isFinite ? value.description : number(Double(value))
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func appendEscaped(_ scalar: Unicode.Scalar, to text: inout String) {
        switch scalar {
        case "\"": text.append("\\\"")
        case "\\": text.append("\\\\")
        case "\n": text.append("\\n")
        case "\r": text.append("\\r")
        case "\t": text.append("\\t")
        case "\u{08}": text.append("\\b")
        case "\u{0C}": text.append("\\f")
        case "\u{00}"..."\u{1F}":
            text.append(scalar.value < 0x10 ? "\\u000" : "\\u00")
            text.append(String(scalar.value, radix: 16))
        default: text.unicodeScalars.append(scalar)
        }
    }
}
