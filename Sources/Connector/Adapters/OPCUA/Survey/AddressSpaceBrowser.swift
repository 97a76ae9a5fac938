import ConnectorModel
import OPCUAClient
import OPCUACore
import OPCUATypes

/// Walks a server's address space (Part 3, 4; Part 4, 5.9).
struct AddressSpaceBrowser {
    /// Where a search begins.
    struct Root {
        var node: NodeId
        /// Its own path; what lies below has it in front.
        var path: String
        /// How far below it to look; nil is as far as it goes.
        var depth: Int?
        var intervals = ReadingIntervals()
    }

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

    /// Deeper than any plant is modelled; ends chains that the visited set cannot.
    static let depthMax = 64
    /// Objects that are looked into; ends trees that a server makes up as they are browsed.
    fileprivate static let objectsMax = 1_000_000

    private struct Place {
        var node: NodeId
        var path: String
        var depthLeft: Int
        var intervals: ReadingIntervals
    }

    /// Nodes that are browsed at once: the answers on all of a large level take many times the room of what is kept.
    private static let placesMax = 4_096

    /// Every variable below the roots but those of the server itself; properties are not variables of the plant.
    /// - Parameter known: nodes that are found already; they are looked into, but not found again.
    func variables(
        below roots: [Root], _ discovery: TagDiscovery, known: Set<NodeId> = []
    ) async throws -> Finding {
        var search = Search(discovery: discovery, known: known, visited: Set(roots.map(\.node)))
        search.visited.insert(StandardNode.server)
        var level = roots.map {
            Place(node: $0.node, path: $0.path, depthLeft: $0.depth ?? Self.depthMax, intervals: $0.intervals)
        }
        for _ in 0..<Self.depthMax where !level.isEmpty {
            for start in stride(from: 0, to: level.count, by: Self.placesMax) {
                let places = level[start..<min(level.count, start + Self.placesMax)]
                let results = try await browse(places.map { .downwards($0.node) })
                for (parent, result) in zip(places, results) {
                    search.take(result, of: parent)
                    if search.finding.isTruncated { return search.finding }
                }
            }
            level = search.next
            search.next = []
        }
        return search.finding
    }

    /// A search under way.
    private struct Search {
        let discovery: TagDiscovery
        let known: Set<NodeId>
        var visited: Set<NodeId>
        var finding = Finding()
        /// What is to be browsed after the present level.
        var next: [Place] = []
        private var objects = 0

        init(discovery: TagDiscovery, known: Set<NodeId>, visited: Set<NodeId>) {
            self.discovery = discovery
            self.known = known
            self.visited = visited
        }

        /// Takes what lies below a place, until a limit ends the search.
        mutating func take(_ result: BrowseResult, of parent: Place) {
            if result.statusCode.isBad { finding.refused.append((parent.node, result.statusCode)) }
            for reference in result.references {
                guard reference.referenceTypeId != StandardNode.hasProperty,
                    let node = reference.nodeId.ofThisServer, visited.insert(node).inserted
                else { continue }
                let name = reference.browseName.name ?? node.description
                let path = parent.path.isEmpty ? name : "\(parent.path)/\(name)"
                if reference.nodeClass == .variable {
                    if !known.contains(node), discovery.takes(path: path, node: node.description) {
                        finding.isTruncated = finding.variables.count >= discovery.variableLimit
                        if finding.isTruncated { return }
                        finding.variables.append(
                            Variable(node: node, path: path, name: name, intervals: parent.intervals))
                    }
                } else {
                    objects += 1
                    finding.isTruncated = objects > AddressSpaceBrowser.objectsMax
                    if finding.isTruncated { return }
                }
                guard parent.depthLeft > 1, !discovery.skipsTree(below: path) else { continue }
                next.append(
                    Place(node: node, path: path, depthLeft: parent.depthLeft - 1, intervals: parent.intervals))
            }
        }
    }

    /// Browses, one result each. A server has few continuation points and may have none left for the last nodes of
    /// a batch (Part 4, 5.9.2): those are asked for again, each alone.
    func browse(_ nodes: [BrowseDescription]) async throws -> [BrowseResult] {
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
            let results = try await browse(climbing.map { .upwards(position[$0]) })
            var still: [Int] = []
            for (index, result) in zip(climbing, results) {
                guard let parent = result.references.first, let node = parent.nodeId.ofThisServer else { continue }
                if node == StandardNode.objects {
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
}

/// Nodes of the standard that this adapter names (Part 6, NodeIds).
enum StandardNode {
    static let objects = NodeId(85)
    static let server = NodeId(2253)
    static let serverStatus = NodeId(2256)
    static let namespaceArray = NodeId(2255)
    static let hierarchicalReferences = NodeId(33)
    static let hasProperty = NodeId(46)
    static let hasSubtype = NodeId(45)
    static let hasEncoding = NodeId(38)
    static let baseEventType = NodeId(2041)
    static let baseModelChangeEventType = NodeId(2132)
    static let generalModelChangeEventType = NodeId(2133)
    static let maxMonitoredItemsPerSubscription = NodeId(24104)
}

extension ExpandedNodeId {
    /// The node when it is one of the server that was asked; a namespace by URI is none that a server uses of itself.
    var ofThisServer: NodeId? { serverIndex == 0 && namespaceURI == nil ? nodeId : nil }
}

extension BrowseDescription {
    /// What lies below a node.
    static func downwards(_ node: NodeId) -> BrowseDescription {
        node.browse(.forward, StandardNode.hierarchicalReferences)
    }

    /// What a node lies below.
    static func upwards(_ node: NodeId) -> BrowseDescription {
        node.browse(.inverse, StandardNode.hierarchicalReferences)
    }

    /// A node's properties.
    static func properties(_ node: NodeId) -> BrowseDescription { node.browse(.forward, StandardNode.hasProperty) }
}

extension NodeId {
    private static let objectsAndVariables = UInt32(NodeClass.object.rawValue | NodeClass.variable.rawValue)
    private static let everything: UInt32 = 63

    /// References of one kind.
    /// - Parameter classes: of the nodes at the other end; 0 takes all.
    func browse(
        _ direction: BrowseDirection, _ reference: NodeId, classes: UInt32 = objectsAndVariables
    ) -> BrowseDescription {
        BrowseDescription(
            nodeId: self, browseDirection: direction, referenceTypeId: reference, includeSubtypes: true,
            nodeClassMask: classes, resultMask: Self.everything)
    }
}
