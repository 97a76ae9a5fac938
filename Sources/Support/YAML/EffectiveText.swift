/// A configuration as it takes effect, defaults included, as YAML text for people: each value with its origin, secrets
/// masked.
package enum EffectiveText {
    package static func text(of keys: [KeyRecord]) -> String {
        lines(of: KeyNode.tree(keys).children, indent: "").joined(separator: "\n")
    }

    private static func lines(of nodes: [KeyNode], indent: String) -> [String] {
        nodes.flatMap { lines(of: $0, indent: indent) }
    }

    private static func lines(of node: KeyNode, indent: String) -> [String] {
        let name = PlainYAML.text(node.name)
        switch node.record?.kind {
        case .blocks?:
            let items = node.items.flatMap { item(of: $0, indent: indent + "  ") }
            return items.isEmpty ? [] : ["\(indent)\(name):"] + items
        case .block?, .members?, .textMembers?, nil:
            let inner = lines(of: node.children, indent: indent + "  ")
            return inner.isEmpty ? [] : ["\(indent)\(name):"] + inner
        case .otherName?: return []
        case .some:
            guard let record = node.record, let value = record.value else { return [] }
            return ["\(indent)\(name): \(PlainYAML.text(value, record.kind))  # \(words(record.origin))"]
        }
    }

    private static func item(of nodes: [KeyNode], indent: String) -> [String] {
        var lines = lines(of: nodes.flatMap(\.children), indent: indent + "  ")
        guard let first = lines.first else { return ["\(indent)- {}"] }
        lines[0] = "\(indent)- \(first.dropFirst(indent.count + 2))"
        return lines
    }

    private static func words(_ origin: KeyRecord.Origin) -> String {
        switch origin {
        case .standard: return "default"
        case .elsewhere(let words): return words
        case .file(let file, let line, let spelling, let references):
            let place = file.map { "\($0):\(line)" } ?? "line \(line)"
            let parts = [place] + (spelling.map { ["as \($0)"] } ?? []) + references
            return parts.joined(separator: ", ")
        }
    }
}

/// Values as they are written in YAML.
enum PlainYAML {
    static func text(_ value: KeyRecord.Value, _ kind: KeyRecord.Kind) -> String {
        switch (value, kind) {
        case (.one(let text), .whole), (.one(let text), .number), (.one(let text), .truth): text
        case (.one(let text), _): self.text(text)
        case (.many(let texts), _): "[\(texts.map(self.text).joined(separator: ", "))]"
        }
    }

    /// The text, in quotes where it could be read as something else.
    static func text(_ text: String) -> String {
        let isWord = text.wholeMatch(
            of: /(\.?\/)?[A-Za-z][A-Za-z0-9_.\/-]*(:\/\/[A-Za-z0-9][A-Za-z0-9_.:\/-]*[A-Za-z0-9\/])?/)
        let isMeasure = text.wholeMatch(of: /[0-9]+(ms|us|s|m|h|d)|[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+/)
        let isReserved = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(text.lowercased())
        return (isWord != nil || isMeasure != nil) && !isReserved ? text : quoted(text)
    }

    static func text(_ range: ClosedRange<Double>) -> String {
        "\(text(range.lowerBound)) to \(text(range.upperBound))"
    }

    /// `2` rather than `2.0`.
    static func text(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? String(number)
    }

    /// In double quotes, which JSON has in the same form.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\0"..<" ", "\u{7F}"..<"\u{A0}":
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
