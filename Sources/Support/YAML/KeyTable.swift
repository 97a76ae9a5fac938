/// The list of all keys, as a page has it.
package enum KeyTable {
    package struct Row: Hashable, Sendable {
        /// `sources[modbus].registers[].type`.
        package var pattern: String
        package var record: KeyRecord
        /// Patterns of the names that are taken, too.
        package var otherNames: [String]

        /// What the key may have, in words.
        package var possible: String {
            switch record.kind {
            case .text: "text"
            case .whole(let range): "\(range.lowerBound) to \(range.upperBound)"
            case .number(nil): "a number"
            case .number(let range?): "a number, \(PlainYAML.text(range))"
            case .truth: "true, false"
            case .words(let words): words.joined(separator: ", ")
            case .time: "a time: `0.5`, `500ms`, `2s`, `1m`"
            case .texts: "a text or a list of them"
            case .block: "a block"
            case .blocks(nil): "a list of blocks"
            case .blocks(let plain?): "a list of blocks, or of texts for `\(plain)`"
            case .members: "blocks by name"
            case .textMembers: "texts by name"
            case .otherName: ""
            }
        }
    }

    /// Each key once, in the order of reading.
    ///
    /// - Parameter keys: of a survey.
    package static func rows(of keys: [KeyRecord]) -> [Row] {
        var others: [String: [String]] = [:]
        for key in keys {
            if case .otherName(let canonical) = key.kind {
                others[canonical.pattern, default: []].append(key.address.pattern)
            }
        }
        var seen: Set<String> = []
        return keys.compactMap { key in
            if case .otherName = key.kind { return nil }
            let pattern = key.address.pattern
            guard seen.insert(pattern).inserted else { return nil }
            return Row(pattern: pattern, record: key, otherNames: others[pattern] ?? others[key.address.bare] ?? [])
        }
    }

    /// The rows as a Markdown table for each block of the root, and each kind of item of a list there.
    package static func markdown(_ rows: [Row]) -> String {
        var text = ""
        var heading: String?
        for row in rows {
            let group = self.group(row.record.address)
            if group != heading {
                text += "\n## `\(group)`\n\n| key | default | possible | for |\n|---|---|---|---|\n"
                heading = group
            }
            text += line(row)
        }
        return text
    }

    private static func line(_ row: Row) -> String {
        let key = "`\(row.pattern)`" + (row.record.isRequired ? " (required)" : "")
        let others = row.otherNames.isEmpty ? "" : "; also `\(row.otherNames.joined(separator: "`, `"))`"
        let missing = row.record.missingPart.map { " (this build has no \($0))" } ?? ""
        let cells = [
            key, row.record.standard.map { "`\($0)`" } ?? "", row.possible, row.record.about + missing + others,
        ]
        return "| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |\n"
    }

    /// `sources[modbus]`, `zerobus`.
    private static func group(_ address: KeyAddress) -> String {
        let steps = address.steps
        if steps.count > 1, case .item = steps[1] { return KeyAddress(steps: Array(steps[...1])).pattern }
        return steps.first.map { KeyAddress(steps: [$0]).pattern } ?? ""
    }
}
