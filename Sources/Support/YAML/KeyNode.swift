/// Records as the tree that their file is.
final class KeyNode {
    let step: KeyAddress.Step
    private(set) var record: KeyRecord?
    /// In the order of the first mention.
    private(set) var children: [KeyNode] = []
    private var places: [KeyAddress.Step: Int] = [:]

    private init(step: KeyAddress.Step) {
        self.step = step
    }

    /// The root, which has no record.
    static func tree(_ records: [KeyRecord]) -> KeyNode {
        let root = KeyNode(step: .key(""))
        // Other names come last, and give no key its place.
        for record in records.filter({ !$0.isOtherName }) + records.filter(\.isOtherName) {
            let node = record.address.steps.reduce(root) { $0.child($1) }
            // A key may be read once more as a block that is there already.
            if node.record == nil || !isBlock(record.kind) { node.record = record }
        }
        return root
    }

    private static func isBlock(_ kind: KeyRecord.Kind) -> Bool {
        switch kind {
        case .block, .members, .otherName: true
        default: false
        }
    }

    private func child(_ step: KeyAddress.Step) -> KeyNode {
        if let place = places[step] { return children[place] }
        places[step] = children.count
        let child = KeyNode(step: step)
        children.append(child)
        return child
    }

    /// The key or name of the node.
    var name: String {
        switch step {
        case .key(let name), .member(let name): name
        case .item: ""
        }
    }

    /// What a list has: the nodes of one item, that of no variant first.
    var items: [[KeyNode]] {
        var items: [Int: [KeyNode]] = [:]
        for child in children {
            if case .item(let number, _) = child.step { items[number, default: []].append(child) }
        }
        return items.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The variants that the items of a list may be of; of a survey.
    var variants: [(name: String, nodes: [KeyNode])] {
        var common: [KeyNode] = []
        var variants: [(String, [KeyNode])] = []
        for child in children {
            guard case .item(_, let variant) = child.step else { continue }
            if let variant { variants.append((variant, child.children)) } else { common = child.children }
        }
        return variants.isEmpty ? [("", common)] : variants.map { ($0.0, common + $0.1) }
    }
}
