public import OPCUATypes

/// A variable of the address space, as the application names it when it has a new value. Handles are dense: the first
/// variable that is added has index 0, the next 1, and so on.
public struct VariableHandle: Hashable, Sendable {
    public let index: Int32
}

/// A variable as the application declares it.
public struct VariableDefinition: Sendable {
    public var id: NodeId
    public var name: String
    /// Text for people; the name when nil.
    public var displayName: String?
    public var description: String?
    public var dataType: NodeId
    /// -1 scalar, 1 one dimension (Part 3, 8.6).
    public var valueRank: Int32
    /// The value until the first update.
    public var value: DataValue
    /// Whether Write is passed to the application.
    public var isWritable: Bool

    public init(
        id: NodeId, name: String, displayName: String? = nil, description: String? = nil, type: BuiltInType,
        valueRank: Int32 = -1, value: DataValue = DataValue(status: .badWaitingForInitialData),
        isWritable: Bool = false
    ) {
        self.id = id
        self.name = name
        self.displayName = displayName
        self.description = description
        dataType = type.dataType
        self.valueRank = valueRank
        self.value = value
        self.isWritable = isWritable
    }
}

/// Why a node was not added.
public enum AddressSpaceError: Error, Hashable, Sendable, CustomStringConvertible {
    case duplicate(NodeId)
    case unknownParent(NodeId)
    case unknownNamespace(NodeId)

    public var description: String {
        switch self {
        case .duplicate(let id): "the node \(id) exists already"
        case .unknownParent(let id): "the parent node \(id) does not exist"
        case .unknownNamespace(let id): "the namespace index of node \(id) is not in the namespace array"
        }
    }
}

/// The nodes that a server shows (Part 3): the standard's own, and what the application adds before the server runs.
public struct AddressSpace: Sendable {
    /// The folder under which an application's nodes belong.
    public static let objects = NodeId(85)

    /// The namespace array: the standard, the application's URI, then the namespaces given.
    public let namespaces: [String]
    private(set) var nodes: [Node] = []
    private var indexes: [NodeId: Int32] = [:]
    private(set) var initialValues: [DataValue] = []
    /// Variables of the standard stand after the application's in the value store.
    private(set) var standardValues: [DataValue] = []
    private var directSupertypes: [UInt32: UInt32] = [:]

    /// - Parameters:
    ///   - applicationURI: the server's own URI, namespace 1.
    ///   - namespaces: URIs of namespaces 2 and following.
    public init(applicationURI: String, namespaces: [String]) {
        self.namespaces = ["http://opcfoundation.org/UA/", applicationURI] + namespaces
        let rows = StandardNode.all
        for row in rows { add(standard: row) }
        // Types stand after the nodes that have them.
        for row in rows where row.type != 0 { linkType(of: row) }
    }

    /// Number of the application's variables.
    public var variableCount: Int { initialValues.count }

    /// Adds a folder.
    @discardableResult
    public mutating func addFolder(
        _ id: NodeId, name: String, displayName: String? = nil, under parent: NodeId = AddressSpace.objects
    ) throws(AddressSpaceError) -> NodeId {
        try addObject(id, name: name, displayName: displayName, type: Standard.folderType, under: parent)
    }

    /// Adds an object that is more than a folder, e.g. a machine; it is a component of an object, organised by a folder.
    @discardableResult
    public mutating func addObject(
        _ id: NodeId, name: String, displayName: String? = nil, under parent: NodeId = AddressSpace.objects
    ) throws(AddressSpaceError) -> NodeId {
        try addObject(id, name: name, displayName: displayName, type: Standard.baseObjectType, under: parent)
    }

    /// Adds a variable.
    public mutating func addVariable(
        _ definition: VariableDefinition, under parent: NodeId
    ) throws(AddressSpaceError) -> VariableHandle {
        try addVariable(definition, type: Standard.baseDataVariableType, under: parent)
    }

    /// Adds an AnalogItem (Part 8, 5.3.2.3) with its EURange and EngineeringUnits. The properties' NodeIds are the
    /// item's with `.EURange` and `.EngineeringUnits` after them.
    public mutating func addAnalogItem(
        _ definition: VariableDefinition, range: ValueRange, unit: EUInformation, under parent: NodeId
    ) throws(AddressSpaceError) -> VariableHandle {
        let handle = try addVariable(definition, type: Standard.analogItemType, under: parent)
        guard let item = indexes[definition.id] else { return handle }
        for (name, type, structure) in [
            ("EURange", Standard.rangeType, ExtensionObject(range)),
            ("EngineeringUnits", Standard.euInformationType, ExtensionObject(unit)),
        ] {
            standardValues.append(DataValue(.extensionObject(structure)))
            let variable = Node.Variable(
                dataType: NodeId(type), valueRank: -1, isWritable: false, slot: -Int32(standardValues.count),
                computed: nil)
            let id = NodeId(namespace: definition.id.namespace, string: "\(definition.id.identifierText).\(name)")
            let node = Node(
                id: id, nodeClass: .variable, browseName: QualifiedName(name), displayName: LocalizedText(name),
                description: .null, kind: .variable(variable))
            try insert(node, under: item, by: Standard.hasProperty, type: Standard.propertyType)
        }
        return handle
    }

    private mutating func addObject(
        _ id: NodeId, name: String, displayName: String?, type: UInt32, under parent: NodeId
    ) throws(AddressSpaceError) -> NodeId {
        guard let parent = indexes[parent] else { throw .unknownParent(parent) }
        let node = Node(
            id: id, nodeClass: .object, browseName: QualifiedName(name, namespace: id.namespace),
            displayName: LocalizedText(displayName ?? name), description: .null, kind: .object)
        try insert(node, under: parent, by: reference(from: parent), type: type)
        return id
    }

    private mutating func addVariable(
        _ definition: VariableDefinition, type: UInt32, under parent: NodeId
    ) throws(AddressSpaceError) -> VariableHandle {
        guard let parent = indexes[parent] else { throw .unknownParent(parent) }
        let slot = Int32(initialValues.count)
        let variable = Node.Variable(
            dataType: definition.dataType, valueRank: definition.valueRank, isWritable: definition.isWritable,
            slot: slot, computed: nil)
        let node = Node(
            id: definition.id, nodeClass: .variable,
            browseName: QualifiedName(definition.name, namespace: definition.id.namespace),
            displayName: LocalizedText(definition.displayName ?? definition.name),
            description: LocalizedText(definition.description), kind: .variable(variable))
        try insert(node, under: parent, by: reference(from: parent), type: type)
        initialValues.append(definition.value)
        return VariableHandle(index: slot)
    }

    /// Folders organise, everything else is made of components.
    private func reference(from parent: Int32) -> UInt32 {
        let isFolder = nodes[Int(parent)].references.contains {
            $0.type == Standard.hasTypeDefinition && nodes[Int($0.target)].id == NodeId(Standard.folderType)
        }
        return isFolder ? Standard.organizes : Standard.hasComponent
    }

    private mutating func insert(
        _ node: Node, under parent: Int32, by reference: UInt32, type: UInt32
    ) throws(AddressSpaceError) {
        guard indexes[node.id] == nil else { throw .duplicate(node.id) }
        guard Int(node.id.namespace) < namespaces.count else { throw .unknownNamespace(node.id) }
        let index = append(node)
        link(parent, index, by: reference)
        if let type = indexes[NodeId(type)] {
            nodes[Int(index)].references.append(
                Reference(type: Standard.hasTypeDefinition, isForward: true, target: type))
        }
    }

    private mutating func append(_ node: Node) -> Int32 {
        let index = Int32(nodes.count)
        nodes.append(node)
        indexes[node.id] = index
        return index
    }

    private mutating func link(_ parent: Int32, _ child: Int32, by reference: UInt32) {
        nodes[Int(parent)].references.append(Reference(type: reference, isForward: true, target: child))
        nodes[Int(child)].references.append(Reference(type: reference, isForward: false, target: parent))
    }

    // MARK: Looking up

    /// The index of a node.
    func index(of id: NodeId) -> Int32? { indexes[id] }

    subscript(_ index: Int32) -> Node { nodes[Int(index)] }

    /// Place of a variable in the value store; standard variables come after the application's.
    func position(_ variable: Node.Variable) -> Int {
        variable.slot >= 0 ? Int(variable.slot) : initialValues.count + Int(-variable.slot) - 1
    }

    /// Whether a reference type of namespace 0 is another or one of its subtypes.
    func isReference(_ type: UInt32, kindOf other: UInt32) -> Bool {
        var current = type
        while current != other {
            guard let supertype = directSupertypes[current] else { return false }
            current = supertype
        }
        return true
    }

    // MARK: The standard's nodes

    private mutating func add(standard row: StandardNode) {
        let kind: Node.Kind =
            switch row.nodeClass {
            case .object: .object
            case .variable: .variable(standardVariable(row))
            default: .type(isAbstract: row.isAbstract, inverseName: row.inverseName)
            }
        let node = Node(
            id: NodeId(row.id), nodeClass: row.nodeClass, browseName: QualifiedName(row.name),
            displayName: LocalizedText(row.name), description: .null, kind: kind)
        let index = append(node)
        if let parent = indexes[NodeId(row.parent)], row.parent != 0 {
            link(parent, index, by: row.reference)
            if row.reference == Standard.hasSubtype { directSupertypes[row.id] = row.parent }
        }
    }

    private mutating func standardVariable(_ row: StandardNode) -> Node.Variable {
        standardValues.append(DataValue())
        let computed: Node.Computed? =
            switch row.id {
            case Standard.currentTime: .currentTime
            case Standard.serverStatus: .serverStatus
            default: nil
            }
        return Node.Variable(
            dataType: NodeId(row.dataType), valueRank: row.valueRank, isWritable: false,
            slot: -Int32(standardValues.count), computed: computed)
    }

    private mutating func linkType(of row: StandardNode) {
        guard let index = indexes[NodeId(row.id)], let type = indexes[NodeId(row.type)] else { return }
        nodes[Int(index)].references.append(
            Reference(type: Standard.hasTypeDefinition, isForward: true, target: type))
    }

    /// Sets the value of a standard variable that does not change while the server runs.
    mutating func setStandard(_ id: UInt32, _ value: Variant, at time: DateTime) {
        guard let index = indexes[NodeId(id)], case .variable(let variable) = nodes[Int(index)].kind else { return }
        standardValues[Int(-variable.slot) - 1] = DataValue(value, sourceTimestamp: time, serverTimestamp: time)
    }
}

extension NodeId {
    /// The identifier without namespace and kind.
    fileprivate var identifierText: String {
        if case .string(let text) = identifier { return text }
        return String(NodeId(namespace: 0, identifier: identifier).description.dropFirst(2))
    }
}
