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
        case call(EventLoopPromise<ByteBuffer>, deadline: NIODeadline)
        case publish
        case republish(subscription: UInt32)
        /// The answer matters to nobody: a sign of life.
        case nobody
    }

    let configuration: OPCUAClientConfiguration
    let receiver: any OPCUAReceiver
    var session: ClientSession?
    var pool: PublishPool
    var subscriptions: [UInt32: Subscription] = [:]
    private(set) var channel: ClientChannel
    private var decoder: FrameDecoder
    private var pending: [UInt32: Pending] = [:]
    private var context: ChannelHandlerContext?
    private var opened: EventLoopPromise<Void>?
    private var ended: EventLoopPromise<Void>?
    private var ending: OPCUAClientError?
    private var ticks: RepeatedTask?

    /// A subscription with what keeps it alive while nothing is published.
    struct Subscription {
        var state: ClientSubscription<NotificationReader>
        var refresh: ModifySubscriptionRequest
        var refreshAt: NIODeadline
    }

    init(_ configuration: OPCUAClientConfiguration, security: ChannelSecurity, receiver: any OPCUAReceiver) {
        self.configuration = configuration
        self.receiver = receiver
        pool = PublishPool(configuration.publish)
        let limits = TransportLimits()
        channel = ClientChannel(
            ClientChannelSettings(
                endpointURL: configuration.endpoint.url, limits: limits, decoding: configuration.decoding,
                tokenLifetime: configuration.tokenLifetime), security: security)
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
        guard let context else { preconditionFailure("used before it was added to a channel") }
        let promise = context.eventLoop.makePromise(of: ByteBuffer.self)
        let deadline = NIODeadline.now() + configuration.requestTimeout
        if let refusal = send(request, .call(promise, deadline: deadline)) { promise.fail(refusal) }
        context.flush()
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
        case .call(let promise, _): promise.succeed(message)
        case .publish: publishAnswered(message)
        case .republish(let subscription): republishAnswered(subscription, message)
        case .nobody, nil: break
        }
    }

    private func aborted(_ requestId: UInt32, _ error: OPCUAError) {
        switch pending.removeValue(forKey: requestId) {
        case .call(let promise, _): promise.fail(OPCUAClientError(error, at: address))
        case .publish, .republish: fail(error)
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
        for (requestId, waiting) in pending {
            guard case .call(let promise, let deadline) = waiting, deadline <= now.monotonic else { continue }
            pending[requestId] = .nobody
            promise.fail(OPCUAClientError(.transient, "\(address): the server did not answer a request in time"))
        }
        subscriptionDeadlinesReached(now.monotonic)
        context?.flush()
    }

    // MARK: The end

    var address: String { configuration.endpoint.address }

    /// Succeeds when requests can be sent.
    var openedFuture: EventLoopFuture<Void>? { opened?.futureResult }

    /// Fails with the reason when the connection is over.
    var endedFuture: EventLoopFuture<Void>? { ended?.futureResult }

    func fail(_ error: OPCUAError) {
        end(OPCUAClientError(error, at: address))
        context?.close(promise: nil)
    }

    /// Says goodbye and closes.
    func close() {
        guard ending == nil else { return }
        // The machine wrote the session's token into it, which it forgets with the session.
        if let request = session?.close(now: Self.now) { sendAsIs(request, .nobody) }
        if let bytes = channel.close(now: Self.now) { write(bytes) }
        context?.flush()
        end(OPCUAClientError(.transient, "\(address): closed by this side"))
        context?.close(promise: nil)
    }

    private func end(_ reason: OPCUAClientError) {
        guard ending == nil else { return }
        ending = reason
        ticks?.cancel()
        for waiting in pending.values {
            if case .call(let promise, _) = waiting { promise.fail(reason) }
        }
        pending.removeAll()
        opened?.fail(reason)
        ended?.fail(reason)
    }

    private func write(_ bytes: ByteBuffer) {
        context?.write(wrapOutboundOut(bytes), promise: nil)
        if !channel.isOpen { context?.flush() }
    }

    func flush() { context?.flush() }
}
