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
        #expect(seen.count == space.nodes.count)
        #expect(space.nodes.count == StandardNode.all.count)
        for node in space.nodes where node.nodeClass == .object || node.nodeClass == .variable {
            #expect(node.references.contains { $0.type == Standard.hasTypeDefinition }, "\(node.id) has no type")
        }
    }

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
        for case .variable(let variable) in space.nodes.map(\.kind) where variable.computed == nil {
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
}
