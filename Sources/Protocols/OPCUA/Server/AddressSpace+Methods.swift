public import OPCUATypes

extension AddressSpace {
    /// Adds a method to an object (Part 3, 5.7), with its arguments as properties. Their NodeIds are the method's with
    /// `.InputArguments` and `.OutputArguments` after them.
    public mutating func addMethod(
        _ definition: MethodDefinition, under object: NodeId
    ) throws(AddressSpaceError) {
        guard let parent = index(of: object) else { throw .unknownParent(object) }
        let method = Node.Method(
            inputs: definition.inputs, outputs: definition.outputs, behaviour: .application(definition.call))
        let node = Node(
            id: definition.id, nodeClass: .method,
            browseName: QualifiedName(definition.name, namespace: definition.id.namespace),
            displayName: LocalizedText(definition.displayName ?? definition.name),
            description: LocalizedText(definition.description), kind: .method(method))
        try insert(node, under: parent, by: Standard.hasComponent, type: 0)
        for (name, arguments) in [("InputArguments", definition.inputs), ("OutputArguments", definition.outputs)]
        where !arguments.isEmpty {
            try addConstant(
                name, of: definition.id, dataType: NodeId(Argument.dataTypeId), valueRank: 1,
                value: .array(VariantArray(.extensionObject(arguments.map { ExtensionObject($0) }))))
        }
    }

    /// Adds a property that never changes; its NodeId is its owner's with its name after a dot.
    mutating func addConstant(
        _ name: String, of owner: NodeId, dataType: NodeId, valueRank: Int32, value: Variant
    ) throws(AddressSpaceError) {
        guard let parent = index(of: owner) else { throw .unknownParent(owner) }
        let node = Node(
            id: NodeId(namespace: owner.namespace, string: "\(owner.identifierText).\(name)"), nodeClass: .variable,
            browseName: QualifiedName(name), displayName: LocalizedText(name), description: .null,
            kind: .variable(
                Node.Variable(
                    dataType: dataType, valueRank: valueRank, isWritable: false, slot: 0, computed: .constant(value))))
        try insert(node, under: parent, by: Standard.hasProperty, type: Standard.propertyType)
    }
}

extension Argument {
    /// The data type, as opposed to its encoding (Part 6, A.1).
    static let dataTypeId: UInt32 = 296
}

extension Standard {
    /// The Server object's methods (Part 5, 9.1 and 9.2).
    static func method(_ id: UInt32) -> Node.Method {
        switch id {
        case getMonitoredItems:
            Node.Method(
                inputs: subscriptionArgument, outputs: handleArguments, behaviour: .getMonitoredItems)
        default: Node.Method(inputs: subscriptionArgument, outputs: [], behaviour: .resendData)
        }
    }

    /// The value of a property that describes arguments of the Server object's methods; nil for another node.
    static func arguments(_ id: UInt32) -> Variant? {
        let arguments: [Argument]? =
            switch id {
            case 11493, 12874: subscriptionArgument
            case 11494: handleArguments
            default: nil
            }
        return arguments.map { .array(VariantArray(.extensionObject($0.map { ExtensionObject($0) }))) }
    }

    private static let getMonitoredItems: UInt32 = 11492
    private static var subscriptionArgument: [Argument] {
        [Argument(name: "SubscriptionId", dataType: BuiltInType.uint32.dataType, valueRank: -1)]
    }
    private static var handleArguments: [Argument] {
        ["ServerHandles", "ClientHandles"].map {
            Argument(name: $0, dataType: BuiltInType.uint32.dataType, valueRank: 1, arrayDimensions: [0])
        }
    }
}
