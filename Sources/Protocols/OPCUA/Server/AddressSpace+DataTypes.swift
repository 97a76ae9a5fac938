public import OPCUATypes

extension AddressSpace {
    /// Adds an enumeration type (Part 3, 8.14 and 8.49) with its members as EnumStrings or, when they do not count from
    /// 0, as EnumValues. Variables of it hold Int32.
    public mutating func addEnumeration(
        _ id: NodeId, name: String, _ definition: EnumDefinition
    ) throws(AddressSpaceError) {
        try addDataType(id, name: name, ExtensionObject(definition), under: NodeId(Standard.enumeration))
        let fields = definition.fields
        if fields.enumerated().allSatisfy({ $1.value == Int64($0) }) {
            let names = fields.map { $0.displayName.text == nil ? LocalizedText($0.name) : $0.displayName }
            try addConstant(
                "EnumStrings", of: id, dataType: BuiltInType.localizedText.dataType, valueRank: 1,
                value: .array(VariantArray(.localizedText(names))))
        } else {
            let values = fields.map {
                ExtensionObject(
                    EnumValueType(
                        value: $0.value,
                        displayName: $0.displayName.text == nil ? LocalizedText($0.name) : $0.displayName,
                        description: $0.description))
            }
            try addConstant(
                "EnumValues", of: id, dataType: NodeId(7594), valueRank: 1,
                value: .array(VariantArray(.extensionObject(values))))
        }
    }

    /// Adds a structure type or a union (Part 3, 8.48) with its binary encoding. Variables of it hold ExtensionObjects
    /// with the NodeId of the encoding.
    /// - Parameter supertype: Structure, or Union for a union, when nil.
    /// - Returns: the NodeId of the encoding: the definition's own, else the type's with `.DefaultBinary` after it.
    @discardableResult
    public mutating func addStructure(
        _ id: NodeId, name: String, _ definition: StructureDefinition, supertype: NodeId? = nil
    ) throws(AddressSpaceError) -> NodeId {
        var definition = definition
        if definition.defaultEncodingId.isNull {
            definition.defaultEncodingId = NodeId(
                namespace: id.namespace, string: "\(id.identifierText).DefaultBinary")
        }
        let isUnion =
            definition.structureType == .union || definition.structureType == .unionWithSubtypedValues
        let supertype = supertype ?? NodeId(isUnion ? Standard.union : Standard.structure)
        if definition.baseDataType.isNull { definition.baseDataType = supertype }
        let encoding = definition.defaultEncodingId
        guard index(of: encoding) == nil else { throw .duplicate(encoding) }
        try addDataType(id, name: name, ExtensionObject(definition), under: supertype)
        guard let type = index(of: id) else { throw .unknownParent(id) }
        let node = Node(
            id: encoding, nodeClass: .object, browseName: QualifiedName("Default Binary"),
            displayName: LocalizedText("Default Binary"), description: .null, kind: .object)
        try insert(node, under: type, by: Standard.hasEncoding, type: Standard.dataTypeEncodingType)
        return encoding
    }

    private mutating func addDataType(
        _ id: NodeId, name: String, _ definition: ExtensionObject, under supertype: NodeId
    ) throws(AddressSpaceError) {
        guard let parent = index(of: supertype), self[parent].nodeClass == .dataType else {
            throw .unknownParent(supertype)
        }
        let node = Node(
            id: id, nodeClass: .dataType, browseName: QualifiedName(name, namespace: id.namespace),
            displayName: LocalizedText(name), description: .null, kind: .dataType(definition))
        try insert(node, under: parent, by: Standard.hasSubtype, type: 0)
    }
}
