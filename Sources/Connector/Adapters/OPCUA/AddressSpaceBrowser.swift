import ConnectorModel
import OPCUAClient
import OPCUACore
import OPCUATypes

/// A variable to monitor.
struct Variable: Hashable, Sendable {
    var node: NodeId
    /// Browse names from below Objects down to the node, joined by `/`; the node id where there is no such way.
    var path: String
    /// The last name of the path.
    var name: String
}

/// Finds variables and what is said of them in a server's address space (Part 3, 4; Part 4, 5.8).
struct AddressSpaceBrowser {
    /// What browsing found.
    struct Finding {
        var variables: [Variable] = []
        /// A limit ended the search.
        var isTruncated = false
        /// Nodes that the server would not browse, and why.
        var refused: [(node: NodeId, status: StatusCode)] = []
    }

    let connection: OPCUAConnection
    let limits: OperationLimits

    private static let objects = NodeId(85)
    private static let server = NodeId(2253)
    private static let hierarchicalReferences = NodeId(33)
    private static let hasProperty = NodeId(46)
    /// Deeper than any plant is modelled; ends chains that the visited set cannot.
    private static let depthMax = 64
    /// Objects that are looked into; ends trees that a server makes up as they are browsed.
    private static let objectsMax = 1_000_000

    /// Every variable below Objects but those of the server itself; properties are not variables of the plant.
    func variables(limit: Int) async throws -> Finding {
        var visited: Set<NodeId> = [Self.objects, Self.server]
        var finding = Finding()
        var objects = 0
        var level: [(node: NodeId, path: String)] = [(Self.objects, "")]
        for _ in 0..<Self.depthMax where !level.isEmpty {
            let results = try await browse(level.map { Self.downwards($0.node) })
            var next: [(NodeId, String)] = []
            for (parent, result) in zip(level, results) {
                if result.statusCode.isBad { finding.refused.append((parent.node, result.statusCode)) }
                for reference in result.references {
                    guard reference.referenceTypeId != Self.hasProperty,
                        let node = Self.local(reference.nodeId), visited.insert(node).inserted
                    else { continue }
                    let name = reference.browseName.name ?? node.description
                    let path = parent.path.isEmpty ? name : "\(parent.path)/\(name)"
                    if reference.nodeClass == .variable {
                        finding.isTruncated = finding.variables.count >= limit
                        if !finding.isTruncated {
                            finding.variables.append(Variable(node: node, path: path, name: name))
                        }
                    } else {
                        objects += 1
                        finding.isTruncated = objects > Self.objectsMax
                    }
                    if finding.isTruncated { return finding }
                    next.append((node, path))
                }
            }
            level = next
        }
        return finding
    }

    /// Browses, one result each. A server has few continuation points and may have none left for the last nodes of
    /// a batch (Part 4, 5.9.2): those are asked for again, each alone.
    private func browse(_ nodes: [BrowseDescription]) async throws -> [BrowseResult] {
        var results = try await connection.browse(nodes, limits: limits)
        for index in results.indices where results[index].statusCode.base == .badNoContinuationPoints {
            guard let result = try await connection.browse([nodes[index]], limits: limits).first else { continue }
            results[index] = result
        }
        return results
    }

    /// The browse paths of nodes, found by climbing to Objects level by level.
    func paths(of nodes: [NodeId]) async throws -> [Variable] {
        let names = try await connection.read(nodes.map { ($0, .browseName) }, limits: limits).map { value in
            if case .qualifiedName(let name) = value.value { name.name } else { String?.none }
        }
        var parts: [[String]] = names.map { $0.map { [$0] } ?? [] }
        var reached = [Bool](repeating: false, count: nodes.count)
        var climbing = nodes.indices.filter { names[$0] != nil }
        var position = nodes
        for _ in 0..<Self.depthMax where !climbing.isEmpty {
            let results = try await browse(climbing.map { Self.upwards(position[$0]) })
            var still: [Int] = []
            for (index, result) in zip(climbing, results) {
                guard let parent = result.references.first, let node = Self.local(parent.nodeId) else { continue }
                if node == Self.objects {
                    reached[index] = true
                } else if let name = parent.browseName.name {
                    parts[index].insert(name, at: 0)
                    position[index] = node
                    still.append(index)
                }
            }
            climbing = still
        }
        return nodes.indices.map { index in
            let node = nodes[index]
            let name = names[index] ?? node.description
            let path = reached[index] ? parts[index].joined(separator: "/") : node.description
            return Variable(node: node, path: path, name: name)
        }
    }

    /// The engineering unit of each variable (Part 8, 5.6.3); nil where it has none.
    func units(of nodes: [NodeId]) async throws -> [String?] {
        let results = try await browse(nodes.map(Self.properties))
        var properties: [(index: Int, node: NodeId)] = []
        for (index, result) in results.enumerated() {
            let unit = result.references.first { $0.browseName.name == "EngineeringUnits" }
            if let node = unit.flatMap({ Self.local($0.nodeId) }) { properties.append((index, node)) }
        }
        var units = [String?](repeating: nil, count: nodes.count)
        guard !properties.isEmpty else { return units }
        let values = try await connection.read(properties.map { ($0.node, .value) }, limits: limits)
        for (property, value) in zip(properties, values) {
            guard case .extensionObject(let object) = value.value,
                let information = try? object.decode(as: EUInformation.self)
            else { continue }
            units[property.index] = information.displayName.text
        }
        return units
    }

    private static func local(_ node: ExpandedNodeId) -> NodeId? {
        node.serverIndex == 0 && node.namespaceURI == nil ? node.nodeId : nil
    }

    private static let objectsAndVariables = UInt32(NodeClass.object.rawValue | NodeClass.variable.rawValue)
    private static let everything: UInt32 = 63

    private static func downwards(_ node: NodeId) -> BrowseDescription {
        BrowseDescription(
            nodeId: node, browseDirection: .forward, referenceTypeId: hierarchicalReferences, includeSubtypes: true,
            nodeClassMask: objectsAndVariables, resultMask: everything)
    }

    private static func upwards(_ node: NodeId) -> BrowseDescription {
        BrowseDescription(
            nodeId: node, browseDirection: .inverse, referenceTypeId: hierarchicalReferences, includeSubtypes: true,
            nodeClassMask: objectsAndVariables, resultMask: everything)
    }

    private static func properties(_ node: NodeId) -> BrowseDescription {
        BrowseDescription(
            nodeId: node, browseDirection: .forward, referenceTypeId: hasProperty, includeSubtypes: true,
            nodeClassMask: UInt32(NodeClass.variable.rawValue), resultMask: everything)
    }
}
