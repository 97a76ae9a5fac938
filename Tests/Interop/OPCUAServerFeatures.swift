import Logging
import NIOCore
import NIOPosix
import OPCUACore
import OPCUAServer
import OPCUATypes
import Synchronization
import TestKit
import Testing

extension ForeignPeers {
    /// asyncua's client uses our server's history, methods, types, events, transfers.
    @Suite struct OPCUAServerFeatures {
        @Test func asyncuaUsesEverything() async throws {
            let server = try Self.server()
            let (ports, port) = AsyncStream<Int>.makeStream()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run { port.yield($0.port ?? 0) } }
                for await number in ports {
                    try await check(
                        try await runPeer(
                            "Tests/Interop/peers/opcua_server_features.py",
                            ["--endpoint", "opc.tcp://127.0.0.1:\(number)/any", "--namespace", "urn:plant"]))
                    break
                }
                group.cancelAll()
            }
        }

        private func check(_ seen: JSONValue) async throws {
            let forward: [[Double]] = seen["history"]["forward"].array.map { $0.array.compactMap(\.double) }
            let expected: [[Double]] = (0..<10).map { (second: Int) -> [Double] in
                [Double(1_700_000_000_000_000 + second * 1_000_000), Double(second)]
            }
            #expect(forward == expected)
            #expect(seen["history"]["backward"].array.count == 9, "the end of a range does not belong to it")
            #expect(seen["history"]["paged"].integer == 3)
            #expect(seen["doubled"].double == 42)
            #expect(seen["mistyped"].text == "BadInvalidArgument")
            #expect(seen["written"].double == 12.5)
            #expect(seen["refused"].text == "BadNotWritable")
            #expect(seen["ranges"].array[0].array.compactMap(\.double) == [2, 3])
            #expect(seen["ranges"].array[1].array.compactMap(\.double) == [4])
            #expect(seen["ranges"].array[2].text == "BadIndexRangeNoData")
            let types = seen["types"]
            #expect(types["point"].array.map(\.text) == ["Point", nil, nil, "here"])
            #expect(types["point"].array.compactMap(\.double) == [1, 2])
            #expect(types["points"].array.map { $0.array.compactMap(\.double) } == [[1, 2], [3, 4]])
            #expect(types["mode"].text == "automatic")
            #expect(types["matrix"].array.map { $0.array.compactMap(\.integer) } == [[1, 2, 3], [4, 5, 6]])
            #expect(seen["deadband"].array.compactMap(\.double) == [0, 21, 42])
            #expect(seen["changes"].array.contains { $0.array.map(\.text) == ["ns=2;s=grown", nil] })
            #expect(seen["grown"].double == 1)
            #expect(seen["diagnostics"]["sessions"].integer == 1)
            #expect(seen["diagnostics"]["subscriptions"].integer == 1)
            #expect(seen["diagnostics"]["reads"] == .bool(true))
            let transfer = seen["transfer"]
            #expect(transfer["status"].text == "Good")
            #expect(transfer["subscription"] == .bool(true))
            #expect(transfer["republished"].integer == transfer["published"].integer)
            #expect((transfer["published"].integer ?? 0) > 0)
            #expect(transfer["missing"].text == "BadMessageNotAvailable")
            #expect(transfer["told"].text == "GoodSubscriptionTransferred")
        }

        private static func id(_ name: String) -> NodeId { NodeId(namespace: 2, string: name) }

        /// A Point as its definition says: two doubles and a text.
        private static func point(_ x: Double, _ y: Double, _ label: String) -> ExtensionObject {
            var writer = BinaryWriter()
            x.encode(to: &writer)
            y.encode(to: &writer)
            writer.write(string: label)
            return ExtensionObject(
                typeId: id("Point.DefaultBinary"), body: .binary(ByteString(writer.buffer.readableBytesView)))
        }

        private static func server() throws -> ServerApplication {
            // Methods and writes need the server that they belong to.
            let owner = Owner()
            var space = AddressSpace(applicationURI: "urn:server", namespaces: ["urn:plant"])
            try space.addStructure(
                id("Point"), name: "Point",
                StructureDefinition(fields: [
                    StructureField(name: "x", dataType: NodeId(11), valueRank: -1),
                    StructureField(name: "y", dataType: NodeId(11), valueRank: -1),
                    StructureField(name: "label", dataType: NodeId(12), valueRank: -1),
                ]))
            try space.addEnumeration(
                id("Mode"), name: "Mode",
                EnumDefinition(fields: [EnumField(value: 0, name: "manual"), EnumField(value: 1, name: "automatic")]))
            let machine = try space.addObject(id("machine"), name: "machine")
            let level = try space.addAnalogItem(
                VariableDefinition(
                    id: id("level"), name: "level", type: .double, value: DataValue(.double(0)), historyLength: 100),
                range: ValueRange(low: 0, high: 200), unit: EUInformation(), under: machine)
            func add(_ name: String, _ type: NodeId, rank: Int32 = -1, _ value: Variant, writable: Bool = false) throws
            {
                _ = try space.addVariable(
                    VariableDefinition(
                        id: id(name), name: name, dataType: type, valueRank: rank, value: DataValue(value),
                        isWritable: writable), under: machine)
            }
            try add("setpoint", NodeId(11), .double(1), writable: true)
            try add("array", NodeId(11), rank: 1, .array(VariantArray(.double([1, 2, 3, 4]))))
            try add(
                "matrix", NodeId(6), rank: 2, .array(VariantArray(.int32([1, 2, 3, 4, 5, 6]), dimensions: [2, 3])))
            try add("point", id("Point"), .extensionObject(point(1, 2, "here")))
            try add(
                "points", id("Point"), rank: 1,
                .array(VariantArray(.extensionObject([point(1, 2, "a"), point(3, 4, "b")]))))
            try add("mode", id("Mode"), .int32(1))
            try addMethods(to: &space, owner, level)
            let server = ServerApplication(
                configuration: ServerConfiguration(
                    port: 0, applicationName: "server", applicationURI: "urn:server",
                    writeHandler: { variable, value in
                        owner.server?.update([VariableUpdate(variable, value)])
                        return .good
                    }),
                addressSpace: space, group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "server"))
            owner.set(server)
            for second in 0..<10 {
                let time = DateTime(utcMicroseconds: 1_700_000_000_000_000 + Int64(second) * 1_000_000)
                server.update([
                    VariableUpdate(
                        level, DataValue(.double(Double(second)), sourceTimestamp: time, serverTimestamp: time))
                ])
            }
            return server
        }

        private static func addMethods(to space: inout AddressSpace, _ owner: Owner, _ level: VariableHandle) throws {
            let number = Argument(name: "x", dataType: NodeId(11), valueRank: -1)
            try space.addMethod(
                MethodDefinition(id: id("double"), name: "double", inputs: [number], outputs: [number]) { call in
                    guard case .double(let x)? = call.arguments.first else { return MethodAnswer(.badInvalidArgument) }
                    return MethodAnswer(outputs: [.double(x * 2)])
                }, under: id("machine"))
            try space.addMethod(
                MethodDefinition(id: id("set_level"), name: "set_level", inputs: [number]) { call in
                    owner.server?.update([VariableUpdate(level, DataValue(call.arguments.first ?? .null))])
                    return MethodAnswer()
                }, under: id("machine"))
            try space.addMethod(
                MethodDefinition(id: id("grow"), name: "grow") { _ in
                    Task {
                        try await owner.server?.modify { space in
                            _ = try space.addVariable(
                                VariableDefinition(
                                    id: id("grown"), name: "grown", type: .double, value: DataValue(.double(1))),
                                under: id("machine"))
                        }
                    }
                    return MethodAnswer()
                }, under: id("machine"))
        }
    }
}

/// The server, for closures that are made before it.
private final class Owner: Sendable {
    private let held = Mutex<ServerApplication?>(nil)

    var server: ServerApplication? { held.withLock { $0 } }
    func set(_ server: ServerApplication) { held.withLock { $0 = server } }
}
