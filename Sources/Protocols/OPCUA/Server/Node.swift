import OPCUATypes

/// A node of the address space (Part 3, 4). Values of variables live in the value store.
struct Node: Sendable {
    var id: NodeId
    var nodeClass: NodeClass
    var browseName: QualifiedName
    var displayName: LocalizedText
    var description: LocalizedText
    var kind: Kind
    var references: [Reference] = []

    /// What only nodes of one class have.
    enum Kind: Sendable {
        case object
        case variable(Variable)
        case type(isAbstract: Bool, inverseName: String?)
        case method(Method)
        /// A data type of the application, with its StructureDefinition or EnumDefinition.
        case dataType(ExtensionObject)
    }

    /// What a method takes, gives and does.
    struct Method: Sendable {
        var inputs: [Argument]
        var outputs: [Argument]
        var behaviour: Behaviour

        enum Behaviour: Sendable {
            case application(@Sendable (MethodCall) -> MethodAnswer)
            case getMonitoredItems
            case resendData
        }
    }

    /// The attributes of a variable.
    struct Variable: Sendable {
        var dataType: NodeId
        var valueRank: Int32
        var isWritable: Bool
        /// Index into the value store.
        var slot: Int32
        var computed: Computed?
        /// Number of its properties when it is an AnalogItem, else -1.
        var analog: Int32 = -1
    }

    /// Values that are made when they are asked for.
    enum Computed: Sendable {
        case currentTime
        case serverStatus
        /// A variable below ServerDiagnostics, by its number.
        case diagnostics(UInt32)
        /// A value that never changes.
        case constant(Variant)
        /// A property of an AnalogItem, which never changes.
        case property(analog: Int32, AnalogProperties.Kind)

        var isConstant: Bool {
            switch self {
            case .currentTime, .serverStatus, .diagnostics: false
            case .constant, .property: true
            }
        }
    }
}

/// One direction of a reference (Part 3, 4.3.4). All reference types are of namespace 0 here.
struct Reference: Sendable {
    var type: UInt32
    var isForward: Bool
    /// Index of the node at the other end.
    var target: Int32
}

/// Reference types and type definitions that code names (Part 5; namespace 0).
enum Standard {
    static let root: UInt32 = 84
    static let organizes: UInt32 = 35
    static let hasTypeDefinition: UInt32 = 40
    static let hasSubtype: UInt32 = 45
    static let hasProperty: UInt32 = 46
    static let hasComponent: UInt32 = 47
    static let folderType: UInt32 = 61
    static let baseObjectType: UInt32 = 58
    static let baseDataVariableType: UInt32 = 63
    static let propertyType: UInt32 = 68
    static let analogItemType: UInt32 = 2368
    static let rangeType: UInt32 = 884
    static let euInformationType: UInt32 = 887
    static let server: UInt32 = 2253
    static let hierarchicalReferences: UInt32 = 33
    static let aggregates: UInt32 = 44
    static let hasEncoding: UInt32 = 38
    static let dataTypeEncodingType: UInt32 = 76
    static let structure: UInt32 = 22
    static let union: UInt32 = 12756
    static let baseEventType: UInt32 = 2041
    static let generalModelChangeEventType: UInt32 = 2133
    static let eventQueueOverflowEventType: UInt32 = 3035
    static let enumeration: UInt32 = 29
    static let serverStatus: UInt32 = 2256
    static let currentTime: UInt32 = 2258
}
