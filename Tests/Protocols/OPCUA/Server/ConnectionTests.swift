import NIOCore
import NIOPosix
import OPCUACore
import OPCUATypes
import Testing

@testable import OPCUAServer

/// Who connects to whom, under which name, and how much fits through.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    @Test func theServerDialsItsClients() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { socket in
                socket.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: socket)
                }
            }
        let target = try #require(listener.channel.localAddress?.port)
        try await listener.executeThenClose { connections in
            try await TestServer.numbers(["a"]) {
                $0.reverseConnect = [ReverseConnect(host: "127.0.0.1", port: target, interval: .milliseconds(5))]
            } body: { _, _, port in
                var connections = connections.makeAsyncIterator()
                // When one connection ends the next comes.
                for _ in 1...2 {
                    guard let socket = try await connections.next() else { return }
                    try await RawClient.use(socket, url: "opc.tcp://plant/", isGreeted: true) { client in
                        #expect(
                            client.greeting
                                == ReverseHello(
                                    serverURI: "urn:test:server", endpointURL: "opc.tcp://127.0.0.1:\(port)/"))
                        try await client.createSession()
                        try await client.activate()
                        let value = try await client.read(TestServer.node("a")).value
                        #expect(value == .double(0))
                    }
                }
            }
        }
    }

    @Test func theServerIsFoundUnderTheNameThatTheClientUsed() async throws {
        try await TestServer.numbers(["a"]) { _, _, port in
            try await RawClient.connect(port) { client in
                for (asked, given) in [
                    ("opc.tcp://plant.example:1/x", "opc.tcp://plant.example:1/x"),
                    (nil, "opc.tcp://localhost:\(port)/raw"), ("http://no", "opc.tcp://localhost:\(port)/raw"),
                ] {
                    let found = try await client.call(FindServersRequest(endpointUrl: asked)).servers
                    #expect(found.map(\.discoveryUrls) == [[given]])
                    let endpoints = try await client.call(GetEndpointsRequest(endpointUrl: asked)).endpoints
                    #expect(endpoints.map(\.endpointUrl) == [given])
                }
                let others = FindServersRequest(serverUris: ["urn:another"])
                #expect(try await client.call(others).servers.isEmpty)
                let own = FindServersRequest(serverUris: ["urn:test:server"])
                #expect(try await client.call(own).servers.map(\.applicationUri) == ["urn:test:server"])
                let http = GetEndpointsRequest(profileUris: ["http://opcfoundation.org/UA-Profile/Transport/https"])
                #expect(try await client.call(http).endpoints.isEmpty)
            }
        }
    }

    @Test func answersLargerThanTheClientTakesAreRefused() async throws {
        try await TestServer.numbers((0..<50).map { "v\($0)" }) { _, _, port in
            let everything = ReadRequest(
                nodesToRead: [ReadValueId](
                    repeating: ReadValueId(nodeId: TestServer.node("v1"), attributeId: AttributeId.nodeId), count: 1000)
            )
            try await RawClient.connect(port) { client in
                try await client.createSession(maxResponseBytes: 1000)
                try await client.activate()
                #expect(try await client.status(of: everything) == .badResponseTooLarge)
                #expect(try await client.read(TestServer.node("v1")).value == .double(0))
            }
            // The same by the connection's own limits: one chunk of the smallest size, and a message of 2000 bytes.
            for limits in [
                TransportLimits(receiveBufferBytes: 8192, sendBufferBytes: 8192, maxMessageBytes: 2000),
                TransportLimits(receiveBufferBytes: 8192, sendBufferBytes: 8192, maxChunkCount: 1),
            ] {
                try await RawClient.connect(port, limits: limits) { client in
                    try await client.createSession()
                    try await client.activate()
                    let refused = try await client.status(of: everything)
                    #expect(refused == .badResponseTooLarge, "\(limits)")
                    #expect(try await client.read(TestServer.node("v1")).value == .double(0))
                }
            }
        }
    }

    /// References come in parts that the client takes, whatever it asked for; nothing of a refused answer stays behind.
    @Test func browsingIsSplitForClientsThatTakeLittle() async throws {
        try await TestServer.numbers(
            (0..<200).map { "v\($0)" }, configure: { $0.limits.maxBrowseContinuationPoints = 3 }
        ) { _, _, port in
            let children = BrowseDescription(
                nodeId: AddressSpace.objects, browseDirection: .forward, includeSubtypes: true, resultMask: 63)
            let whole = try await RawClient.session(port) { client in
                try await client.call(BrowseRequest(nodesToBrowse: [children])).results[0].references
            }
            #expect(whole.count >= 200)
            try await RawClient.connect(port) { client in
                try await client.createSession(maxResponseBytes: 1000)
                try await client.activate()
                // One reference of each is too much already.
                let many = BrowseRequest(nodesToBrowse: [BrowseDescription](repeating: children, count: 40))
                for _ in 0..<3 { #expect(try await client.status(of: many) == .badResponseTooLarge) }
                var results = try await client.call(BrowseRequest(nodesToBrowse: [children, children])).results
                while true {
                    let open = results.indices.filter { results[$0].continuationPoint != nil }
                    guard !open.isEmpty else { break }
                    let answer = try await client.call(
                        BrowseNextRequest(continuationPoints: open.map { results[$0].continuationPoint }))
                    #expect(answer.encoded().readableBytes + 4 <= 1000 && answer.results.count == open.count)
                    for (index, more) in zip(open, answer.results) {
                        #expect(!more.references.isEmpty)
                        results[index].references += more.references
                        results[index].continuationPoint = more.continuationPoint
                    }
                }
                #expect(results.map(\.references) == [whole, whole])
            }
        }
    }

    @Test func theServerCountsItsWork() async throws {
        try await TestServer.numbers(["a"]) { _, _, port in
            try await RawClient.session(port) { client in
                let subscription = try await client.subscribe()
                try await client.monitor([TestServer.node("a")], in: subscription)
                _ = try await client.publish()
                func structures<T: Structure>(_ type: T.Type, _ node: UInt32) async throws -> [T] {
                    switch try await client.read(NodeId(node)).value {
                    case .extensionObject(let object): return try object.decode(as: type).map { [$0] } ?? []
                    case .array(let array):
                        guard case .extensionObject(let objects) = array.elements else { return [] }
                        return try objects.compactMap { try $0.decode(as: type) }
                    default: return []
                    }
                }
                let summary = try await structures(ServerDiagnosticsSummaryDataType.self, 2275)
                #expect(summary.map(\.currentSessionCount) == [1])
                #expect(summary.map(\.currentSubscriptionCount) == [1])
                let subscriptions = try await structures(SubscriptionDiagnosticsDataType.self, 2290)
                #expect(subscriptions.map(\.subscriptionId) == [subscription])
                #expect(subscriptions.map(\.monitoredItemCount) == [1])
                #expect(subscriptions.map(\.notificationsCount) == [1])
                #expect(subscriptions.map(\.nextSequenceNumber) == [2])
                let sessions = try await structures(SessionDiagnosticsDataType.self, 3707)
                #expect(sessions.map(\.sessionName) == ["raw"])
                #expect(sessions.map(\.readCount.totalCount) == [2])
                #expect(sessions.map(\.createMonitoredItemsCount.totalCount) == [1])
                #expect(try await client.status(of: ReadRequest()) == .badNothingToDo)
                let later = try await structures(SessionDiagnosticsDataType.self, 3707)
                #expect(later.map(\.readCount.errorCount) == [1])
                #expect(try await client.read(NodeId(2277)).value == .uint32(1))
            }
        }
    }
}
