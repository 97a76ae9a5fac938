/// A document with every key: its default, and what it is for.
///
/// Keys that have a default stand there with it; the others, and what means something by being there, are commented
/// out. So the document says what an empty one says.
package enum SampleText {
    /// - Parameters:
    ///   - keys: of a survey.
    ///   - variant: the kind of the items of the list `list`; the document then has one of that kind and nothing
    ///     else. Nil is a document without that list.
    ///   - examples: values of required keys, and of others that show better by an example, by their patterns.
    package static func text(
        of keys: [KeyRecord], list: String, variant: String?, examples: [String: String]
    ) -> String {
        let chosen = keys.filter { key in
            if key.isOtherName { return false }
            guard case .key(list)? = key.address.steps.first else { return variant == nil }
            guard let variant else { return false }
            guard key.address.steps.count > 1, case .item(_, let itsVariant) = key.address.steps[1] else { return true }
            return itsVariant == nil || itsVariant == variant
        }
        let writer = Writer(examples: examples)
        return writer.lines(of: KeyNode.tree(chosen).children, indent: "", isOff: false).joined(separator: "\n") + "\n"
    }

    private struct Writer {
        let examples: [String: String]

        func lines(of nodes: [KeyNode], indent: String, isOff: Bool) -> [String] {
            var names: Set<String> = []
            return nodes.flatMap { node -> [String] in
                guard let record = node.record, names.insert(node.name).inserted else { return [] }
                if case .otherName = record.kind { return [] }
                return lines(of: node, record, indent: indent, isOff: isOff)
            }
        }

        private func lines(of node: KeyNode, _ record: KeyRecord, indent: String, isOff: Bool) -> [String] {
            let example = examples[record.address.pattern]
            switch record.kind {
            case .block:
                let isOff = isOff || record.isOptional
                return [line(node, record, "", indent, isOff: isOff)]
                    + lines(of: node.children, indent: indent + "  ", isOff: isOff)
            case .members:
                return [line(node, record, "", indent, isOff: true)]
                    + ["\(indent)#   <name>:"]
                    + lines(of: node.children.flatMap(\.children), indent: indent + "    ", isOff: true)
            case .blocks:
                if let example { return [line(node, record, example, indent, isOff: isOff)] }
                let isOff = isOff || (record.address.steps.count > 1 && !record.isRequired)
                var items = lines(
                    of: node.items.first?.flatMap(\.children) ?? [], indent: indent + "    ", isOff: isOff)
                guard let first = items.first else { return [] }
                let prefix = isOff ? "\(indent)# " : indent
                items[0] = "\(prefix)  - " + first.trimmingPrefix(while: { $0 == " " || $0 == "#" })
                return [line(node, record, "", indent, isOff: isOff)] + items
            case .textMembers: return [line(node, record, example ?? "{}", indent, isOff: isOff || example == nil)]
            case .otherName: return []
            default:
                let value = example ?? record.standard.map { written($0, record.kind) }
                return [line(node, record, value ?? "", indent, isOff: isOff || value == nil)]
            }
        }

        private func written(_ standard: String, _ kind: KeyRecord.Kind) -> String {
            if case .texts = kind { return standard }
            return PlainYAML.text(.one(standard), kind)
        }

        private func line(
            _ node: KeyNode, _ record: KeyRecord, _ value: String, _ indent: String, isOff: Bool
        ) -> String {
            let key = "\(indent)\(isOff ? "# " : "")\(PlainYAML.text(node.name)):" + (value.isEmpty ? "" : " " + value)
            let about = [record.about, limits(of: record)].filter { !$0.isEmpty }.joined(separator: "; ")
            return about.isEmpty ? key : "\(key)  # \(about)"
        }

        private func limits(of record: KeyRecord) -> String {
            switch record.kind {
            case .whole(let range): "\(range.lowerBound) to \(range.upperBound)"
            case .number(let range?): PlainYAML.text(range)
            case .words(let words): words.joined(separator: ", ")
            default: ""
            }
        }
    }
}
