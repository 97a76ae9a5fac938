import Logging
import NIOCore
import NIOPosix
import OPCUACore
import OPCUAServer
import OPCUATypes
import Synchronization
import Testing

@testable import OPCUAClient

/// Our client on our server, the link cut in between.
@Suite(.timeLimit(.minutes(1))) struct RecoveryLoopbackTests {
    private struct Cut: Error {}

    /// Breaks the link as a cable would: no goodbye.
    private func cut(_ connection: OPCUAConnection) {
        connection.channel.close(promise: nil)
    }

    /// Runs one connection until its link breaks.
    private func untilCut(
        _ port: Int, _ collector: Collector, _ recovery: OPCUARecovery,
        _ body: @escaping @Sendable (OPCUAConnection) async throws -> Void
    ) async throws {
        let error = await #expect(throws: OPCUAClientError.self) {
            try await OPCUAConnection.withConnection(
                try configuration(port), receiver: collector, recovery: recovery
            ) { connection in
                try await body(connection)
                self.cut(connection)
                try await Task.sleep(for: .seconds(60))
            }
        }
        #expect(error?.isOfLink == true)
    }

    /// The session is activated again, the subscription goes on, and what happened in between is not lost.
    @Test func brokenLinkLosesNothing() async throws {
        let plant = try Plant(variables: 1)
        try await plant.serve { port in
            let recovery = OPCUARecovery()
            let collector = Collector()
            var messages = collector.messages.makeAsyncIterator()
            let ids = Mutex<[UInt32]>([])
            try await untilCut(port, collector, recovery) { connection in
                let id = try await connection.createSubscription(subscriptionRequest(interval: 20)).subscriptionId
                ids.withLock { $0.append(id) }
                _ = try await connection.createMonitoredItems(
                    items(1, queueSize: 100), in: id, limits: OperationLimits())
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(recovery.subscriptions.map(\.id) == ids.withLock { $0 })
            for value in 1...5 { plant.update(Double(value), at: Int64(value)) }
            try await OPCUAConnection.withConnection(
                try configuration(port), receiver: collector, recovery: recovery
            ) { connection in
                let resumed = try await connection.resumeSubscriptions()
                #expect(Array(resumed) == ids.withLock { $0 })
                plant.update(6, at: 6)
                try await Task.sleep(for: .milliseconds(200))
            }
            // A clean end leaves nothing behind.
            #expect(recovery.subscriptions.isEmpty)
            var values: [Double] = []
            while values.last != 6, let message = await messages.next() {
                for sample in message.samples { if case .double(let value) = sample.value { values.append(value) } }
            }
            #expect(values == [0, 1, 2, 3, 4, 5, 6])
        }
    }

    /// Without the old session the subscription moves to a new one, with what was never acknowledged.
    @Test func subscriptionMovesToANewSession() async throws {
        let plant = try Plant(variables: 1)
        try await plant.serve { port in
            let first = OPCUARecovery()
            let collector = Collector()
            try await untilCut(port, collector, first) { connection in
                let id = try await connection.createSubscription(subscriptionRequest(interval: 20)).subscriptionId
                _ = try await connection.createMonitoredItems(
                    items(1, queueSize: 100), in: id, limits: OperationLimits())
                try await Task.sleep(for: .milliseconds(100))
                plant.update(1, at: 1)
                try await Task.sleep(for: .milliseconds(100))
            }
            // Another run of the program: it knows the number and nothing else.
            var left = first.subscriptions
            for index in left.indices { left[index].next = nil }
            let second = Collector()
            var messages = second.messages.makeAsyncIterator()
            try await OPCUAConnection.withConnection(
                try configuration(port), receiver: second, recovery: OPCUARecovery()
            ) { [left] connection in
                let resumed = try await connection.resumeSubscriptions(adopting: left)
                #expect(resumed == Set(left.map(\.id)))
                try await Task.sleep(for: .milliseconds(200))
            }
            // Nothing was acknowledged, so everything comes again, from the first message on.
            let message = await messages.next()
            #expect(message?.number == 1)
            guard case .double(0)? = message?.samples.first?.value else {
                return #expect(Bool(false), "\(message as Any)")
            }
        }
    }

    @Test func unknownSubscriptionsAreMadeAgain() async throws {
        let plant = try Plant(variables: 1)
        try await plant.serve { port in
            let left = RememberedSubscription(
                CreateSubscriptionResponse(
                    subscriptionId: 4711, revisedPublishingInterval: 100, revisedMaxKeepAliveCount: 10),
                asked: CreateSubscriptionRequest())
            try await OPCUAConnection.withConnection(
                try configuration(port), receiver: Collector(), recovery: OPCUARecovery()
            ) { connection in
                let resumed = try await connection.resumeSubscriptions(adopting: [left])
                #expect(resumed.isEmpty)
                _ = try await connection.createSubscription(subscriptionRequest())
            }
        }
    }

    /// Many restarts, one after the other, never leave more than one session open: the server grants no second.
    @Test func restartStormKeepsToOneSession() async throws {
        let plant = try Plant(variables: 1) { $0.limits.maxSessions = 1 }
        try await plant.serve { port in
            let recovery = OPCUARecovery()
            for _ in 0..<20 {
                try await untilCut(port, Collector(), recovery) { _ = try await $0.operationLimits() }
            }
        }
    }

    /// The server starts again, twenty times, while its client is subscribed.
    @Test func serverThatRestartsTwentyTimesIsFollowed() async throws {
        let first = try Plant(variables: 1)
        let (ports, portFound) = AsyncStream.makeStream(of: Int.self)
        var server = Task { try await first.server.run { portFound.yield($0.port ?? 0) } }
        var found = ports.makeAsyncIterator()
        let port = await found.next() ?? 0
        let recovery = OPCUARecovery()
        for round in 1...20 {
            let collector = Collector()
            let running = server
            await #expect(throws: OPCUAClientError.self) {
                try await OPCUAConnection.withConnection(
                    try configuration(port), receiver: collector, recovery: recovery
                ) { connection in
                    let resumed = try await connection.resumeSubscriptions()
                    #expect(resumed.isEmpty, "a server that restarted knows nothing")
                    let id = try await connection.createSubscription(subscriptionRequest()).subscriptionId
                    _ = try await connection.createMonitoredItems(items(1), in: id, limits: OperationLimits())
                    for await _ in collector.messages { break }
                    running.cancel()
                    try await Task.sleep(for: .seconds(60))
                }
            }
            try await server.value
            guard round < 20 else { break }
            let next = try Plant(variables: 1, port: port)
            server = Task { try await next.server.run { portFound.yield($0.port ?? 0) } }
            _ = await found.next()
        }
    }

    /// Nobody answers; the one who asked no longer wants to know.
    @Test func diallingEndsWhenItIsCancelled() async throws {
        let silent = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = silent.localAddress?.port ?? 0
        let task = Task {
            try await OPCUAConnection.withConnection(
                try configuration(port) { $0.connectTimeout = .hours(1) }, receiver: Collector()
            ) { _ in }
        }
        try await Task.sleep(for: .milliseconds(50))
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
        try await silent.close()
    }

    /// Buffers of 8192 bytes and few chunks both ways: batches shrink until answers fit.
    @Test func smallBuffersAreEnough() async throws {
        let plant = try Plant(variables: 500)
        try await plant.serve { port in
            let small = TransportLimits(
                receiveBufferBytes: 8192, sendBufferBytes: 8192, maxMessageBytes: 16_384, maxChunkCount: 2)
            try await OPCUAConnection.withConnection(
                try configuration(port) { $0.transport = small }, receiver: Collector()
            ) { connection in
                let nodes = (0..<500).map { (node: Plant.node($0), attribute: AttributeID.browseName) }
                let names = try await connection.read(nodes, limits: OperationLimits())
                #expect(names.count == 500 && names.allSatisfy { $0.status.isGood })
                let limits = OperationLimits()
                let browsed = try await connection.browse(
                    (0..<500).map {
                        BrowseDescription(
                            nodeId: Plant.node($0), browseDirection: .both, includeSubtypes: true, resultMask: 63)
                    }, limits: limits)
                #expect(browsed.count == 500 && browsed.allSatisfy { $0.references.count >= 3 })
            }
        }
    }

    @Test func serverDialsTheClient() async throws {
        let plant = try Plant(variables: 1)
        try await plant.serve { port in
            try await OPCUAReverseListener.withListener(host: "127.0.0.1", port: 0) { listener, listening in
                let bridge = Task { try await ReverseBridge.run(server: port, listener: listening) }
                try await OPCUAConnection.withConnection(
                    try configuration(port), receiver: Collector(), dialling: .accept(from: listener)
                ) { connection in
                    let value = try await connection.read([(Plant.node(0), .value)], limits: OperationLimits())
                    #expect(value.first?.value == .double(0))
                }
                bridge.cancel()
                _ = try? await bridge.value
            }
        }
    }

    @Test func discoveryNeedsNoSession() async throws {
        let plant = try Plant(variables: 1) { $0.limits.maxSessions = 0 }
        try await plant.serve { port in
            let found = try await OPCUAConnection.discover(try configuration(port))
            #expect(found.servers.first?.applicationUri == "urn:test:server")
            #expect(found.endpoints.isEmpty == false)
        }
    }
}
