/// The values of a document without places: what JSON has too. Keys of a block keep their order and are compared without.
package indirect enum YAMLTree: Sendable {
    case null
    case truth(Bool)
    /// As written, in JSON's grammar.
    case number(String)
    case text(String)
    case list([YAMLTree])
    case block([Member])

    package struct Member: Sendable {
        package var key: String
        package var value: YAMLTree

        package init(_ key: String, _ value: YAMLTree) {
            self.key = key
            self.value = value
        }
    }

    package static let empty = YAMLTree.block([])

    /// The values of a node; plain words are read by YAML 1.2's core schema.
    package init(_ node: YAMLNode?) {
        switch node {
        case nil: self = .empty
        case .scalar(let scalar)?: self.init(scalar)
        case .sequence(let items, _)?: self = .list(items.map { YAMLTree($0) })
        case .mapping(let entries, _)?: self = .block(entries.map { Member($0.key, YAMLTree($0.value)) })
        }
    }

    private init(_ scalar: YAMLScalar) {
        guard !scalar.isQuoted else { self = .text(scalar.text); return }
        switch scalar.text {
        case _ where scalar.isNull: self = .null
        case "true", "True", "TRUE": self = .truth(true)
        case "false", "False", "FALSE": self = .truth(false)
        case let text where Self.isNumber(text): self = .number(text)
        case let text: self = .text(text)
        }
    }

    /// Whether a text is a number of JSON (RFC 8259 section 6).
    static func isNumber(_ text: String) -> Bool {
        text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil
    }

    // MARK: Members

    package var members: [Member] {
        if case .block(let members) = self { members } else { [] }
    }

    /// The value of a key of a block; setting nil removes the key.
    package subscript(key key: String) -> YAMLTree? {
        get { members.first { $0.key == key }?.value }
        set {
            var members = members
            let index = members.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key, value))
            case (nil, nil): break
            }
            self = .block(members)
        }
    }

    /// What a list's item is called: its text or number under `name`.
    package var name: String? {
        switch self[key: "name"] {
        case .text(let text)?, .number(let text)?: text
        default: nil
        }
    }

    /// The names of a list's items, if it is a list of things with names, each another.
    package static func names(of items: [YAMLTree]) -> [String]? {
        let names = items.compactMap(\.name)
        return names.count == items.count && !items.isEmpty && Set(names).count == names.count ? names : nil
    }

    /// Without the keys that stand for nothing.
    package var withoutNulls: YAMLTree {
        switch self {
        case .block(let members):
            .block(
                members.compactMap { member in
                    if case .null = member.value { nil } else { Member(member.key, member.value.withoutNulls) }
                })
        case .list(let items): .list(items.map(\.withoutNulls))
        default: self
        }
    }

    /// JSON merge patch (RFC 7396): null takes a key away, a block is merged, all else replaces.
    package func merging(_ patch: YAMLTree) -> YAMLTree {
        guard case .block(let changes) = patch else { return patch }
        var result = if case .block = self { self } else { YAMLTree.empty }
        for change in changes {
            if case .null = change.value {
                result[key: change.key] = nil
            } else {
                result[key: change.key] = (result[key: change.key] ?? .null).merging(change.value)
            }
        }
        return result
    }
}

extension YAMLTree: Equatable {
    /// Blocks are the same in any order of their keys.
    package static func == (left: YAMLTree, right: YAMLTree) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.truth(let left), .truth(let right)): left == right
        case (.number(let left), .number(let right)): left == right || Double(left) == Double(right)
        case (.text(let left), .text(let right)): left == right
        case (.list(let left), .list(let right)): left == right
        case (.block(let left), .block(let right)):
            left.count == right.count
                && left.allSatisfy { member in right.first { $0.key == member.key }?.value == member.value }
        default: false
        }
    }

    /// Whether both mean the same: lists of things with names may have another order.
    package func isEquivalent(to other: YAMLTree) -> Bool {
        switch (self, other) {
        case (.list(let left), .list(let right)):
            guard left.count == right.count else { return false }
            guard YAMLTree.names(of: left) != nil, YAMLTree.names(of: right) != nil else {
                return zip(left, right).allSatisfy { $0.isEquivalent(to: $1) }
            }
            return left.allSatisfy { item in
                right.first { $0.name == item.name }.map { item.isEquivalent(to: $0) } ?? false
            }
        case (.block(let left), .block(let right)):
            return left.count == right.count
                && left.allSatisfy { member in
                    right.first { $0.key == member.key }.map { member.value.isEquivalent(to: $0.value) } ?? false
                }
        default: return self == other
        }
    }
}
