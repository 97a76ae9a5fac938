/// Lays one document over another, and tells what must be laid over one to get another.
///
/// Blocks are merged key by key, and null takes a key away. Lists of things with names are merged by name; such a list may
/// also be laid over as a block of its names, where null takes a thing away. Everything else is replaced.
package enum YAMLMerge {
    /// A list that a block of names is laid over though there is nothing yet.
    private static let namedLists: Set<String> = ["sources"]

    /// - Parameter file: where the upper document comes from; its entries remember.
    package static func lay(_ upper: YAMLNode?, over lower: YAMLNode?, file: String) -> YAMLNode? {
        guard let upper else { return lower }
        if case .scalar(let scalar) = upper, scalar.isNull { return lower }
        return merge(stamped(upper, file), over: lower, key: nil)
    }

    private static func stamped(_ node: YAMLNode, _ file: String) -> YAMLNode {
        switch node {
        case .scalar: node
        case .sequence(let items, let line): .sequence(items.map { stamped($0, file) }, line: line)
        case .mapping(let entries, let line):
            .mapping(
                entries.map { .init(key: $0.key, line: $0.line, value: stamped($0.value, file), file: file) },
                line: line)
        }
    }

    private static func merge(_ upper: YAMLNode, over lower: YAMLNode?, key: String?) -> YAMLNode {
        switch (upper, lower) {
        case (.mapping(let changes, let line), .sequence(let items, _)?)
        where items.isEmpty ? key.map(namedLists.contains) ?? false : names(of: items) != nil:
            return merge(changes, named: items, line: line)
        case (.mapping(let changes, let line), nil) where key.map(namedLists.contains) ?? false:
            return merge(changes, named: [], line: line)
        case (.mapping(let changes, let line), let lower):
            guard case .mapping(let entries, let lowerLine)? = lower else {
                return merge(changes, into: [], line: line)
            }
            return merge(changes, into: entries, line: lowerLine)
        case (.sequence(let changes, let line), .sequence(let items, _)?):
            guard let names = names(of: changes), self.names(of: items) != nil else { return upper }
            let entries = zip(names, changes).map { name, item in
                YAMLNode.Entry(key: name, line: item.line, value: item, file: nil)
            }
            return merge(entries, named: items, line: line)
        default: return upper
        }
    }

    private static func merge(_ changes: [YAMLNode.Entry], into entries: [YAMLNode.Entry], line: Int) -> YAMLNode {
        var entries = entries
        for change in changes {
            let index = entries.firstIndex { $0.key == change.key }
            if isNull(change.value) {
                if let index { entries.remove(at: index) }
                continue
            }
            var entry = change
            entry.value = merge(change.value, over: index.map { entries[$0].value }, key: change.key)
            guard let index else {
                entries.append(entry)
                continue
            }
            // A block that is merged stays where it was; what is replaced comes from the upper file.
            if isMerged(change.value, entries[index].value) {
                entries[index].value = entry.value
            } else {
                entries[index] = entry
            }
        }
        return .mapping(entries, line: line)
    }

    private static func merge(_ changes: [YAMLNode.Entry], named items: [YAMLNode], line: Int) -> YAMLNode {
        var items = items
        for change in changes {
            let index = items.firstIndex { name(of: $0) == change.key }
            if isNull(change.value) {
                if let index { items.remove(at: index) }
                continue
            }
            let value = merge(change.value, over: index.map { items[$0] }, key: nil)
            if let index { items[index] = value } else { items.append(named(value, change)) }
        }
        return .sequence(items, line: line)
    }

    private static func named(_ node: YAMLNode, _ entry: YAMLNode.Entry) -> YAMLNode {
        guard case .mapping(var entries, let line) = node, name(of: node) == nil else { return node }
        let name = YAMLScalar(text: entry.key, isQuoted: true, line: entry.line)
        entries.insert(.init(key: "name", line: entry.line, value: .scalar(name), file: entry.file), at: 0)
        return .mapping(entries, line: line)
    }

    private static func isMerged(_ upper: YAMLNode, _ lower: YAMLNode) -> Bool {
        switch (upper, lower) {
        case (.mapping, .mapping), (.mapping, .sequence): true
        case (.sequence(let changes, _), .sequence(let items, _)): names(of: changes) != nil && names(of: items) != nil
        default: false
        }
    }

    private static func isNull(_ node: YAMLNode) -> Bool {
        if case .scalar(let scalar) = node { scalar.isNull } else { false }
    }

    private static func name(of node: YAMLNode) -> String? {
        guard case .mapping(let entries, _) = node,
            case .scalar(let scalar)? = entries.first(where: { $0.key == "name" })?.value,
            !scalar.isNull
        else { return nil }
        return scalar.text
    }

    private static func names(of items: [YAMLNode]) -> [String]? {
        let names = items.compactMap(name)
        return !items.isEmpty && names.count == items.count && Set(names).count == names.count ? names : nil
    }

    // MARK: The way back

    /// What is to be laid over `lower` so that it means `wanted`; nil when nothing is. Neither has nulls.
    package static func difference(from lower: YAMLTree, to wanted: YAMLTree) -> YAMLTree? {
        if lower.isEquivalent(to: wanted) { return nil }
        switch (lower, wanted) {
        case (.block(let old), .block(let new)):
            var members = old.filter { wanted[key: $0.key] == nil }.map { YAMLTree.Member($0.key, .null) }
            for member in new {
                guard let before = lower[key: member.key] else {
                    members.append(member)
                    continue
                }
                if let change = difference(from: before, to: member.value) { members.append(.init(member.key, change)) }
            }
            return .block(members)
        case (.list(let old), .list(let new)):
            guard YAMLTree.names(of: old) != nil, YAMLTree.names(of: new) != nil else { return wanted }
            return named(from: old, to: new)
        default: return wanted
        }
    }

    /// A block of names, with null for what is gone.
    private static func named(from old: [YAMLTree], to new: [YAMLTree]) -> YAMLTree {
        var members: [YAMLTree.Member] = []
        for item in old {
            guard let name = item.name, !new.contains(where: { $0.name == name }) else { continue }
            members.append(.init(name, .null))
        }
        for item in new {
            guard let name = item.name else { continue }
            guard let before = old.first(where: { $0.name == name }) else {
                members.append(.init(name, item))
                continue
            }
            if let change = difference(from: before, to: item) { members.append(.init(name, change)) }
        }
        return .block(members)
    }
}
