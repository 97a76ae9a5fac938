/// The list of all keys as a JSON Schema (draft 2020-12), for editors.
package struct JSONSchema {
    /// Keys that stand under another name in some files, and cannot be asked for.
    private let replaceable: Set<String>

    /// - Parameter keys: of a survey.
    package static func text(of keys: [KeyRecord], title: String) -> String {
        let root = KeyNode.tree(keys)
        let writer = JSONSchema(
            replaceable: Set(
                keys.compactMap { key in
                    if case .otherName(let canonical) = key.kind { canonical.bare } else { nil }
                }))
        let head: [SchemaValue.Member] = [
            ("$schema", "https://json-schema.org/draft/2020-12/schema"), ("title", .text(title)),
        ]
        let definitions: SchemaValue = .object([
            (
                "reference",
                .object([
                    ("type", "string"), ("pattern", "\\$\\{[^}]+\\}"),
                    ("description", "Taken from the environment or the vault."),
                ])
            ),
            ("text", .object([("type", ["string", "number", "boolean", "null"])])),
        ])
        return SchemaValue.object(head + writer.block(root.children) + [("$defs", definitions)]).text(indent: "") + "\n"
    }

    /// The members of the schema of a block.
    private func block(_ nodes: [KeyNode], isRequired: Bool = false) -> [SchemaValue.Member] {
        var required: [SchemaValue] = []
        var properties: [SchemaValue.Member] = []
        for node in nodes {
            // A block that has keys may have other names of keys, too.
            if let index = properties.firstIndex(where: { $0.0 == node.name }) {
                if case .otherName? = node.record?.kind { continue }
                properties[index].1 = schema(of: node)
            } else {
                properties.append((node.name, schema(of: node)))
            }
            if let record = node.record, record.isRequired, !replaceable.contains(record.address.bare) {
                required.append(.text(node.name))
            }
        }
        let type: SchemaValue = isRequired ? "object" : ["object", "null"]
        return [("type", type), ("properties", .object(properties))]
            + (required.isEmpty ? [] : [("required", .array(required))]) + [("additionalProperties", false)]
    }

    private func schema(of node: KeyNode) -> SchemaValue {
        guard let record = node.record else {
            // Known only for other names of keys that stand in it.
            return .object([("deprecated", true)] + block(node.children))
        }
        if record.isOtherName { return .object(members(of: node, record)) }
        let about = [record.about, record.unit.map { "In \($0)." }].compactMap { $0 }.filter { !$0.isEmpty }
        var members: [SchemaValue.Member] = []
        if !about.isEmpty { members.append(("description", .text(about.joined(separator: " ")))) }
        members += self.members(of: node, record)
        if let standard = record.standard { members.append(("default", value(standard, record.kind))) }
        return .object(members)
    }

    private func members(of node: KeyNode, _ record: KeyRecord) -> [SchemaValue.Member] {
        let reference = SchemaValue.object([("$ref", "#/$defs/reference")])
        let text = SchemaValue.object([("$ref", "#/$defs/text")])
        let nothing: [SchemaValue] = record.isRequired ? [] : [.object([("type", "null")])]
        switch record.kind {
        case .otherName(let key):
            return [("description", .text("Another name of \(key.pattern).")), ("deprecated", true)]
        case .text:
            return record.isRequired ? [("type", ["string", "number", "boolean"])] : [("$ref", "#/$defs/text")]
        case .whole(let range):
            let number: [SchemaValue.Member] = [
                ("type", "integer"), ("minimum", .number(String(range.lowerBound))),
                ("maximum", .number(String(range.upperBound))),
            ]
            return [("anyOf", .array([.object(number), reference] + nothing))]
        case .number(let range):
            var number: [SchemaValue.Member] = [("type", "number")]
            if let range {
                number += [
                    ("minimum", .number(String(range.lowerBound))), ("maximum", .number(String(range.upperBound))),
                ]
            }
            return [("anyOf", .array([.object(number), reference] + nothing))]
        case .truth: return [("anyOf", .array([.object([("type", "boolean")]), reference] + nothing))]
        case .words(let words): return [("anyOf", .array(choices(words, record.otherWords) + [reference] + nothing))]
        case .time:
            let written = SchemaValue.object([
                ("type", "string"), ("pattern", "^ *[0-9]+([.][0-9]+)?(ms|us|s|m|h|d)?$"),
            ])
            let seconds = SchemaValue.object([("type", "number"), ("minimum", .number("0"))])
            return [("anyOf", .array([seconds, written, reference] + nothing))]
        case .texts:
            let one = SchemaValue.object([("type", ["string", "number", "boolean"])])
            return [("anyOf", .array([.object([("type", "array"), ("items", one)]), text]))]
        case .block: return block(node.children)
        case .members:
            let inner = node.children.first.map { SchemaValue.object(block($0.children)) } ?? true
            return [("type", ["object", "null"]), ("additionalProperties", inner)]
        case .textMembers: return [("type", ["object", "null"]), ("additionalProperties", text)]
        case .blocks(let plain): return list(node, plain: plain)
        }
    }

    private func list(_ node: KeyNode, plain: String?) -> [SchemaValue.Member] {
        let scalar = SchemaValue.object([("type", ["string", "number", "boolean"])])
        let blocks = node.variants.map { variant in
            SchemaValue.object(
                (variant.name.isEmpty ? [] : [("title", .text(variant.name))])
                    + block(variant.nodes, isRequired: true))
        }
        let items = blocks + (plain == nil ? [] : [scalar])
        let array: [SchemaValue.Member] = [
            ("type", plain == nil ? ["array", "null"] : "array"),
            ("items", items.count == 1 ? items[0] : .object([("anyOf", .array(items))])),
        ]
        guard plain != nil else { return array }
        return [("anyOf", [.object(array), .object([("$ref", "#/$defs/text")])])]
    }

    /// The words themselves, for the editor to offer, and the same in any case.
    private func choices(_ words: [String], _ others: [String]) -> [SchemaValue] {
        // A word that is a number is one to the editor unless it is quoted.
        let numbers: [SchemaValue] = words.filter { Double($0) != nil }.map { .number($0) }
        let patterns = (words + others).map { word in
            word.map { character in
                let (lower, upper) = (character.lowercased(), character.uppercased())
                if lower != upper { return "[\(upper)\(lower)]" }
                return character.isNumber || "_-".contains(character) ? lower : "[\(lower)]"
            }.joined()
        }
        return [
            .object([("enum", .array(words.map { .text($0) } + numbers))]),
            .object([("type", "string"), ("pattern", .text("^(\(patterns.joined(separator: "|")))$"))]),
        ]
    }

    private func value(_ text: String, _ kind: KeyRecord.Kind) -> SchemaValue {
        switch kind {
        case .whole, .number: .number(text)
        case .truth: text == "true" ? true : false
        default: .text(text)
        }
    }
}

/// JSON whose members keep their order.
indirect enum SchemaValue: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByBooleanLiteral {
    typealias Member = (String, SchemaValue)
    case object([Member])
    case array([SchemaValue])
    case text(String)
    case number(String)
    case truth(Bool)

    init(stringLiteral value: String) { self = .text(value) }
    init(arrayLiteral elements: SchemaValue...) { self = .array(elements) }
    init(booleanLiteral value: Bool) { self = .truth(value) }

    func text(indent: String) -> String {
        let inner = indent + "  "
        switch self {
        case .text(let text): return PlainYAML.quoted(text)
        case .number(let text): return text
        case .truth(let truth): return truth ? "true" : "false"
        case .array(let items):
            return "[\(items.map { $0.text(indent: indent) }.joined(separator: ", "))]"
        case .object(let members):
            let lines = members.map { "\(inner)\(PlainYAML.quoted($0.0)): \($0.1.text(indent: inner))" }
            return members.isEmpty ? "{}" : "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
        }
    }
}
