import ConnectorModel
import NIOCore
import OPCUAClient
import OPCUACore
import OPCUASecurity
import OPCUAServer
import OPCUATypes
import Testing

@testable import OPCUAAdapter

/// Types of a server's own, and a model that changes while a source runs; our own server over loopback.
@Suite(.timeLimit(.minutes(1))) struct OPCUAModelTests {
    private static func id(_ text: String) -> NodeId { NodeId(namespace: 2, string: text) }

    private func run(
        _ plant: OPCUATestPlant, _ discovery: TagDiscovery = TagDiscovery(), nodes: [NodeSelection] = [],
        polling: Bool = false, _ body: @escaping @Sendable (Intake, MQTTFakeSink) async throws -> Void
    ) async throws {
        try await plant.serve { port in
            let source = try OPCUATestPlant.source(port, nodes: nodes, discovery: discovery) {
                $0.mode = polling ? .polling : .subscription
                $0.pollInterval = .milliseconds(20)
            }
            let sink = MQTTFakeSink()
            let intake = Intake(source: source.identity, layout: .rawEvents, sink: sink)
            try await withRunningOPCUASource(source, intake) { () async throws in try await body(intake, sink) }
        }
    }

    /// The last text of each tag.
    private static func texts(_ sink: MQTTFakeSink) throws -> [String: String] {
        var texts: [String: String] = [:]
        for row in try sink.rows() {
            guard case .text(let address)? = row["topic_or_path"], case .text(let status)? = row["status"] else {
                continue
            }
            if case .text(let value)? = row["value"] { texts[address] = value } else { texts[address] = status }
        }
        return texts
    }

    private func typed() throws -> OPCUATestPlant {
        try OPCUATestPlant { space in
            let mode = Self.id("Mode")
            try space.addEnumeration(
                mode, name: "Mode",
                EnumDefinition(fields: [EnumField(value: 0, name: "Off"), EnumField(value: 7, name: "Run")]))
            let point = Self.id("Point")
            let pointEncoding = try space.addStructure(
                point, name: "Point",
                StructureDefinition(fields: [
                    StructureField(name: "x", dataType: NodeId(11), valueRank: -1),
                    StructureField(name: "mode", dataType: mode, valueRank: -1),
                ]))
            let machine = Self.id("Machine")
            try space.addStructure(
                machine, name: "Machine",
                StructureDefinition(fields: [
                    StructureField(name: "points", dataType: point, valueRank: 1),
                    StructureField(name: "name", dataType: NodeId(12), valueRank: -1),
                ]))
            var types = DataTypeDictionary()
            try types.add(mode, name: "Mode", EnumDefinition())
            let definition = StructureDefinition(
                defaultEncodingId: pointEncoding,
                fields: [
                    StructureField(name: "x", dataType: NodeId(11), valueRank: -1),
                    StructureField(name: "mode", dataType: mode, valueRank: -1),
                ])
            try types.add(point, name: "Point", definition)
            let value = StructureValue(
                dataType: point,
                fields: [
                    .init("x", .builtIn(.double(1.5))), .init("mode", .enumeration(EnumerationValue(7))),
                ])
            let encoded = Variant.extensionObject(try types.encode(value))
            func variable(_ name: String, _ type: NodeId, _ value: Variant) throws -> VariableHandle {
                try space.addVariable(
                    VariableDefinition(id: Self.id(name), name: name, dataType: type, value: DataValue(value)),
                    under: AddressSpace.objects)
            }
            return [
                try variable("mode", mode, .int32(7)), try variable("point", point, encoded),
                // Of any structure, and of any type at all: only the value says which.
                try variable("any", NodeId(22), encoded), try variable("later", NodeId(24), .double(1)),
            ]
        }
    }

    @Test func structuresAndEnumerationsAreReadByTheirDefinitions() async throws {
        let plant = try typed()
        try await run(plant) { _, sink async throws in
            #expect(try await mqttEventually { sink.count >= 4 })
            let point = #"{"x":1.5,"mode":"Run"}"#
            #expect(try Self.texts(sink) == ["mode": "Run", "point": point, "any": point, "later": "1.0"])
            plant.update(0, .int32(3))
            #expect(try await mqttEventually { try Self.texts(sink)["mode"] == "3" })
        }
    }

    /// A structure of a type that nothing spoke of when the source connected.
    @Test func structuresThatComeUpLaterAreLearnt() async throws {
        let plant = try typed()
        try await run(plant, nodes: ["ns=2;s=later", "ns=2;s=mode"]) { _, sink async throws in
            #expect(try await mqttEventually { sink.count >= 2 })
            let encoding = NodeId(namespace: 2, string: "Point.DefaultBinary")
            func point(_ x: Double) -> Variant {
                var writer = BinaryWriter()
                x.encode(to: &writer)
                Int32(0).encode(to: &writer)
                return .extensionObject(
                    ExtensionObject(typeId: encoding, body: .binary(ByteString(writer.buffer.readableBytesView))))
            }
            // The first comes as bytes; by then its type is asked for, and one of the next is read by it.
            var x = 2.0
            #expect(
                try await mqttEventually {
                    x += 1
                    plant.update(3, point(x))
                    return try Self.texts(sink)["later"]?.hasSuffix(#","mode":"Off"}"#) == true
                })
            #expect(try Self.texts(sink)["later"]?.hasPrefix(#"{"x":"#) == true)
        }
    }

    /// A change that comes while the server is being looked at is heard of, so once is enough.
    @Test func connectingLooksOnce() async throws {
        let plant = try OPCUATestPlant(tags: 50)
        try await plant.serve { port in
            let source = try OPCUATestPlant.source(port)
            let sink = MQTTFakeSink()
            let intake = Intake(source: source.identity, layout: .rawEvents, sink: sink)
            try await withRunningOPCUASource(source, intake) { () async throws in
                #expect(try await mqttEventually { try Self.texts(sink).count == 50 })
                let browsed = try await Self.browseCalls(port)
                #expect(browsed > 0)
                // Longer than changes are given to settle.
                try await Task.sleep(for: .milliseconds(500))
                #expect(try await Self.browseCalls(port) == browsed)
            }
        }
    }

    /// How often the server was asked to browse, as its SessionDiagnosticsArray says.
    private static func browseCalls(_ port: Int) async throws -> UInt32 {
        let total = OPCUABox<UInt32>(0)
        let settings = OPCUAClientConfiguration(
            endpoint: try OPCUAEndpoint("opc.tcp://127.0.0.1:\(port)"),
            security: OPCUAClientSecurity(policy: SecurityPolicy.none))
        try await OPCUAConnection.withConnection(settings, receiver: Nobody()) { connection in
            let value = try await connection.read([(NodeId(3707), .value)], limits: OperationLimits())
            guard case .array(let array)? = value.first?.value, case .extensionObject(let sessions) = array.elements
            else {
                Issue.record("no diagnostics of sessions")
                return
            }
            let counts = try sessions.compactMap {
                try $0.decode(as: SessionDiagnosticsDataType.self)?.browseCount.totalCount
            }
            total.set(counts.reduce(0, +))
        }
        return total.value
    }

    private struct Nobody: OPCUAReceiver {
        func notifications(_ message: NotificationReader, of subscription: UInt32) {}
        func lost(_ messages: Int, of subscription: UInt32) {}
    }

    @Test(arguments: [false, true])
    func tagsFollowTheModel(polling: Bool) async throws {
        let plant = try OPCUATestPlant(tags: 2)
        // When polling there is no subscription that could tell; the interval finds it.
        let discovery = TagDiscovery(rebrowseInterval: polling ? .milliseconds(100) : nil)
        try await run(plant, discovery, polling: polling) { intake, sink async throws in
            #expect(try await mqttEventually { try Self.texts(sink).count == 2 })
            let late = try await plant.server.modify { space in
                try space.addVariable(
                    VariableDefinition(
                        id: Self.id("late"), name: "late", type: .double, value: DataValue(.double(7))),
                    under: Self.id("plant"))
            }
            #expect(try await mqttEventually { try Self.texts(sink)["plant/late"] == "7.0" })
            plant.server.update([VariableUpdate(late, DataValue(.double(8)))])
            #expect(try await mqttEventually { try Self.texts(sink)["plant/late"] == "8.0" })
            #expect(intake.snapshot().diagnostics?.itemsWanted == 3)
            try await plant.server.modify { space in try space.remove(Self.id("late")) }
            #expect(try await mqttEventually { try Self.texts(sink)["plant/late"] == "BadNodeIdUnknown" })
            #expect(try await mqttEventually { intake.snapshot().diagnostics?.itemsWanted == 2 })
            // The others were read all the while.
            plant.update(0, .double(5))
            #expect(try await mqttEventually { try Self.texts(sink)["plant/t0"] == "5.0" })
        }
    }

    private static func unit(_ name: String) -> Variant {
        .extensionObject(ExtensionObject(EUInformation(displayName: LocalizedText(name))))
    }

    /// A variable that is the same node, but whose NodeVersion has changed, is looked at again.
    @Test func aNewNodeVersionBringsNewDetails() async throws {
        let plant = try OPCUATestPlant { space in
            func variable(_ name: String) throws -> VariableHandle {
                try space.addVariable(
                    VariableDefinition(id: Self.id(name), name: name, type: .double, value: DataValue(.double(1))),
                    under: AddressSpace.objects)
            }
            func property(_ name: String, _ value: Variant, of node: String) throws -> VariableHandle {
                try space.addProperty(
                    VariableDefinition(
                        id: Self.id("\(node).\(name)"), name: name, dataType: NodeId(24), value: DataValue(value)),
                    of: Self.id(node))
            }
            return [
                try variable("a"), try property("EngineeringUnits", Self.unit("kW"), of: "a"),
                try property("NodeVersion", .string("1"), of: "a"), try variable("b"),
                try property("EngineeringUnits", Self.unit("kW"), of: "b"),
            ]
        }
        try await run(plant) { _, sink async throws in
            // The unit in the last row of each tag.
            @Sendable func units() throws -> [String: String?] {
                var units: [String: String?] = [:]
                for row in try sink.rows() {
                    guard case .text(let address)? = row["topic_or_path"], case .map(let metadata)? = row["metadata"]
                    else { continue }
                    units[address] = metadata["unit"]
                }
                return units
            }
            #expect(try await mqttEventually { try units() == ["a": "kW", "b": "kW"] })
            for index in [1, 4] { plant.update(index, Self.unit("MW")) }
            plant.update(2, .string("2"))
            _ = try await plant.server.modify { space in
                try space.addFolder(Self.id("new"), name: "new", under: AddressSpace.objects)
            }
            var value = 1.0
            #expect(
                try await mqttEventually {
                    value += 1
                    for index in [0, 3] { plant.update(index, .double(value)) }
                    return try units() == ["a": "MW", "b": "kW"]
                })
        }
    }

    @Test func aMissingNodeIsFoundOnceItIsThere() async throws {
        let plant = try OPCUATestPlant(tags: 1)
        try await run(plant, nodes: ["ns=2;s=t0", "/plant/late"]) { intake, sink async throws in
            #expect(try await mqttEventually { intake.snapshot().diagnostics?.itemsFailed == 1 })
            _ = try await plant.server.modify { space in
                try space.addVariable(
                    VariableDefinition(
                        id: Self.id("late"), name: "late", type: .double, value: DataValue(.double(7))),
                    under: Self.id("plant"))
            }
            #expect(try await mqttEventually { try Self.texts(sink)["plant/late"] == "7.0" })
            #expect(intake.snapshot().diagnostics?.itemsFailed == 0)
        }
    }
}
