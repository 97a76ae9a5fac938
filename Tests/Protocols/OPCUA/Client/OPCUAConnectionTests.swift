import Logging
import NIOCore
import NIOPosix
import OPCUAClient
import OPCUACore
import OPCUAServer
import OPCUATypes
import Synchronization
import Testing

/// Our client on our server over loopback.
@Suite(.timeLimit(.minutes(1))) struct OPCUAConnectionTests {
    /// Keeps what a connection brings.
    final class Collector: OPCUAReceiver {
        struct State {
            var samples: [(handle: UInt32, value: Variant)] = []
            var messages: [(subscription: UInt32, number: UInt32)] = []
        }
        let state = Mutex(State())

        func notifications(_ message: NotificationReader, of subscription: UInt32) throws {
            var samples: [(UInt32, Variant)] = []
            try message.forEach { samples.append(($0.clientHandle, $0.value)) }
            state.withLock { state in
                state.samples += samples
                state.messages.append((subscription, message.sequenceNumber))
            }
        }

        func lost(_ messages: Int, of subscription: UInt32) {
            Issue.record("\(messages) messages lost")
        }

        func values(of handle: UInt32) -> [Variant] {
            state.withLock { $0.samples.filter { $0.handle == handle }.map(\.value) }
        }

        func has(_ count: Int, of handle: UInt32, within limit: Duration) async throws -> Bool {
            let end = ContinuousClock.now + limit
            while ContinuousClock.now < end {
                if values(of: handle).count >= count { return true }
                try await Task.sleep(for: .milliseconds(5))
            }
            return false
        }

        func wait(until isDone: (Collector) -> Bool) async throws {
            while !isDone(self) { try await Task.sleep(for: .milliseconds(5)) }
        }
    }

    struct Plant {
        var server: ServerApplication
        var variables: [VariableHandle]
    }

    private static func node(_ index: Int) -> NodeId { NodeId(namespace: 2, string: "line/tag\(index)") }

    private func withPlant(
        tags: Int = 3, operations: Int = 1000, _ body: @escaping @Sendable (Plant, OPCUAEndpoint) async throws -> Void
    ) async throws {
        var space = AddressSpace(applicationURI: "urn:test", namespaces: ["urn:test:plant"])
        let folder = try space.addFolder(NodeId(namespace: 2, string: "line"), name: "line")
        let variables = try (0..<tags).map { index in
            try space.addAnalogItem(
                VariableDefinition(
                    id: Self.node(index), name: "tag\(index)", type: .double, value: DataValue(.double(Double(index)))),
                range: ValueRange(low: 0, high: 10), unit: EUInformation(displayName: LocalizedText("bar")),
                under: folder)
        }
        var configuration = ServerConfiguration(port: 0, applicationName: "test", applicationURI: "urn:test")
        configuration.limits.maxOperationsPerRequest = operations
        let server = ServerApplication(
            configuration: configuration, addressSpace: space, group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let (ports, port) = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run { port.yield($0.port ?? 0) } }
            for await number in ports {
                try await body(
                    Plant(server: server, variables: variables), try OPCUAEndpoint("opc.tcp://127.0.0.1:\(number)/any"))
                break
            }
            group.cancelAll()
        }
    }

    private func subscribe(_ connection: OPCUAConnection, _ nodes: [NodeId]) async throws -> [MonitoredItemCreateResult]
    {
        let limits = try await connection.operationLimits()
        let subscription = try await connection.createSubscription(
            CreateSubscriptionRequest(
                requestedPublishingInterval: 50, requestedLifetimeCount: 1000, requestedMaxKeepAliveCount: 20,
                publishingEnabled: true))
        return try await connection.createMonitoredItems(
            nodes.enumerated().map { index, node in
                MonitoredItemCreateRequest(
                    itemToMonitor: ReadValueId(nodeId: node, attributeId: AttributeID.value.rawValue),
                    monitoringMode: .reporting,
                    requestedParameters: MonitoringParameters(
                        clientHandle: UInt32(index), samplingInterval: 0, queueSize: 100, discardOldest: true))
            }, in: subscription.subscriptionId, limits: limits)
    }

    @Test func subscribedValuesArriveInOrderAndOneUnknownNodeStopsNoOther() async throws {
        try await withPlant { plant, endpoint in
            let collector = Collector()
            try await OPCUAConnection.withConnection(.init(endpoint: endpoint), receiver: collector) { connection in
                let results = try await subscribe(
                    connection, [Self.node(0), NodeId(namespace: 2, string: "nowhere"), Self.node(1)])
                #expect(results.map(\.statusCode) == [.good, .badNodeIdUnknown, .good])
                try await collector.wait { !$0.values(of: 0).isEmpty && !$0.values(of: 2).isEmpty }
                for number in 1...20 {
                    plant.server.update([VariableUpdate(plant.variables[0], DataValue(.double(Double(number) + 0.5)))])
                }
                try await collector.wait { $0.values(of: 0).count == 21 }
                #expect(collector.values(of: 0) == [.double(0)] + (1...20).map { .double(Double($0) + 0.5) })
                #expect(collector.values(of: 2) == [.double(1)])
                let messages = collector.state.withLock { $0.messages }
                connection.acknowledge(messages)
                #expect(messages.map(\.number) == (1...UInt32(messages.count)).map { $0 })
            }
        }
    }

    @Test func withheldDemandHoldsValuesAtTheServer() async throws {
        try await withPlant { plant, endpoint in
            let collector = Collector()
            var settings = OPCUAClientConfiguration(endpoint: endpoint)
            // On a slow machine more would be out.
            settings.publish.maxOutstanding = settings.publish.outstanding
            try await OPCUAConnection.withConnection(settings, receiver: collector) { connection in
                _ = try await subscribe(connection, [Self.node(0)])
                try await collector.wait { !$0.values(of: 0).isEmpty }
                connection.demand(false)
                // The Publish requests that are at the server already are still answered, one by one; after that
                // a value stays there.
                var sent = 0
                var isHeld = false
                while !isHeld, sent <= PublishSettings().outstanding + 1 {
                    sent += 1
                    plant.server.update([VariableUpdate(plant.variables[0], DataValue(.double(100 + Double(sent))))])
                    isHeld = try await !collector.has(sent + 1, of: 0, within: .seconds(1))
                }
                #expect(isHeld)
                connection.demand(true)
                try await collector.wait { $0.values(of: 0).count == sent + 1 }
                #expect(collector.values(of: 0).last == .double(100 + Double(sent)))
            }
        }
    }

    @Test func smallOperationLimitsAreKept() async throws {
        try await withPlant(tags: 25, operations: 4) { _, endpoint in
            try await OPCUAConnection.withConnection(.init(endpoint: endpoint), receiver: Collector()) { connection in
                let limits = try await connection.operationLimits()
                #expect(limits.nodesPerRead == 4)
                let values = try await connection.read((0..<25).map { (Self.node($0), .value) }, limits: limits)
                #expect(values.map(\.value) == (0..<25).map { .double(Double($0)) })
                // A client that believes in more is answered with halves.
                let again = try await connection.read(
                    (0..<25).map { (Self.node($0), .value) }, limits: OperationLimits())
                #expect(again.map(\.value) == values.map(\.value))
            }
        }
    }

    @Test func aServerThatGoesAwayEndsTheConnectionAsTransient() async throws {
        let (running, isRunning) = AsyncStream<OPCUAEndpoint>.makeStream()
        let (subscribed, isSubscribed) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withPlant { _, endpoint in
                    isRunning.yield(endpoint)
                    // The server stops when the client has subscribed.
                    for await _ in subscribed { break }
                }
            }
            for await endpoint in running {
                await #expect {
                    try await OPCUAConnection.withConnection(.init(endpoint: endpoint), receiver: Collector()) {
                        _ = try await subscribe($0, [Self.node(0)])
                        isSubscribed.yield()
                        try await Task.sleep(for: .seconds(600))
                    }
                } throws: { ($0 as? OPCUAClientError)?.disposition == .transient }
                break
            }
            try await group.waitForAll()
        }
    }

    @Test func aRefusedPortIsASentence() async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = listener.localAddress?.port ?? 0
        try await listener.close()
        let endpoint = try OPCUAEndpoint("opc.tcp://127.0.0.1:\(port)")
        await #expect {
            try await OPCUAConnection.withConnection(.init(endpoint: endpoint), receiver: Collector()) { _ in }
        } throws: { error in
            let error = error as? OPCUAClientError
            return error?.disposition == .transient && error?.message.contains("\(port)") == true
        }
    }
}
