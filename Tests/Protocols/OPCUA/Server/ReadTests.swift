import OPCUATypes
import Testing

@testable import OPCUAServer

@Suite(.timeLimit(.minutes(1))) struct ReadTests {
    /// What the application updates together is read together, however busy it is.
    @Test func aReadOfManyNodesNeverMixesTwoUpdates() async throws {
        let names = (0..<100).map { "v\($0)" }
        try await TestServer.numbers(names) { server, handles, port in
            let everything = ReadRequest(
                nodesToRead: names.map {
                    ReadValueId(nodeId: TestServer.node($0), attributeId: AttributeId.value)
                })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    var number = 0.0
                    while !Task.isCancelled {
                        number += 1
                        server.update(handles.map { VariableUpdate($0, DataValue(.double(number))) })
                    }
                }
                try await RawClient.connect(port) { client in
                    try await client.createSession()
                    try await client.activate()
                    for _ in 0..<200 {
                        let values = try await client.call(everything).results.map(\.value)
                        #expect(values.count == names.count && Set(values).count == 1)
                    }
                }
                group.cancelAll()
            }
        }
    }

    /// Nodes of all kinds in one request, each with its own answer.
    @Test func aReadMixesWhateverIsAsked() async throws {
        try await TestServer.numbers(["a"]) { server, handles, port in
            server.set(handles[0], 5)
            let (a, time) = (TestServer.node("a"), NodeId(2258))
            let request = ReadRequest(
                nodesToRead: [
                    ReadValueId(nodeId: a, attributeId: AttributeId.displayName),
                    ReadValueId(nodeId: a, attributeId: AttributeId.value),
                    ReadValueId(nodeId: TestServer.node("none"), attributeId: AttributeId.value),
                    ReadValueId(nodeId: time, attributeId: AttributeId.value),
                    ReadValueId(nodeId: a, attributeId: AttributeId.value),
                ])
            try await RawClient.connect(port) { client in
                try await client.createSession()
                try await client.activate()
                let results = try await client.call(request).results
                #expect(results.count == 5 && results[2].status == .badNodeIdUnknown)
                #expect(results[1].value == .double(5) && results[4].value == .double(5))
                guard case .dateTime = results[3].value, case .localizedText = results[0].value else {
                    Issue.record("\(results)")
                    return
                }
            }
        }
    }
}
