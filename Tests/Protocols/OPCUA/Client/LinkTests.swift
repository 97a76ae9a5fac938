import NIOCore
import NIOPosix
import OPCUAClient
import OPCUACore
import OPCUAServer
import OPCUATypes
import Testing

@Suite(.timeLimit(.minutes(1))) struct LinkTests {
    func connect(_ port: Int, _ change: (inout OPCUAClientConfiguration) -> Void = { _ in }) async throws {
        try await OPCUAConnection.withConnection(try configuration(port, change), receiver: Collector()) { _ in }
    }

    /// A port that nobody listens on: bound, learnt and given back.
    func freePort() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = channel.localAddress?.port ?? 0
        try await channel.close()
        return port
    }

    @Test func refusedPortIsNamed() async throws {
        let port = try await freePort()
        let error = await #expect(throws: OPCUAClientError.self) { try await connect(port) }
        #expect(error?.disposition == .transient)
        #expect(error?.message.contains("refused the connection") == true)
    }

    @Test func unknownHostIsNamed() async throws {
        let endpoint = try OPCUAEndpoint("opc.tcp://host.invalid:4840")
        let error = await #expect(throws: OPCUAClientError.self) {
            try await OPCUAConnection.withConnection(
                OPCUAClientConfiguration(endpoint: endpoint), receiver: Collector()
            ) { _ in }
        }
        #expect(error?.disposition == .transient)
        #expect(error?.message.contains("host.invalid") == true)
    }

    @Test(arguments: [
        "http://h", "opc.tcp://", "opc.tcp://:4840", "opc.tcp://h:0", "opc.tcp://h:x", "opc.tcp://h:65536",
        "opc.tcp://[::1", "opc.tcp://::1:4840", "opc.tcp://h:",
    ])
    func wrongURLsAreFatal(_ text: String) {
        let error = #expect(throws: OPCUAClientError.self) { try OPCUAEndpoint(text) }
        #expect(error?.disposition == .fatal)
    }

    @Test func rightURLsAreUnderstood() throws {
        #expect(try OPCUAEndpoint("opc.tcp://h/path:1/x").port == 4840)
        #expect(try OPCUAEndpoint("opc.tcp://[::1]:48010/x").address == "[::1]:48010")
        #expect(try OPCUAEndpoint("OPC.TCP://h:1").host == "h")
    }

    /// Whatever speaks on that port, it is not OPC UA.
    @Test func foreignProtocolsAreNamed() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Refusal())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port ?? 0
        let error = await #expect(throws: OPCUAClientError.self) { try await connect(port) }
        #expect(error?.message.contains("does not speak opc.tcp") == true)
        try await server.close()
    }

    @Test func silenceEndsTheHandshake() async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port ?? 0
        let error = await #expect(throws: OPCUAClientError.self) {
            try await connect(port) { $0.connectTimeout = .milliseconds(200) }
        }
        #expect(error?.disposition == .transient)
        try await server.close()
    }

    /// One session at a time is all that the server grants: each must be closed for the next to come.
    @Test func sessionsAreClosed() async throws {
        let plant = try Plant(variables: 1) { $0.limits.maxSessions = 1 }
        try await plant.serve { port in
            for _ in 0..<5 { try await connect(port) }
        }
    }

    /// The server goes away in mid-subscription: the connection ends at once, with an error worth a new try.
    @Test func serverThatStopsEndsTheConnection() async throws {
        let plant = try Plant(variables: 1)
        let collector = Collector()
        let (ports, portFound) = AsyncStream.makeStream(of: Int.self)
        let server = Task { try await plant.server.run { portFound.yield($0.port ?? 0) } }
        var found = ports.makeAsyncIterator()
        let port = await found.next() ?? 0
        let error = await #expect(throws: OPCUAClientError.self) {
            try await OPCUAConnection.withConnection(try configuration(port), receiver: collector) { connection in
                let subscription = try await connection.createSubscription(subscriptionRequest()).subscriptionId
                _ = try await connection.createMonitoredItems(items(1), in: subscription, limits: OperationLimits())
                for await _ in collector.messages {
                    server.cancel()
                    break
                }
                try await Task.sleep(for: .seconds(60))
            }
        }
        #expect(error?.disposition == .transient)
        try await server.value
        // The same port serves again, and the same client connects again.
        let again = try Plant(variables: 1, port: port)
        try await again.serve { port in try await connect(port) }
    }

    @Test func errorsOfTheBodyPassThrough() async throws {
        struct Mine: Error {}
        let plant = try Plant(variables: 1)
        try await plant.serve { port in
            await #expect(throws: Mine.self) {
                try await OPCUAConnection.withConnection(try configuration(port), receiver: Collector()) { _ in
                    throw Mine()
                }
            }
        }
    }

    @Test func usedPortIsAClearLine() async throws {
        let plant = try Plant(variables: 1)
        try await plant.serve { port in
            let second = try Plant(variables: 1, port: port)
            let error = await #expect(throws: ServerError.self) { try await second.server.run() }
            #expect(error?.description.contains("port \(port)") == true)
        }
    }
}

/// Answers anything as a web server would.
private final class Refusal: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n")), promise: nil)
    }
}
