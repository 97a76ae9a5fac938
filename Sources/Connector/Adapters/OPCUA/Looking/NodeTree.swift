import ConnectorModel
import JSONSupport
import OPCUATypes

/// Nodes below a place, with what is seen of each.
package struct NodeTree: Sendable {
    struct Node: Hashable, Sendable {
        var id: NodeId
        var browseName: QualifiedName
        var nodeClass: NodeClass
        /// 0 for the root.
        var depth: Int
        var parent: Int?
        /// Browse names from below Objects.
        var path: String
        var dataType = NodeId.null
        var dataTypeName: String?
        var value: DataValue?
        var details = TagDetails.unknown
    }

    /// In the order of the tree: each node before what lies below it.
    var nodes: [Node] = []
    /// Nodes that a limit left out.
    package var isTruncated = false
    var types = DataTypes.standard
    package var namespaces: [String] = []
    var endpoint = ""

    package var count: Int { nodes.count }

    // MARK: For people

    /// One line per node: name, NodeId, class, and of variables type and value.
    package var lines: [String] {
        nodes.map { node in
            var words = [String(repeating: "  ", count: node.depth) + node.browseName.description, "\(node.id)"]
            words.append(node.nodeClass.words)
            if node.nodeClass == .variable {
                words.append(node.dataTypeName ?? node.dataType.description)
                words.append(text(of: node))
                if let unit = node.details.unit { words.append(unit) }
            }
            return words.joined(separator: "  ")
        }
    }

    private static let valueCharactersMax = 80

    private func text(of node: Node) -> String {
        guard let value = node.value else { return "" }
        if value.status.isBad { return value.status.name ?? value.status.description }
        let reading =
            types.named(value.value, of: node.dataType) ?? VariantReading.reading(of: value.value, types).0
        let text = reading.text ?? "null"
        return text.count > Self.valueCharactersMax ? text.prefix(Self.valueCharactersMax) + "…" : text
    }

    // MARK: For programs

    /// The tree as JSON: `{"node_id","browse_name","class","data_type","value","status","children":[…]}`.
    package var json: String {
        var children: [[Int]] = .init(repeating: [], count: nodes.count)
        for (index, node) in nodes.enumerated() {
            if let parent = node.parent { children[parent].append(index) }
        }
        // From the last node to the first: what lies below a node is written before it.
        var texts = [String](repeating: "", count: nodes.count)
        for index in nodes.indices.reversed() {
            let members =
                members(of: nodes[index]) + [
                    ("children", "[" + children[index].map { texts[$0] }.joined(separator: ",") + "]")
                ]
            for child in children[index] { texts[child] = "" }
            texts[index] = JSONForm.object(members)
        }
        return texts.first ?? "null"
    }

    private func members(of node: Node) -> [(String, String)] {
        var members = [
            ("node_id", JSONText.quoted(node.id.description)),
            ("browse_name", JSONText.quoted(node.browseName.description)),
            ("class", JSONText.quoted(node.nodeClass.words)),
        ]
        guard node.nodeClass == .variable else { return members }
        members.append(("data_type", JSONText.quoted(node.dataTypeName ?? node.dataType.description)))
        members.append(("value", node.value.map { JSONForm.text(of: $0.value, types) } ?? "null"))
        if let status = node.value?.status, !status.isGood {
            members.append(("status", JSONText.quoted(status.name ?? status.description)))
        }
        if let unit = node.details.unit { members.append(("unit", JSONText.quoted(unit))) }
        return members
    }
}

extension JSONForm {
    /// An object of members whose values are JSON already.
    static func object(_ members: [(String, String)]) -> String {
        "{" + members.map { JSONText.quoted($0) + ":" + $1 }.joined(separator: ",") + "}"
    }
}

extension NodeClass {
    var words: String {
        switch self {
        case .object: "Object"
        case .variable: "Variable"
        case .method: "Method"
        case .objectType: "ObjectType"
        case .variableType: "VariableType"
        case .referenceType: "ReferenceType"
        case .dataType: "DataType"
        case .view: "View"
        default: "class \(rawValue)"
        }
    }
}
