import OPCUATypes
import Testing

@testable import OPCUAServer

@Suite(.timeLimit(.minutes(1))) struct MethodTests {
    private static let double = TestServer.node("double")

    private func server() throws -> TestServer {
        try TestServer { space in
            try space.addObject(TestServer.node("machine"), name: "machine")
            try space.addMethod(
                MethodDefinition(
                    id: Self.double, name: "double",
                    inputs: [Argument(name: "x", dataType: NodeId(11), valueRank: -1)],
                    outputs: [Argument(name: "y", dataType: NodeId(11), valueRank: -1)]
                ) { call in
                    guard let number = call.arguments.first?.number else { return MethodAnswer(.badInternalError) }
                    guard number >= 0 else { return MethodAnswer(.badOutOfRange, outputs: [.double(0)]) }
                    return MethodAnswer(outputs: [.double(number * 2)])
                }, under: TestServer.node("machine"))
        }
    }

    @Test func methodsAreCalledWithTheRightArguments() async throws {
        try await server().serve { port in
            try await RawClient.session(port) { client in
                func call(
                    _ arguments: [Variant], _ method: NodeId = Self.double, on object: String = "machine"
                ) async throws -> CallMethodResult {
                    let request = CallMethodRequest(
                        objectId: TestServer.node(object), methodId: method, inputArguments: arguments)
                    return try await client.call(CallRequest(methodsToCall: [request])).results[0]
                }
                let good = try await call([.double(21)])
                #expect(good.statusCode == .good && good.outputArguments == [.double(42)])
                let refused = try await call([.double(-1)])
                #expect(refused.statusCode == .badOutOfRange && refused.outputArguments.isEmpty)
                #expect(try await call([]).statusCode == .badArgumentsMissing)
                #expect(try await call([.double(1), .double(2)]).statusCode == .badTooManyArguments)
                let mistyped = try await call([.string("x")])
                #expect(mistyped.statusCode == .badInvalidArgument)
                #expect(mistyped.inputArgumentResults == [.badTypeMismatch])
                #expect(try await call([], on: "none").statusCode == .badNodeIdUnknown)
                #expect(try await call([], TestServer.node("none")).statusCode == .badMethodInvalid)
                // A method of another object, and a node that is no method.
                #expect(try await call([], NodeId(11492)).statusCode == .badMethodInvalid)
                #expect(try await call([], TestServer.node("machine")).statusCode == .badMethodInvalid)
                #expect(try await client.status(of: CallRequest()) == .badNothingToDo)
                #expect(try await client.read(Self.double, AttributeId.executable).value == .boolean(true))
                let inputs = try await client.read(TestServer.node("double.InputArguments")).value
                let described = Argument(name: "x", dataType: NodeId(11), valueRank: -1)
                #expect(inputs == .array(VariantArray(.extensionObject([ExtensionObject(described)]))))
            }
        }
    }

    @Test func theServerTellsHandlesAndRepeatsValues() async throws {
        try await TestServer.numbers(["a", "b"]) { _, _, port in
            try await RawClient.session(port) { client in
                let subscription = try await client.subscribe()
                let items = try await client.monitor([TestServer.node("a"), TestServer.node("b")], in: subscription)
                #expect(try await client.publish().changes.count == 2)
                func call(_ client: RawClient, _ method: UInt32, _ id: UInt32) async throws -> CallMethodResult {
                    let request = CallMethodRequest(
                        objectId: NodeId(2253), methodId: NodeId(method), inputArguments: [.uint32(id)])
                    return try await client.call(CallRequest(methodsToCall: [request])).results[0]
                }
                let handles = try await call(client, 11492, subscription)
                #expect(
                    handles.outputArguments == [
                        .array(VariantArray(.uint32(items.map(\.monitoredItemId)))),
                        .array(VariantArray(.uint32([0, 1]))),
                    ])
                #expect(try await call(client, 12873, subscription).statusCode == .good)
                #expect(try await client.publish().changes.count == 2)
                #expect(try await call(client, 12873, 1).statusCode == .badSubscriptionIdInvalid)
                try await RawClient.session(port) { other in
                    let refused = try await call(other, 11492, subscription)
                    #expect(refused.statusCode == .badUserAccessDenied)
                }
            }
        }
    }
}
