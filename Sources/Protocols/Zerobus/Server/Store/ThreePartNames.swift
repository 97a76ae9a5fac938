/// Rewrites `catalog.schema.table` in a query to the SQLite table of that full name.
///
/// SQLite knows two-part names only. Names may be bare, in backticks or in double quotes; texts, comments and
/// everything that names no known table stay as they are.
enum ThreePartNames {
    /// `tables` are full names; they are found in any case.
    static func rewrite(_ sql: String, tables: [String]) -> String {
        let known = Dictionary(tables.map { ($0.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        var result = ""
        var rest = Substring(sql)
        while let next = rest.first {
            if let (full, after) = name(rest), let table = known[full.lowercased()] {
                result += SQLName.quoted(table)
                rest = after
            } else {
                let length = tokenLength(rest, next)
                result += rest.prefix(length)
                rest = rest.dropFirst(length)
            }
        }
        return result
    }

    /// The first three-part name that is none of `tables`, to explain why a query failed.
    static func unknown(in sql: String, tables: [String]) -> String? {
        let known = Set(tables.map { $0.lowercased() })
        var rest = Substring(sql)
        while let next = rest.first {
            guard let (full, after) = name(rest) else {
                rest = rest.dropFirst(tokenLength(rest, next))
                continue
            }
            if !known.contains(full.lowercased()) { return full }
            rest = after
        }
        return nil
    }

    /// Three parts at the start of `text`, and what follows them.
    private static func name(_ text: Substring) -> (String, Substring)? {
        var parts: [String] = []
        var rest = text
        for index in 0..<3 {
            if index > 0 {
                guard rest.first == "." else { return nil }
                rest.removeFirst()
            }
            guard let (part, after) = self.part(rest) else { return nil }
            parts.append(part)
            rest = after
        }
        return (parts.joined(separator: "."), rest)
    }

    private static func part(_ text: Substring) -> (String, Substring)? {
        guard let first = text.first else { return nil }
        if first == "`" || first == "\"" {
            let inside = text.dropFirst()
            guard let end = inside.firstIndex(of: first), end > inside.startIndex else { return nil }
            return (String(inside[..<end]), inside[inside.index(after: end)...])
        }
        guard isNameStart(first) else { return nil }
        let end = text.firstIndex { !isNamePart($0) } ?? text.endIndex
        return (String(text[..<end]), text[end...])
    }

    /// How far to copy: a whole word, text or comment, so that nothing inside is taken for a name.
    private static func tokenLength(_ text: Substring, _ next: Character) -> Int {
        if isNameStart(next) || next.isNumber { return text.prefix { isNamePart($0) }.count }
        if next == "'" || next == "\"" || next == "`" {
            let inside = text.dropFirst()
            return inside.firstIndex(of: next).map { text.distance(from: text.startIndex, to: $0) + 1 } ?? text.count
        }
        if text.hasPrefix("--") { return text.prefix { $0 != "\n" }.count }
        return 1
    }

    private static func isNameStart(_ character: Character) -> Bool { character.isLetter || character == "_" }
    private static func isNamePart(_ character: Character) -> Bool { isNameStart(character) || character.isNumber }
}
