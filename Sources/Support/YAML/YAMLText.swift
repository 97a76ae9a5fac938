/// Writes values as YAML: blocks of two more blanks each, texts in quotes where they could be taken for something else.
package enum YAMLText {
    /// A whole document.
    package static func document(_ tree: YAMLTree) -> String {
        switch tree {
        case .block(let members) where !members.isEmpty:
            members.flatMap { member($0, indent: 0) }.joined(separator: "\n") + "\n"
        case .block: ""
        default: scalar(tree) + "\n"
        }
    }

    /// A key with its value, as lines.
    static func member(_ member: YAMLTree.Member, indent: Int) -> [String] {
        let start = blanks(indent) + key(member.key) + ":"
        switch member.value {
        case .block(let members) where !members.isEmpty:
            return [start] + members.flatMap { self.member($0, indent: indent + 2) }
        case .list(let items) where !items.isEmpty:
            return [start] + items.flatMap { item($0, indent: indent + 2) }
        default:
            return [start + " " + scalar(member.value)]
        }
    }

    /// An item of a list, as lines; the first begins with its dash.
    static func item(_ tree: YAMLTree, indent: Int) -> [String] {
        var lines: [String]
        switch tree {
        case .block(let members) where !members.isEmpty:
            lines = members.flatMap { member($0, indent: indent + 2) }
        case .list(let items) where !items.isEmpty:
            lines = items.flatMap { item($0, indent: indent + 2) }
        default:
            return [blanks(indent) + "- " + scalar(tree)]
        }
        lines[0] = blanks(indent) + "- " + lines[0].dropFirst(indent + 2)
        return lines
    }

    /// A value on one line.
    static func scalar(_ tree: YAMLTree) -> String {
        switch tree {
        case .null: "null"
        case .truth(let truth): truth ? "true" : "false"
        case .number(let text): text
        case .text(let text): isPlain(text) ? text : quoted(text)
        case .list(let items): "[" + items.map(scalar).joined(separator: ", ") + "]"
        case .block(let members):
            "{" + members.map { key($0.key) + ": " + scalar($0.value) }.joined(separator: ", ") + "}"
        }
    }

    private static func key(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

    private static func blanks(_ count: Int) -> String { String(repeating: " ", count: count) }

    /// Words that some readers of YAML take for something else than text.
    private static let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 1000, isLetter(first) || first == UInt8(ascii: "/"),
            !words.contains(text.lowercased()), text.utf8.last != UInt8(ascii: ":")
        else { return false }
        // A colon before a letter or a slash separates nothing; blanks are left to the quotes.
        return text.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || "._-/:@+".utf8.contains($0) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
    }

    /// In double quotes (YAML 1.2.2 section 7.3.1).
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where !isPrintable(scalar): result += escaped(scalar.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func escaped(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        let (letter, width) = value <= 0xFF ? ("x", 2) : value <= 0xFFFF ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: width - digits.count) + digits
    }

    /// Characters that stand in a document as they are, but for line breaks of other kinds and the byte order mark.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}
