import Logging
import NIOCore
import OPCUACore
import OPCUASecurity
import OPCUATypes

/// One client's connection: frames in, machine, actions out.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let core: ServerCore
    private var decoder: FrameDecoder
    private var machine: ServerChannel
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    let channelId: UInt32
    /// What is said first on a connection that the server itself has made.
    private let greeting: ReverseHello?
    /// Longest response that the client takes, in bytes, as its session said; 0 for any.
    var maxResponseBytes = 0
    /// Longest response that both its session and its channel take, in bytes; `.max` for any.
    var responseCapacity: Int {
        min(machine.responseCapacity, maxResponseBytes == 0 ? .max : maxResponseBytes)
    }
    /// The URL of the client's Hello.
    var endpointURL: String { machine.endpointURL }
    /// How the channel is protected.
    var security: ChannelSecurity { machine.security }

    /// - Parameter greeting: for a connection that the server has made.
    init(core: ServerCore, greeting: ReverseHello? = nil) {
        self.core = core
        self.greeting = greeting
        channelId = core.nextChannelId()
        decoder = FrameDecoder(maxFrameBytes: Int(core.configuration.channel.limits.receiveBufferBytes))
        let security = core.configuration.security
        var settings = core.configuration.channel
        // The client answers when it has a use for the connection.
        if greeting != nil { settings.openingTimeout = Self.reverseWait }
        machine = ServerChannel(
            channelId: channelId, settings: settings,
            security: ServerChannelSecurity(
                offers: security.offers, credentials: security.credentials, trust: security.trust()),
            now: SystemClock.moment)
    }

    private static let reverseWait = TimeAmount.minutes(1)

    func channelActive(context: ChannelHandlerContext) {
        if let greeting { context.writeAndFlush(wrapOutboundOut(greeting.frame), promise: nil) }
        context.fireChannelActive()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        core.connections[channelId] = self
        armTimer()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        self.context = nil
        core.connectionClosed(channelId)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        do throws(OPCUAError) {
            while let frame = try decoder.next() { perform(machine.frameReceived(frame, now: SystemClock.moment)) }
        } catch {
            core.logger.debug("connection refused", metadata: ["reason": "\(error)"])
            close(after: machine.framingFailed(error))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.flush()
        context.fireChannelReadComplete()
    }

    /// A client that does not read its answers gets no more of its requests read.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.channel.setOption(.autoRead, value: context.channel.isWritable).assumeIsolated().whenFailure { _ in
            context.close(promise: nil)
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        core.logger.debug("connection failed", metadata: ["reason": "\(error)"])
        context.close(promise: nil)
    }

    private func perform(_ action: ServerChannel.ReceivedAction) {
        switch action {
        case .wait, .aborted:
            break
        case .send(let bytes):
            context?.write(wrapOutboundOut(bytes), promise: nil)
            armTimer()
        case .request(let requestId, let message):
            core.handle(Call(connection: self, requestId: requestId), message)
        case .closed:
            context?.close(promise: nil)
        case .refuse(let bytes, let error):
            if let certificate = machine.refusedCertificate {
                core.logger.warning("connection refused", metadata: ["reason": "\(error)"])
                core.configuration.security.refused(certificate)
            } else {
                core.logger.debug("connection refused", metadata: ["reason": "\(error)"])
            }
            close(after: bytes)
        }
    }

    /// Sends a response; what the client cannot take becomes a fault.
    func respond(_ message: OutgoingMessage, requestId: UInt32, requestHandle: UInt32) {
        guard maxResponseBytes == 0 || message.bodyBytes <= maxResponseBytes else {
            return refuse(requestId: requestId, requestHandle: requestHandle)
        }
        switch machine.send(message, requestId: requestId) {
        case .write(let bytes): context?.write(wrapOutboundOut(bytes), promise: nil)
        case .tooLarge: refuse(requestId: requestId, requestHandle: requestHandle)
        case .drop: break
        }
    }

    /// Tells the client that it could not take the response.
    private func refuse(requestId: UInt32, requestHandle: UInt32) {
        let fault = OutgoingMessage(fault: .badResponseTooLarge, requestHandle: requestHandle, at: SystemClock.utc)
        guard case .write(let bytes) = machine.send(fault, requestId: requestId) else { return }
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    /// Sends what was written outside of a read.
    func flush() { context?.flush() }

    /// The server stops.
    func shutDown() {
        let error = OPCUAError(.badShutdown, "the server is shutting down")
        close(after: machine.framingFailed(error))
    }

    private func close(after bytes: ByteBuffer) {
        guard let context else { return }
        context.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    private func armTimer() {
        timer?.cancel()
        guard let context, let deadline = machine.deadline else { return }
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.deadlineReached() }
    }

    private func deadlineReached() {
        if case .refuse(let bytes, _) = machine.deadlineReached(now: SystemClock.moment) {
            close(after: bytes)
        } else {
            armTimer()
        }
    }
}
