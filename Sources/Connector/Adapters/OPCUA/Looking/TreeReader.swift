import ConnectorModel
import OPCUAClient
import OPCUATypes

/// Reads the tree below a node with types and values; each node once, whatever loops there are.
struct TreeReader {
    let browser: AddressSpaceBrowser

    func read(from root: NodeId, depth: Int, limit: Int) async throws -> NodeTree {
        let first = try await browser.connection.read(
            [(root, .browseName), (root, .nodeClass)], limits: browser.limits)
        var node = NodeTree.Node(
            id: root, browseName: .null, nodeClass: .object, depth: 0, path: "")
        if case .qualifiedName(let name) = first[0].value { node.browseName = name }
        if case .int32(let number) = first[1].value { node.nodeClass = NodeClass(rawValue: number) }
        var found = [node]
        var isTruncated = false
        // The server's own branch is looked at when it is asked for.
        var visited: Set<NodeId> = root == StandardNode.objects ? [root, StandardNode.server] : [root]
        var level = [0]
        for depth in 1...max(depth, 1) where !level.isEmpty && !isTruncated {
            let results = try await browser.browse(
                level.map { found[$0].id.browse(.forward, StandardNode.hierarchicalReferences, classes: 0) })
            var next: [Int] = []
            for (parent, result) in zip(level, results) {
                for reference in result.references {
                    guard reference.referenceTypeId != StandardNode.hasProperty,
                        let id = reference.nodeId.ofThisServer, visited.insert(id).inserted
                    else { continue }
                    isTruncated = found.count >= limit
                    if isTruncated { break }
                    let name = reference.browseName.name ?? id.description
                    let path = found[parent].path
                    found.append(
                        NodeTree.Node(
                            id: id, browseName: reference.browseName, nodeClass: reference.nodeClass, depth: depth,
                            parent: parent, path: path.isEmpty ? name : "\(path)/\(name)"))
                    next.append(found.count - 1)
                }
            }
            level = next
        }
        var tree = NodeTree(nodes: Self.inOrder(found), isTruncated: isTruncated)
        try await addValues(to: &tree)
        return tree
    }

    /// Nodes that were found level by level, each before what lies below it.
    private static func inOrder(_ found: [NodeTree.Node]) -> [NodeTree.Node] {
        var children: [[Int]] = .init(repeating: [], count: found.count)
        for (index, node) in found.enumerated() {
            if let parent = node.parent { children[parent].append(index) }
        }
        var ordered: [NodeTree.Node] = []
        var places = [Int](repeating: 0, count: found.count)
        var open = [0]
        while let index = open.popLast() {
            var node = found[index]
            node.parent = node.parent.map { places[$0] }
            places[index] = ordered.count
            ordered.append(node)
            open += children[index].reversed()
        }
        return ordered
    }

    private func addValues(to tree: inout NodeTree) async throws {
        let variables = tree.nodes.indices.filter { tree.nodes[$0].nodeClass == .variable }
        guard !variables.isEmpty else { return }
        let nodes = variables.map { tree.nodes[$0].id }
        let details = try await DetailReader(browser: browser).details(of: nodes)
        let values = try await browser.connection.read(nodes.map { ($0, .value) }, limits: browser.limits)
        let reader = TypeReader(browser: browser)
        let declared = Set(details.map(\.dataType)).sorted { $0.description < $1.description }
        tree.types = try await reader.learn(declared, into: tree.types)
        let encodings = Set(values.flatMap { tree.types.unknownEncodings(in: $0.value) })
        if !encodings.isEmpty { tree.types = try await reader.learn([], encodings: Array(encodings), into: tree.types) }
        for ((index, detail), value) in zip(zip(variables, details), values) {
            tree.nodes[index].details = detail
            tree.nodes[index].dataType = detail.dataType
            tree.nodes[index].dataTypeName = tree.types.name(of: detail.dataType)
            tree.nodes[index].value = value
        }
    }
}

extension DataTypes {
    /// The standard's name of a data type, or the server's; nil when it is not known.
    func name(of dataType: NodeId) -> String? {
        if let standard = dataType.standard, let type = UInt8(exactly: standard).flatMap(BuiltInType.init(rawValue:)) {
            return VariantReading.type(of: type).name
        }
        return dictionary.name(of: dataType)
    }
}
