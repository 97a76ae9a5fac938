import OPCUATypes
import Testing

@testable import OPCUAServer

@Suite(.timeLimit(.minutes(1))) struct DataTypeTests {
    @Test func typesAndTheirValuesAreServed() async throws {
        let (point, colour) = (TestServer.node("Point"), TestServer.node("Colour"))
        let structure = StructureDefinition(fields: [
            StructureField(name: "x", dataType: NodeId(11), valueRank: -1),
            StructureField(name: "y", dataType: NodeId(11), valueRank: -1),
        ])
        // Two doubles, 1 and 2.
        let body = ByteString([0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0x40])
        let value = Variant.extensionObject(
            ExtensionObject(typeId: TestServer.node("Point.DefaultBinary"), body: .binary(body)))
        let server = try TestServer { space in
            #expect(
                try space.addStructure(point, name: "Point", structure) == TestServer.node("Point.DefaultBinary"))
            #expect(throws: AddressSpaceError.duplicate(TestServer.node("Point.DefaultBinary"))) {
                try space.addStructure(point, name: "Point", structure)
            }
            try space.addEnumeration(
                colour, name: "Colour",
                EnumDefinition(fields: [EnumField(value: 0, name: "red"), EnumField(value: 1, name: "blue")]))
            try space.addEnumeration(
                TestServer.node("Gap"), name: "Gap",
                EnumDefinition(fields: [EnumField(value: 5, name: "five")]))
            _ = try space.addVariable(
                VariableDefinition(id: TestServer.node("p"), name: "p", dataType: point, value: DataValue(value)),
                under: AddressSpace.objects)
            _ = try space.addVariable(
                VariableDefinition(
                    id: TestServer.node("c"), name: "c", dataType: colour, value: DataValue(.int32(1))),
                under: AddressSpace.objects)
            #expect(space.isType(.int32, dataType: colour) && !space.isType(.double, dataType: colour))
            #expect(space.isType(.extensionObject, dataType: point) && !space.isType(.int32, dataType: point))
        }
        try await server.serve { port in
            try await RawClient.session(port) { client in
                #expect(try await client.read(TestServer.node("p")).value == value)
                #expect(try await client.read(TestServer.node("p"), AttributeId.dataType).value == .nodeId(point))
                guard
                    case .extensionObject(let object) = try await client.read(point, AttributeId.dataTypeDefinition)
                        .value,
                    let read = try object.decode(as: StructureDefinition.self)
                else { return #expect(Bool(false), "no definition") }
                #expect(read.fields == structure.fields)
                #expect(read.defaultEncodingId == TestServer.node("Point.DefaultBinary"))
                #expect(read.baseDataType == NodeId(22))
                let encodings = try await client.call(
                    BrowseRequest(nodesToBrowse: [
                        BrowseDescription(
                            nodeId: point, browseDirection: .forward, referenceTypeId: NodeId(38), resultMask: 63)
                    ])
                ).results[0].references
                #expect(encodings.map(\.browseName) == [QualifiedName("Default Binary")])
                #expect(encodings.map(\.typeDefinition.nodeId) == [NodeId(76)])
                let names = Variant.array(VariantArray(.localizedText([LocalizedText("red"), LocalizedText("blue")])))
                #expect(try await client.read(TestServer.node("Colour.EnumStrings")).value == names)
                guard case .array(let values) = try await client.read(TestServer.node("Gap.EnumValues")).value,
                    case .extensionObject(let objects) = values.elements
                else { return #expect(Bool(false), "no values") }
                #expect(try objects.first?.decode(as: EnumValueType.self)?.value == 5)
            }
        }
    }
}
