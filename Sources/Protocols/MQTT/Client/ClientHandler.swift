import Logging
import MQTTCore
import NIOCore

/// One connection on its event loop: decodes, asks the machines, performs what they say.
///
/// All that is to be written during one read leaves in one write.
final class ClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let address: String
    let version: MQTTVersion
    let logger: Logger
    /// Fulfilled when CONNACK accepts.
    let opened: EventLoopPromise<MQTTConnection>
    /// Fulfilled, with the reason, when the connection is over.
    let ended: EventLoopPromise<MQTTClientError>
    private let wiring: ClientWiring
    private let receiver: any MQTTReceiver
    private let lender: MQTTSession

    var machine: ClientConnection
    var session: ClientSession
    var requests = ClientRequests()
    private var hasSession = false
    private var decoder: PacketDecoder
    private var pending = ByteBuffer()
    private var outgoing = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var isReading = false
    private var hasDelivered = false
    private(set) var isOver = false
    private var hasConnected = false

    init(
        _ configuration: MQTTClientConfiguration, _ version: MQTTVersion, _ wiring: ClientWiring,
        receiver: any MQTTReceiver, session: MQTTSession, eventLoop: any EventLoop, logger: Logger
    ) {
        address = configuration.address
        self.wiring = wiring
        self.version = version
        self.logger = logger
        self.receiver = receiver
        lender = session
        opened = eventLoop.makePromise()
        ended = eventLoop.makePromise()
        machine = ClientConnection(configuration.connect(version))
        decoder = PacketDecoder(version: version, limits: configuration.limits)
        self.session = ClientSession(maximumWaiting: 0)
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start() }
    }

    func channelActive(context: ChannelHandlerContext) {
        start()
        context.fireChannelActive()
    }

    private func start() {
        guard !hasSession else { return }
        session = lender.take()
        hasSession = true
        write(.connect(machine.transportConnected()))
        flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isOver { return }
        isReading = true
        machine.bytesReceived(now: .now())
        var incoming = unwrapInboundIn(data)
        if pending.readableBytes == 0 { pending = incoming } else { pending.writeBuffer(&incoming) }
        do throws(MQTTDecodingError) {
            while !isOver, let packet = try decoder.next(&pending) { receive(packet) }
        } catch {
            violate(error.message, error.reason)
        }
        if pending.readableBytes == 0 { pending = ByteBuffer() } else { pending.discardReadBytes() }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasDelivered {
            hasDelivered = false
            receiver.readComplete()
        }
        isReading = false
        flush()
        context.fireChannelReadComplete()
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(wiring.explain(nil, on: context.channel, hasAnswered: hasConnected))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(wiring.explain(error, on: context.channel, hasAnswered: hasConnected))
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish(.closed(address))
        self.context = nil
    }

    // MARK: Packets

    private func receive(_ packet: Packet) {
        switch packet {
        case .publish(let publish) where machine.isOpen: receive(publish)
        case .connAck(let connAck): perform(machine.connAckReceived(connAck, now: .now()))
        case .pubAck(let answer) where machine.isOpen: perform(session.pubAckReceived(answer))
        case .pubRec(let answer) where machine.isOpen: perform(session.pubRecReceived(answer))
        case .pubComp(let answer) where machine.isOpen: perform(session.pubCompReceived(answer))
        case .pubRel(let answer) where machine.isOpen: write(.pubComp(session.pubRelReceived(answer.packetID)))
        case .subAck(let answer):
            session.releasePacketID(answer.packetID)
            perform(machine.subAckReceived(answer))
        case .unsubAck(let answer):
            session.releasePacketID(answer.packetID)
            perform(machine.unsubAckReceived(answer))
        case .pingResp: break
        case .disconnect(let disconnect): finish(.disconnected(address, disconnect))
        case .connect, .subscribe, .unsubscribe, .pingReq, .auth, .publish, .pubAck, .pubRec, .pubRel, .pubComp:
            violate("an unexpected \(packet.type.name)", .protocolError)
        }
    }

    private func receive(_ publish: Publish) {
        switch machine.publishReceived(publish) {
        case .receive(let publish): deliver(publish)
        case .violation(let what, let reason): violate(what, reason)
        }
    }

    private func deliver(_ publish: Publish) {
        switch session.publishReceived(publish) {
        case .deliver(let token):
            hasDelivered = true
            receiver.received(publish, token: token)
        case .ignore: break
        case .repeatPubRec(let id): write(.pubRec(Acknowledgement(id)))
        case .violation(let reason): violate("more open messages than it was allowed", reason)
        }
    }

    private func perform(_ action: ClientConnection.ConnAckAction) {
        switch action {
        case .connected(let negotiated):
            hasConnected = true
            guard let context else { return }
            let connection = MQTTConnection(
                negotiated: negotiated, eventLoop: context.eventLoop,
                handler: NIOLoopBound(self, eventLoop: context.eventLoop), address: address)
            for packet in session.connected(negotiated, generation: MQTTSession.nextGeneration()) { write(packet) }
            sendWaiting()
            checkDeadline()
            receiver.connected(connection)
            opened.succeed(connection)
        case .refused(let reason, let text): finish(.refused(address, reason, text))
        case .violation(let what): violate(what, .protocolError)
        }
    }

    private func perform(_ action: ClientSession.Sent) {
        switch action {
        case .finished(let request, let reason):
            requests.messageFinished(request, reason, address)
            sendWaiting()
        case .sendPubRel(let pubRel): write(.pubRel(pubRel))
        case .ignore: break
        }
    }

    private func perform(_ action: ClientConnection.SubscriptionAction) {
        switch action {
        case .answered(let request, let reasons): requests.answered(request, reasons)
        case .violation(let what): violate(what, .protocolError)
        }
    }

    // MARK: Keep-alive

    private func checkDeadline() {
        switch machine.deadlineReached(now: .now()) {
        case .off: timer = nil
        case .wait(let until): timer = schedule(until) { $0.checkDeadline() }
        case .ping(let next):
            write(.pingReq)
            flushUnlessReading()
            timer = schedule(next) { $0.checkDeadline() }
        case .lapsed: finish(.lapsed(address))
        }
    }

    private func schedule(
        _ deadline: NIODeadline, _ work: @escaping (ClientHandler) -> Void
    ) -> Scheduled<Void>? {
        context?.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { work(self) }
    }

    func demand(_ wanted: Bool) {
        guard let context, !isOver else { return }
        if wanted { machine.readingResumed(now: .now()) } else { machine.readingPaused() }
        do {
            try context.channel.syncOptions?.setOption(.autoRead, value: wanted)
        } catch {
            finish(.lost(address, error))
        }
    }

    // MARK: Writing and the end

    func sendWaiting() {
        while let publish = session.nextToSend() { write(.publish(publish)) }
    }

    /// Adds a packet to what leaves with the next flush.
    func write(_ packet: Packet) {
        do throws(MQTTEncodingError) {
            if version == .v5, case .publish(let publish) = packet {
                try outgoing.writeMQTT(.publish(machine.publishLeaving(publish)), version: version)
            } else {
                try outgoing.writeMQTT(packet, version: version)
            }
        } catch {
            finish(MQTTClientError(.invalidConfiguration, "\(packet.type.name) cannot be written: \(error)"))
        }
    }

    func flushUnlessReading(_ promise: EventLoopPromise<Void>? = nil) {
        if !isReading || promise != nil { flush(promise) }
    }

    private func flush(_ promise: EventLoopPromise<Void>? = nil) {
        guard let context, outgoing.readableBytes > 0 else {
            promise?.succeed()
            return
        }
        machine.bytesSent(now: .now())
        let bytes = outgoing
        outgoing = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(bytes), promise: promise)
    }

    private func violate(_ what: String, _ reason: ReasonCode) {
        if version == .v5 && machine.isOpen { write(.disconnect(Disconnect(reason: reason))) }
        finish(
            hasConnected
                ? .violation(address, what, reason) : .noMQTT(address, what, reason, usesTLS: wiring.usesTLS))
    }

    /// Says goodbye and closes.
    func leave() {
        if machine.isOpen { write(.disconnect(Disconnect())) }
        finish(.closed(address))
    }

    /// Ends the connection once: every waiter learns the reason, the session goes back to its lender.
    func finish(_ error: MQTTClientError) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        timer = nil
        if hasDelivered {
            hasDelivered = false
            receiver.readComplete()
        }
        flush()
        _ = machine.ended()
        requests.failAll(error)
        if hasSession { lender.giveBack(session) }
        opened.fail(error)
        ended.succeed(error)
        context?.close(promise: nil)
    }
}
