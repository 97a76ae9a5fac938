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
    /// Most values of its past that are kept for HistoryRead; 0 for none.
    public var historyLength: Int

    public init(
        id: NodeId, name: String, displayName: String? = nil, description: String? = nil, type: BuiltInType,
        valueRank: Int32 = -1, value: DataValue = DataValue(status: .badWaitingForInitialData),
        isWritable: Bool = false, historyLength: Int = 0
    ) {
        self.init(
            id: id, name: name, displayName: displayName, description: description, dataType: type.dataType,
            valueRank: valueRank, value: value, isWritable: isWritable, historyLength: historyLength)
    }

    /// A variable of a data type of its own: an enumeration or a structure that was added before.
    public init(
        id: NodeId, name: String, displayName: String? = nil, description: String? = nil, dataType: NodeId,
        valueRank: Int32 = -1, value: DataValue = DataValue(status: .badWaitingForInitialData),
        isWritable: Bool = false, historyLength: Int = 0
    ) {
        self.id = id
        self.name = name
        self.displayName = displayName
        self.description = description
        self.dataType = dataType
        self.valueRank = valueRank
        self.value = value
        self.isWritable = isWritable
        self.historyLength = historyLength
    }
}

/// Why a node was not added.
public enum AddressSpaceError: Error, Hashable, Sendable, CustomStringConvertible {
    case duplicate(NodeId)
    case unknownParent(NodeId)
    case unknownNamespace(NodeId)
    case unknownNode(NodeId)
    case standardNode(NodeId)

    public var description: String {
        switch self {
        case .duplicate(let id): "the node \(id) exists already"
        case .unknownParent(let id): "the parent node \(id) does not exist"
        case .unknownNode(let id): "the node \(id) does not exist"
        case .standardNode(let id): "the node \(id) is the standard's and stays"
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
    private var store = NodeStore()
    private var analogs = AnalogProperties()
    /// Number of the application's variables.
    public private(set) var variableCount = 0
    /// By slot, of those variables that have one; the others wait for their first.
    private var givenValues: [Int32: DataValue] = [:]
    /// Variables of the standard stand before the application's in the value store.
    private(set) var standardValues: [DataValue] = []
    /// What has been changed since it was asked to be remembered.
    var changes: ModelChanges?
    /// By slot: how many values of its past a variable keeps; those that keep none are not here.
    private(set) var historyLengths: [Int32: Int] = [:]
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

    private static let awaited = DataValue(status: .badWaitingForInitialData)

    /// What variables begin with, from one slot on.
    func initialValues(from slot: Int, at time: DateTime) -> [DataValue] {
        (slot..<max(slot, variableCount)).map { slot in
            var value = givenValues[Int32(slot)] ?? Self.awaited
            if value.serverTimestamp == nil { value.serverTimestamp = time }
            return value
        }
    }

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
        for kind in AnalogProperties.Kind.allCases {
            let id = AnalogProperties.id(kind, of: definition.id)
            guard store.number(of: id) == nil else { throw .duplicate(id) }
        }
        let analog = analogs.append(node: Int32(store.count), range: range, unit: unit)
        return try addVariable(definition, type: Standard.analogItemType, under: parent, analog: analog)
    }

    private mutating func addObject(
        _ id: NodeId, name: String, displayName: String?, type: UInt32, under parent: NodeId
    ) throws(AddressSpaceError) -> NodeId {
        guard let parent = store.number(of: parent) else { throw .unknownParent(parent) }
        let node = Node(
            id: id, nodeClass: .object, browseName: QualifiedName(name, namespace: id.namespace),
            displayName: LocalizedText(displayName ?? name), description: .null, kind: .object)
        try insert(node, under: parent, by: reference(from: parent), type: type)
        return id
    }

    /// Adds a property (Part 3, 4.4.2) to a node. What the standard names, such as NodeVersion, is in its namespace.
    public mutating func addProperty(
        _ definition: VariableDefinition, of node: NodeId, isStandard: Bool = true
    ) throws(AddressSpaceError) -> VariableHandle {
        try addVariable(
            definition, type: Standard.propertyType, under: node, by: Standard.hasProperty,
            namespace: isStandard ? 0 : definition.id.namespace)
    }

    private mutating func addVariable(
        _ definition: VariableDefinition, type: UInt32, under parent: NodeId, by reference: UInt32? = nil,
        namespace: UInt16? = nil, analog: Int32 = -1
    ) throws(AddressSpaceError) -> VariableHandle {
        guard let parent = store.number(of: parent) else { throw .unknownParent(parent) }
        let slot = Int32(variableCount)
        let variable = Node.Variable(
            dataType: definition.dataType, valueRank: definition.valueRank, isWritable: definition.isWritable,
            slot: slot, computed: nil, analog: analog)
        let node = Node(
            id: definition.id, nodeClass: .variable,
            browseName: QualifiedName(definition.name, namespace: namespace ?? definition.id.namespace),
            displayName: LocalizedText(definition.displayName ?? definition.name),
            description: LocalizedText(definition.description), kind: .variable(variable))
        try insert(node, under: parent, by: reference ?? self.reference(from: parent), type: type)
        variableCount += 1
        if definition.value != Self.awaited { givenValues[slot] = definition.value }
        if definition.historyLength > 0 { historyLengths[slot] = definition.historyLength }
        return VariableHandle(index: slot)
    }

    /// Folders organise, everything else is made of components.
    private func reference(from parent: Int32) -> UInt32 {
        let isFolder = store[parent].references.contains {
            $0.type == Standard.hasTypeDefinition && store.id(of: $0.target) == NodeId(Standard.folderType)
        }
        return isFolder ? Standard.organizes : Standard.hasComponent
    }

    mutating func insert(
        _ node: Node, under parent: Int32, by reference: UInt32, type: UInt32
    ) throws(AddressSpaceError) {
        guard index(of: node.id) == nil else { throw .duplicate(node.id) }
        guard Int(node.id.namespace) < namespaces.count else { throw .unknownNamespace(node.id) }
        var node = node
        node.references.append(Reference(type: reference, isForward: false, target: parent))
        if let type = store.number(of: NodeId(type)) {
            node.references.append(Reference(type: Standard.hasTypeDefinition, isForward: true, target: type))
        }
        let child = store.append(node)
        store.change(parent) {
            $0.references.append(Reference(type: reference, isForward: true, target: child))
        }
        let owner = self[parent].id
        changes?.added(node.id, type: NodeId(type), under: owner)
    }

    // MARK: Looking up

    /// Changes a node where it lies.
    mutating func change(_ index: Int32, _ body: (inout Node) -> Void) { store.change(index, body) }

    /// Takes a node out of the index; its place stays empty.
    mutating func forget(_ index: Int32) { store.remove(index) }

    /// Number of nodes that are kept; properties of AnalogItems are not.
    var nodeCount: Int { store.count }

    /// The index of a node; below 0 for a property of an AnalogItem.
    func index(of id: NodeId) -> Int32? {
        if let number = store.number(of: id) { return number }
        guard let (kind, items) = AnalogProperties.candidates(id) else { return nil }
        for item in items {
            guard let number = store.number(of: item), case .variable(let variable) = store[number].kind,
                variable.analog >= 0
            else { continue }
            return AnalogProperties.number(variable.analog, kind)
        }
        return nil
    }

    /// A node with all its references.
    subscript(_ index: Int32) -> Node {
        guard index >= 0 else { return property(index) }
        var node = store[index]
        guard case .variable(let variable) = node.kind, variable.analog >= 0 else { return node }
        node.references += AnalogProperties.Kind.allCases.map {
            Reference(
                type: Standard.hasProperty, isForward: true, target: AnalogProperties.number(variable.analog, $0))
        }
        return node
    }

    private func property(_ index: Int32) -> Node {
        let (analog, kind) = AnalogProperties.property(index)
        let item = analogs.item(analog)
        var references = [Reference(type: Standard.hasProperty, isForward: false, target: item)]
        if let type = store.number(of: NodeId(Standard.propertyType)) {
            references.append(Reference(type: Standard.hasTypeDefinition, isForward: true, target: type))
        }
        let variable = Node.Variable(
            dataType: NodeId(kind.dataType), valueRank: -1, isWritable: false, slot: -1,
            computed: .property(analog: analog, kind))
        return Node(
            id: AnalogProperties.id(kind, of: store.id(of: item)), nodeClass: .variable,
            browseName: QualifiedName(kind.name), displayName: LocalizedText(kind.name), description: .null,
            kind: .variable(variable), references: references)
    }

    /// The value of a property.
    func property(_ analog: Int32, _ kind: AnalogProperties.Kind) -> Variant { analogs.value(analog, kind) }

    /// Place of a variable in the value store. The standard's variables come first, as the application's may become
    /// more.
    func position(_ variable: Node.Variable) -> Int {
        variable.slot >= 0 ? standardValues.count + Int(variable.slot) : Int(-variable.slot) - 1
    }

    /// How many values of its past a variable keeps.
    func historyLength(of variable: Node.Variable) -> Int { historyLengths[variable.slot] ?? 0 }

    /// Whether a reference type of namespace 0 is another or one of its subtypes.
    func isReference(_ type: UInt32, kindOf other: UInt32) -> Bool {
        var current = type
        while current != other {
            guard let supertype = directSupertypes[current] else { return false }
            current = supertype
        }
        return true
    }

    /// Whether values of a built-in type may stand in variables of a data type (Part 3, 8.3 and 8.14): when it is that
    /// type or a subtype of it, or when the data type is derived from it; enumerations are Int32 on the wire.
    func isType(_ type: BuiltInType, dataType: NodeId) -> Bool {
        if let standard = dataType.standard, isSubtype(UInt32(type.rawValue), of: standard) { return true }
        var current = dataType
        // Supertypes end soon; the bound guards against a loop that an application may have built.
        for _ in 0..<32 {
            if current == type.dataType { return true }
            if current.standard == Standard.enumeration { return type == .int32 }
            guard let index = index(of: current),
                let supertype = self[index].references.first(where: {
                    $0.type == Standard.hasSubtype && !$0.isForward
                })
            else { return false }
            current = self[supertype.target].id
        }
        return false
    }

    /// Whether a data type of the standard is another or one of its subtypes.
    private func isSubtype(_ type: UInt32, of other: UInt32) -> Bool {
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
            case .method: .method(Standard.method(row.id))
            default: .type(isAbstract: row.isAbstract, inverseName: row.inverseName)
            }
        let node = Node(
            id: NodeId(row.id), nodeClass: row.nodeClass, browseName: QualifiedName(row.name),
            displayName: LocalizedText(row.name), description: .null, kind: kind)
        let index = store.append(node)
        if let parent = store.number(of: NodeId(row.parent)), row.parent != 0 {
            store.change(parent) {
                $0.references.append(Reference(type: row.reference, isForward: true, target: index))
            }
            store.change(index) {
                $0.references.append(Reference(type: row.reference, isForward: false, target: parent))
            }
            if row.reference == Standard.hasSubtype { directSupertypes[row.id] = row.parent }
        }
    }

    private mutating func standardVariable(_ row: StandardNode) -> Node.Variable {
        standardValues.append(DataValue())
        let isDeclaration = store.number(of: NodeId(row.parent)).map { store[$0].nodeClass == .objectType } ?? false
        let computed: Node.Computed? =
            switch row.id {
            case Standard.currentTime: .currentTime
            case Standard.serverStatus: .serverStatus
            case let id where Standard.diagnostics.contains(id): .diagnostics(id)
            // What a type says of its instances has no value of its own.
            case _ where isDeclaration: .constant(.null)
            default: Standard.arguments(row.id).map { .constant($0) }
            }
        return Node.Variable(
            dataType: NodeId(row.dataType), valueRank: row.valueRank, isWritable: false,
            slot: -Int32(standardValues.count), computed: computed)
    }

    private mutating func linkType(of row: StandardNode) {
        guard let index = store.number(of: NodeId(row.id)), let type = store.number(of: NodeId(row.type)) else {
            return
        }
        store.change(index) {
            $0.references.append(Reference(type: Standard.hasTypeDefinition, isForward: true, target: type))
        }
    }

    /// Sets the value of a standard variable that does not change while the server runs.
    mutating func setStandard(_ id: UInt32, _ value: Variant, at time: DateTime) {
        guard let index = store.number(of: NodeId(id)), case .variable(let variable) = store[index].kind else { return }
        standardValues[Int(-variable.slot) - 1] = DataValue(value, sourceTimestamp: time, serverTimestamp: time)
    }
}

extension NodeId {
    /// The identifier without namespace and kind.
    var identifierText: String {
        if case .string(let text) = identifier { return text }
        return String(NodeId(namespace: 0, identifier: identifier).description.dropFirst(2))
    }
}
