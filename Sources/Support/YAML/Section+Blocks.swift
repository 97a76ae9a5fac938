/// Blocks and lists of a block.
extension Section {
    package mutating func section(_ key: String, about: String = "") -> Section {
        section(key, isOptional: false, about: about)
    }

    private mutating func section(_ key: String, isOptional: Bool, about: String) -> Section {
        let entry = take(key)
        record(key, .block) { record in
            record.about = about
            record.isOptional = isOptional
        }
        return below(entry, key, .key(key), node: entry?.value, line: entry?.line)
    }

    /// The block, if the file has it.
    package mutating func optionalSection(_ key: String, about: String = "") -> Section? {
        has(key) ? section(key, isOptional: true, about: about) : nil
    }

    /// The blocks of a block, by their names, in the order of the file.
    package mutating func blocks(_ key: String, about: String = "") -> [(name: String, section: Section)] {
        members(key, .members, about: about).map { member in
            (member.key, named(member, of: key))
        }
    }

    /// The single values of a block, by their names, in the order of the file.
    package mutating func texts(_ key: String, about: String = "") -> [(name: String, text: String)] {
        let members = members(key, .textMembers, about: about)
        guard !isSurvey else { return [] }
        var block = below(
            taken[key], key, .key(key), node: taken[key]?.value, line: taken[key]?.line)
        return members.compactMap { member in block.string(member.key).map { (member.key, $0) } }
    }

    private mutating func members(_ key: String, _ kind: KeyRecord.Kind, about: String) -> [YAMLNode.Entry] {
        let entry = take(key)
        record(key, kind) { $0.about = about }
        if isSurvey { return [YAMLNode.Entry(key: "<name>", line: 0, value: .mapping([], line: 0))] }
        guard let entry else { return [] }
        guard case .mapping(let members, _) = entry.value else {
            report("a block is expected, found \(entry.value.kind)", at: key)
            return []
        }
        return members
    }

    private func named(_ member: YAMLNode.Entry, of key: String) -> Section {
        let block = taken[key]
        let written = member.written?.path ?? block?.written.map { join($0.path, member.key) }
        return Section(
            node: member.value, address: address.key(key).appending(.member(member.key)),
            written: written ?? self.written.map { join(join($0, key), member.key) }, line: member.line,
            file: member.file ?? block?.file ?? file, context: context)
    }

    /// The items of a list of blocks; where `name` is given, a plain value stands for a block with that key, and one
    /// plain value for a list of it.
    package mutating func sections(_ key: String, plain name: String? = nil, about: String = "") -> [Section] {
        let entry = take(key)
        record(key, .blocks(plain: name)) { $0.about = about }
        if isSurvey { return [below(nil, key, .item(0, variant: nil), node: nil, line: nil)] }
        guard var entry else { return [] }
        if name != nil, case .scalar = entry.value { entry.value = .sequence([entry.value], line: entry.line) }
        guard case .sequence(let items, _) = entry.value else {
            report("a list is expected, found \(entry.value.kind)", at: key)
            return []
        }
        return items.enumerated().map { index, item in
            var node = item
            if let name, case .scalar(let scalar) = item, !scalar.isNull {
                node = .mapping([.init(key: name, line: scalar.line, value: item)], line: scalar.line)
            }
            return below(entry, key, .item(index, variant: nil), node: node, line: item.line)
        }
    }

    /// The items of a list of single values; one value stands for a list of it.
    package mutating func strings(_ key: String, default values: [String] = [], about: String = "") -> [String] {
        let entry = take(key)
        var given: [String]?
        var references: [String] = []
        switch entry?.value {
        case nil: break
        case .mapping(_, _)?: report("a list is expected, found a block of keys", at: key)
        case .scalar?, .sequence?:
            given = []
            for (index, item) in items(of: entry?.value).enumerated() {
                guard let entry, case .scalar(let scalar) = item, !scalar.isNull else {
                    findings.add(
                        "text is expected", at: "\(pathOf(key))[\(index)]", line: item.line, in: entry?.file ?? file)
                    continue
                }
                references += References.names(in: scalar.text)
                if let text = resolved(scalar.text, key, entry) { given?.append(text) }
            }
        }
        record(key, .texts) { record in
            record.about = about
            record.standard = values.isEmpty ? nil : "[" + values.joined(separator: ", ") + "]"
            let inForce = given ?? values
            if !inForce.isEmpty || given != nil {
                record.value = .many(inForce.map { record.isSecret ? KeyRecord.mask : SecretWords.masked($0) })
            }
            if case .file(let file, let line, let spelling, _) = record.origin {
                record.origin = .file(file, line: line, spelling: spelling, references: references)
            }
        }
        return given ?? values
    }

    private func items(of node: YAMLNode?) -> [YAMLNode] {
        switch node {
        case .sequence(let items, _)?: items
        case .scalar?: node.map { [$0] } ?? []
        default: []
        }
    }
}
