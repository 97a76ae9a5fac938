import DequeModule
public import NIOCore
public import NIOPosix
import OPCUACore
import OPCUATypes
import Synchronization

/// Takes connections that servers make (Part 6, 7.1.2.6), for plants that open no port towards the connector.
///
/// Each connection of a server is used for one secure channel; the server makes the next when that one is over.
public final class OPCUAReverseListener: Sendable {
    struct Incoming: Sendable {
        var channel: any Channel
        var hello: ReverseHello
    }

    private struct State {
        var arrived: Deque<Incoming> = []
        var waiting: [(number: Int, promise: EventLoopPromise<Incoming>)] = []
        var lastNumber = 0
    }

    /// Most connections that wait to be used; more are closed, and their servers come again.
    public static let maxArrived = 4
    /// Longest time that a server gets to say ReverseHello.
    static let helloTime = TimeAmount.seconds(10)

    private let state = Mutex(State())
    private let loop: any EventLoop
    /// Nil takes any server; certificates say whom to trust.
    private let serverURI: String?

    private init(_ loop: any EventLoop, serverURI: String?) {
        self.loop = loop
        self.serverURI = serverURI
    }

    /// Listens while `body` runs.
    ///
    /// - Parameters:
    ///   - serverURI: the ApplicationUri of the only server that is let in.
    ///   - body: gets the listener and the port that it has.
    /// - Throws: `OPCUAClientError` when the address cannot be listened on; else what `body` throws.
    @concurrent
    public static func withListener(
        host: String, port: Int, serverURI: String? = nil,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        _ body: (OPCUAReverseListener, _ port: Int) async throws -> Void
    ) async throws {
        let listener = OPCUAReverseListener(group.any(), serverURI: serverURI)
        let server: any Channel
        do {
            server = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 16)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            ReverseHelloHandler(listener), name: ReverseHelloHandler.name)
                    }
                }
                .bind(host: host, port: port).get()
        } catch {
            throw OPCUAClientError(
                .permanent, "cannot listen on \(host):\(port) for servers: \(error); is the port in use?")
        }
        do {
            try await body(listener, server.localAddress?.port ?? port)
        } catch {
            await listener.end(server)
            throw error
        }
        await listener.end(server)
    }

    private func end(_ server: any Channel) async {
        // A channel that fails to close is closed all the same.
        try? await server.close()
        let left = state.withLock { state in
            defer { state.arrived.removeAll() }
            return state.arrived
        }
        for incoming in left { incoming.channel.close(promise: nil) }
    }

    /// The next connection of a server, whenever it comes within a time.
    func accept(within time: TimeAmount) async throws -> Incoming {
        let promise = loop.makePromise(of: Incoming.self)
        let (number, incoming) = state.withLock { state -> (Int, Incoming?) in
            state.lastNumber += 1
            if let first = state.arrived.popFirst() { return (state.lastNumber, first) }
            state.waiting.append((state.lastNumber, promise))
            return (state.lastNumber, nil)
        }
        if let incoming {
            promise.succeed(incoming)
            return incoming
        }
        let timeout = loop.scheduleTask(in: time) {
            self.giveUp(
                number,
                OPCUAClientError(
                    .transient, "no server has connected to this side; is reverse connect set up at the server?"))
        }
        defer { timeout.cancel() }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            giveUp(number, CancellationError())
        }
    }

    private func giveUp(_ number: Int, _ error: any Error) {
        let promise = state.withLock { state -> EventLoopPromise<Incoming>? in
            guard let index = state.waiting.firstIndex(where: { $0.number == number }) else { return nil }
            return state.waiting.remove(at: index).promise
        }
        promise?.fail(error)
    }

    /// A server said who it is.
    /// - Returns: whether it may stay.
    fileprivate func arrived(_ incoming: Incoming) -> Bool {
        if let serverURI, incoming.hello.serverURI != serverURI { return false }
        let (promise, stays) = state.withLock { state -> (EventLoopPromise<Incoming>?, Bool) in
            if !state.waiting.isEmpty { return (state.waiting.removeFirst().promise, true) }
            guard state.arrived.count < Self.maxArrived else { return (nil, false) }
            state.arrived.append(incoming)
            return (nil, true)
        }
        promise?.succeed(incoming)
        return stays
    }

    /// A connection ended before it was used.
    fileprivate func left(_ channel: any Channel) {
        state.withLock { $0.arrived.removeAll { $0.channel === channel } }
    }
}

/// Waits for the ReverseHello of a server and holds the connection until it is used.
final class ReverseHelloHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    static let name = "ReverseHello"

    private let listener: OPCUAReverseListener
    /// The message has at most two texts of 4096 bytes, each with its length.
    private var decoder = FrameDecoder(maxFrameBytes: Frame.headerBytes + 2 * (4 + 4096))
    private var timeout: Scheduled<Void>?
    private var isKnown = false

    init(_ listener: OPCUAReverseListener) { self.listener = listener }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timeout = context.eventLoop.scheduleTask(in: OPCUAReverseListener.helloTime) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timeout?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        do throws(OPCUAError) {
            guard let frame = try decoder.next() else { return }
            // One ReverseHello and nothing else until the client answers.
            guard !isKnown, let hello = try ReverseHello(frame) else { return context.close(promise: nil) }
            isKnown = true
            timeout?.cancel()
            if !listener.arrived(.init(channel: context.channel, hello: hello)) { context.close(promise: nil) }
        } catch {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        listener.left(context.channel)
        context.fireChannelInactive()
    }
}
