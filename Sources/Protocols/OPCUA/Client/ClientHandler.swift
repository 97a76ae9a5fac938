import NIOCore
import OPCUACore
import OPCUASecurity
import OPCUATypes

/// The client's end of a channel: decodes, asks the machines, performs what they say. Lives on its event loop.
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Who waits for the answer to a request.
    enum Pending {
        case call(EventLoopPromise<ByteBuffer>, sent: NIODeadline)
        case publish(UInt64)
        case republish(subscription: UInt32, number: UInt32, deadline: NIODeadline)
        /// The answer matters to nobody: a sign of life.
        case nobody
    }

    let configuration: OPCUAClientConfiguration
    let receiver: any OPCUAReceiver
    let recovery: OPCUARecovery?
    let loop: any EventLoop
    var session: ClientSession?
    var pool: PublishPool
    var latency = PublishLatency()
    var subscriptions: [UInt32: Subscription] = [:]
    /// Succeeds when the subscriptions of an earlier connection are caught up with.
    var takenUp: EventLoopPromise<Void>?
    private(set) var channel: ClientChannel
    private var decoder: FrameDecoder
    private var pending: [UInt32: Pending] = [:]
    private var context: ChannelHandlerContext?
    private var opened: EventLoopPromise<Void>?
    private var ended: EventLoopPromise<Void>?
    private(set) var ending: OPCUAClientError?
    private var isProved = false
    private var ticks: RepeatedTask?

    /// - Parameter url: the endpoint as Hello names it.
    init(
        _ configuration: OPCUAClientConfiguration, url: String, security: ChannelSecurity,
        receiver: any OPCUAReceiver, recovery: OPCUARecovery?, on loop: any EventLoop
    ) {
        self.configuration = configuration
        self.receiver = receiver
        self.recovery = recovery
        self.loop = loop
        pool = PublishPool(configuration.publish)
        var limits = configuration.transport
        let decoding = configuration.decoding
        if limits.maxMessageBytes == 0 { limits.maxMessageBytes = UInt32(clamping: decoding.maxMessageBytes) }
        if limits.maxChunkCount == 0 { limits.maxChunkCount = UInt32(clamping: decoding.maxChunkCount) }
        channel = ClientChannel(
            ClientChannelSettings(
                endpointURL: url, limits: limits, decoding: decoding, tokenLifetime: configuration.tokenLifetime),
            security: security)
        decoder = FrameDecoder(maxFrameBytes: Int(limits.receiveBufferBytes))
    }

    static var now: Moment {
        Moment(monotonic: .now(), utc: WallClock.now())
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        opened = context.eventLoop.makePromise()
        ended = context.eventLoop.makePromise()
        if context.channel.isActive { start(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }

    private func start(_ context: ChannelHandlerContext) {
        guard ticks == nil else { return }
        context.writeAndFlush(wrapOutboundOut(channel.connected()), promise: nil)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        ticks = context.eventLoop.scheduleRepeatedTask(initialDelay: .milliseconds(250), delay: .milliseconds(250)) {
            _ in bound.value.deadlinesReached()
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        do throws(OPCUAError) {
            while ending == nil, let frame = try decoder.next() { frameReceived(frame) }
        } catch {
            fail(error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(OPCUAClientError(.transient, "\(address): the server closed the connection"))
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        end(OPCUAClientError(.transient, "\(address): the connection is closed"))
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(OPCUAClientError(.transient, "\(address): the connection broke: \(error)"))
        context.close(promise: nil)
    }

    private func frameReceived(_ frame: Frame) {
        switch channel.frameReceived(frame, now: Self.now) {
        case .wait, .renewed: break
        case .send(let bytes): write(bytes)
        case .opened: opened?.succeed()
        case .response(let requestId, let message): answered(requestId, message)
        case .aborted(let requestId, let error): aborted(requestId, error)
        case .fail(let error): fail(error)
        }
    }

    // MARK: Requests and answers

    /// Sends a request whose answer goes to a promise.
    func call<Request: ServiceRequest>(_ request: Request) -> EventLoopFuture<ByteBuffer> {
        let promise = loop.makePromise(of: ByteBuffer.self)
        if let refusal = send(request, .call(promise, sent: .now())) { promise.fail(refusal) }
        flush()
        return promise.futureResult
    }

    /// Sends a request; returns why it cannot.
    @discardableResult
    func send<Request: ServiceRequest>(_ request: Request, _ waiting: Pending) -> OPCUAClientError? {
        if let ending { return ending }
        var request = request
        // A Publish waits for news as long as it takes: no hint lets the server give it up (Part 4, 7.33).
        var timeout = configuration.requestTimeout
        if case .publish = waiting { timeout = .zero }
        if let header = session?.requestHeader(now: Self.now, timeout: timeout) {
            request.requestHeader = header
        } else {
            request.requestHeader.timestamp = Self.now.utc
        }
        return sendAsIs(request, waiting)
    }

    /// Sends a request whose header is complete; returns why it cannot.
    @discardableResult
    private func sendAsIs<Request: ServiceRequest>(_ request: Request, _ waiting: Pending) -> OPCUAClientError? {
        switch channel.send(OutgoingMessage(request)) {
        case .refuse(let error): return OPCUAClientError(error, at: address)
        case .write(let bytes, let requestId):
            pending[requestId] = waiting
            write(bytes)
            return nil
        }
    }

    private func answered(_ requestId: UInt32, _ message: ByteBuffer) {
        switch pending.removeValue(forKey: requestId) {
        case .call(let promise, let sent):
            latency.answered(after: .now() - sent)
            promise.succeed(message)
        case .publish(let number): publishAnswered(number, message)
        case .republish(let subscription, let number, _): republishAnswered(subscription, number, message)
        case .nobody, nil: break
        }
    }

    /// The server could not send an answer, for its size most often (Part 6, 6.7.3).
    private func aborted(_ requestId: UInt32, _ error: OPCUAError) {
        switch pending.removeValue(forKey: requestId) {
        case .call(let promise, _): promise.fail(OPCUAClientError(error, at: address))
        case .publish(let number): publishFailed(number, error.status)
        case .republish: fail(error)
        case .nobody, nil: break
        }
    }

    private func deadlinesReached() {
        let now = Self.now
        switch channel.deadlineReached(now: now) {
        case .wait: break
        case .send(let bytes): write(bytes)
        case .fail(let error): return fail(error)
        }
        if session?.deadlineReached(now: now) == .keepAlive {
            send(ReadRequest(nodesToRead: [ReadValueId(nodeId: NodeId(2259), attributeId: 13)]), .nobody)
        }
        requestDeadlinesReached(now.monotonic)
        subscriptionDeadlinesReached(now.monotonic)
        context?.flush()
    }

    private func requestDeadlinesReached(_ now: NIODeadline) {
        for (requestId, waiting) in pending {
            switch waiting {
            case .call(let promise, let sent) where sent + configuration.requestTimeout <= now:
                pending[requestId] = .nobody
                var error = OPCUAClientError(
                    .transient, status: .badTimeout, "\(address): the server did not answer a request in time")
                error.isOfLink = true
                promise.fail(error)
            case .republish(_, _, let deadline) where deadline <= now:
                return fail(OPCUAError(.badTimeout, "the server did not answer a Republish in time"))
            case .call, .republish, .publish, .nobody: break
            }
        }
    }

    /// The server published something.
    func proved() {
        guard !isProved else { return }
        isProved = true
        recovery?.withLock { $0.proved() }
    }

    // MARK: The end

    var address: String { configuration.endpoint.address }

    /// Succeeds when requests can be sent.
    var openedFuture: EventLoopFuture<Void>? { opened?.futureResult }

    /// Fails with the reason when the connection is over.
    var endedFuture: EventLoopFuture<Void>? { ended?.futureResult }

    func fail(_ error: OPCUAError) {
        end(OPCUAClientError(error, at: address), .server(error.status))
        context?.close(promise: nil)
    }

    /// Says goodbye and closes.
    /// - Parameter keepsSession: leaves session and subscriptions at the server, for the next connection to take up.
    func close(keepsSession: Bool = false) {
        guard ending == nil else { return }
        // The machine wrote the session's token into it, which it forgets with the session.
        if !keepsSession, let request = session?.close(now: Self.now) { sendAsIs(request, .nobody) }
        if let bytes = channel.close(now: Self.now) { write(bytes) }
        context?.flush()
        end(
            OPCUAClientError(.transient, "\(address): closed by this side"), keepsSession ? .link : .closed)
        context?.close(promise: nil)
    }

    private func end(_ reason: OPCUAClientError, _ cause: Recovery.End = .link) {
        guard ending == nil else { return }
        var reason = reason
        reason.isOfLink = true
        ending = reason
        ticks?.cancel()
        if session != nil { remember(cause) }
        for waiting in pending.values {
            if case .call(let promise, _) = waiting { promise.fail(reason) }
        }
        pending.removeAll()
        opened?.fail(reason)
        ended?.fail(reason)
        takenUp?.fail(reason)
        takenUp = nil
    }

    private func remember(_ cause: Recovery.End) {
        let next = subscriptions.mapValues(\.state.next)
        let (unconfirmed, wasProved) = (pool.unconfirmed, isProved)
        recovery?.withLock { $0.ended(cause, next: next, unconfirmed: unconfirmed, wasProved: wasProved) }
    }

    private func write(_ bytes: ByteBuffer) {
        context?.write(wrapOutboundOut(bytes), promise: nil)
        if !channel.isOpen { context?.flush() }
    }

    func flush() { context?.flush() }
}
