import OPCUATypes
import Testing

@testable import OPCUAServer

@Suite struct AddressSpaceTests {
    @Test func standardNodesHangTogether() throws {
        let space = AddressSpace(applicationURI: "urn:a", namespaces: [])
        let root = try #require(space.index(of: NodeId(Standard.root)))
        // Everything is reached from Root along hierarchical references.
        var seen: Set<Int32> = [root]
        var waiting = [root]
        while let next = waiting.popLast() {
            for reference in space[next].references
            where reference.isForward && space.isReference(reference.type, kindOf: 33)
                && seen.insert(reference.target).inserted
            {
                waiting.append(reference.target)
            }
        }
        #expect(seen.count == space.nodeCount)
        #expect(space.nodeCount == StandardNode.all.count)
        for node in nodes(space) where node.nodeClass == .object || node.nodeClass == .variable {
            #expect(node.references.contains { $0.type == Standard.hasTypeDefinition }, "\(node.id) has no type")
        }
    }

    private func nodes(_ space: AddressSpace) -> [Node] { (0..<Int32(space.nodeCount)).map { space[$0] } }

    @Test func referenceTypesKnowTheirSupertypes() {
        let space = AddressSpace(applicationURI: "urn:a", namespaces: [])
        #expect(space.isReference(Standard.hasProperty, kindOf: 33))
        #expect(space.isReference(Standard.hasTypeDefinition, kindOf: 32))
        #expect(!space.isReference(Standard.hasTypeDefinition, kindOf: 33))
        #expect(!space.isReference(33, kindOf: Standard.hasProperty))
    }

    @Test func everyStandardVariableHasAValue() {
        var space = AddressSpace(applicationURI: "urn:a", namespaces: ["urn:b"])
        space.setServerValues(
            ServerConfiguration(applicationName: "x", applicationURI: "urn:a"), at: DateTime(ticks: 1))
        for case .variable(let variable) in nodes(space).map(\.kind) where variable.computed == nil {
            #expect(!space.standardValues[Int(-variable.slot) - 1].value.isNull)
        }
    }

    @Test func handlesAreDenseAndMistakesAreNamed() throws {
        var space = AddressSpace(applicationURI: "urn:a", namespaces: ["urn:b"])
        let folder = try space.addFolder(NodeId(namespace: 2, string: "f"), name: "f")
        let machine = try space.addObject(NodeId(namespace: 2, string: "m"), name: "m", under: folder)
        for index in 0..<3 {
            let handle = try space.addAnalogItem(
                VariableDefinition(id: NodeId(namespace: 2, string: "v\(index)"), name: "v", type: .double),
                range: ValueRange(low: 0, high: 1), unit: EUInformation(), under: machine)
            #expect(handle.index == Int32(index))
        }
        #expect(space.variableCount == 3)
        #expect(space.index(of: NodeId(namespace: 2, string: "v2.EURange")) != nil)
        let again = VariableDefinition(id: NodeId(namespace: 2, string: "v0"), name: "v", type: .double)
        #expect(throws: AddressSpaceError.duplicate(again.id)) { try space.addVariable(again, under: folder) }
        #expect(throws: AddressSpaceError.unknownParent(NodeId(9999))) {
            try space.addFolder(NodeId(namespace: 2, string: "g"), name: "g", under: NodeId(9999))
        }
        #expect(throws: AddressSpaceError.unknownNamespace(NodeId(namespace: 3, string: "g"))) {
            try space.addFolder(NodeId(namespace: 3, string: "g"), name: "g")
        }
    }

    /// The properties of an item are found by name, lead back to it, and have values; whatever kind its NodeId is of.
    @Test(arguments: [
        NodeId(namespace: 2, string: "a/b"), NodeId(namespace: 2, numeric: 7),
        NodeId(namespace: 2, identifier: .guid(.zero)), NodeId(namespace: 2, identifier: .opaque(ByteString([1, 2]))),
    ]) func propertiesOfAnItemAreNodes(_ id: NodeId) throws {
        var space = AddressSpace(applicationURI: "urn:a", namespaces: ["urn:b"])
        let range = ValueRange(low: -1, high: 4)
        let unit = EUInformation(unitId: 3, displayName: LocalizedText("kW"))
        _ = try space.addAnalogItem(
            VariableDefinition(id: id, name: "b", description: "of a", type: .double), range: range, unit: unit,
            under: AddressSpace.objects)
        let item = try #require(space.index(of: id))
        #expect(space[item].id == id)
        #expect(space[item].browseName == QualifiedName("b", namespace: 2))
        #expect(space[item].description == LocalizedText("of a"))
        let properties = space[item].references.filter { $0.type == Standard.hasProperty }
        #expect(properties.map { space[$0.target].browseName.name } == ["EURange", "EngineeringUnits"])
        for reference in properties {
            let property = space[reference.target]
            #expect(space.index(of: property.id) == reference.target)
            #expect(property.references.contains { !$0.isForward && $0.target == item })
            #expect(property.references.contains { space[$0.target].id == NodeId(Standard.propertyType) })
        }
        #expect(space.property(0, .range) == .extensionObject(ExtensionObject(range)))
        #expect(space.property(0, .units) == .extensionObject(ExtensionObject(unit)))
        let taken = try #require(properties.first.map { space[$0.target].id })
        #expect(throws: AddressSpaceError.duplicate(taken)) { try space.addFolder(taken, name: "x") }
    }

    /// Many nodes are kept as rows; names that end the NodeId, that do not, and one that has children all come back.
    @Test func rowsGiveBackWhatWasPutIn() throws {
        var space = AddressSpace(applicationURI: "urn:a", namespaces: ["urn:b"])
        let count = 3000
        func id(_ index: Int) -> NodeId { NodeId(namespace: 2, string: "plant/Wärme_\(index)") }
        for index in 0..<count {
            let name = index % 2 == 0 ? "Wärme_\(index)" : "other"
            let handle = try space.addVariable(
                VariableDefinition(
                    id: id(index), name: name, displayName: index % 3 == 0 ? "shown" : nil, type: .int32,
                    valueRank: 1, value: index == 5 ? DataValue(.int32(5)) : DataValue(status: .badNoData),
                    isWritable: index % 5 == 0), under: AddressSpace.objects)
            #expect(handle.index == Int32(index))
        }
        try space.addFolder(NodeId(namespace: 2, string: "inner"), name: "inner", under: id(4))
        for index in 0..<count {
            let node = space[try #require(space.index(of: id(index)))]
            #expect(node.id == id(index))
            #expect(node.browseName.name == (index % 2 == 0 ? "Wärme_\(index)" : "other"))
            #expect(node.displayName.text == (index % 3 == 0 ? "shown" : node.browseName.name))
            guard case .variable(let variable) = node.kind else {
                Issue.record("no variable")
                return
            }
            #expect(variable.slot == Int32(index) && variable.valueRank == 1 && variable.isWritable == (index % 5 == 0))
            #expect(node.references.count == (index == 4 ? 3 : 2))
        }
        #expect(space.initialValues(from: 0, at: DateTime(ticks: 1))[5].value == .int32(5))
        #expect(space.index(of: NodeId(namespace: 2, string: "plant")) == nil)
    }
}
