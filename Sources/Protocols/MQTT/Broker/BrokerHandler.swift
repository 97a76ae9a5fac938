import Logging
import MQTTCore
import NIOCore

/// One client's connection: decodes, asks the machines, writes what they say.
final class BrokerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let state: BrokerState
    private let logger: Logger
    private var decoder: PacketDecoder
    private var machine: BrokerConnection
    private var pending = ByteBuffer()
    private var outbox: Outbox?
    private var aliases = OutgoingTopicAliases(maximum: 0)
    private var maximumPacketSize: Int?
    private var connection: ConnectionID?
    private var context: ChannelHandlerContext?
    private var isEnding = false
    private var timer: Scheduled<Void>?

    init(_ state: BrokerState, logger: Logger) {
        self.state = state
        self.logger = logger
        decoder = PacketDecoder(version: nil, limits: state.configuration.limits.packet)
        machine = BrokerConnection(
            now: .now(), connectTimeout: state.configuration.connectTimeout,
            topicAliasMaximum: state.configuration.limits.topicAliasMaximum)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let outbox = Outbox(channel: context.channel) { bound.value.drain() }
        guard let connection = state.enter(outbox) else {
            logger.warning("mqtt broker: connection refused, the broker is full or stops")
            isEnding = true
            context.close(promise: nil)
            return
        }
        self.outbox = outbox
        self.connection = connection
        checkDeadline()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isEnding { return }
        var incoming = unwrapInboundIn(data)
        if pending.readableBytes == 0 { pending = incoming } else { pending.writeBuffer(&incoming) }
        var batch: [Packet] = []
        decoding: while !isEnding {
            do throws(MQTTDecodingError) {
                guard let packet = try decoder.next(&pending) else { break decoding }
                receive(packet, &batch)
            } catch {
                serve(batch)
                batch = []
                fail(error)
            }
        }
        serve(batch)
        if pending.readableBytes == 0 { pending = ByteBuffer() } else { pending.discardReadBytes() }
    }

    private func receive(_ packet: Packet, _ batch: inout [Packet]) {
        switch machine.packetReceived(packet, now: .now()) {
        case .serve: batch.append(packet)
        case .serveResolved(let publish): batch.append(.publish(publish))
        case .admit(let connect): admit(connect)
        case .leave(let publishWill, let expiry):
            serve(batch)
            batch = []
            finish(publishWill: publishWill, sessionExpirySeconds: expiry)
        case .refuse(let reason, let version): refuse(reason, version)
        case .violation(let reason):
            serve(batch)
            batch = []
            logger.warning("mqtt broker: \(packet.type.name) not accepted: \(reason)")
            disconnect(reason)
        }
    }

    private func serve(_ batch: [Packet]) {
        guard !batch.isEmpty, let connection else { return }
        let now = NIODeadline.now()
        state.step { core, effects in
            for packet in batch { core.serve(packet, from: connection, now: now, &effects) }
        }
    }

    private func admit(_ connect: Connect) {
        guard let connection else { return }
        let credentials = BrokerConfiguration.Credentials(
            clientID: connect.clientID, username: connect.username, password: connect.password)
        let permissions: BrokerPermissions?
        switch state.configuration.decide(credentials) {
        case .admitted(let given): permissions = given
        case .refused(let reason):
            logger.info("mqtt broker: client refused: \(reason)")
            return refuse(reason, connect.version)
        }
        let properties = connect.properties
        aliases = OutgoingTopicAliases(
            maximum: min(properties.topicAliasMaximum ?? 0, state.configuration.limits.topicAliasMaximum))
        maximumPacketSize = properties.maximumPacketSize.map(Int.init)
        let assigned = "auto-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        let accepted = state.step { core, effects in
            core.connect(
                connect, permissions, connection: connection, assignedID: assigned, now: .now(), &effects)
        }
        if !accepted { close() } else { checkDeadline() }
    }

    /// Writes what the core put into the outbox, all in one go.
    private func drain() {
        guard let outbox, let context else { return }
        let content = outbox.take()
        if !isEnding, let version = decoder.version, !content.packets.isEmpty {
            write(content.packets, version, context)
        }
        if let reason = content.closing, !isEnding { disconnect(reason) }
    }

    private func write(_ packets: [Packet], _ version: MQTTVersion, _ context: ChannelHandlerContext) {
        var buffer = context.channel.allocator.buffer(capacity: 1024)
        var messageBytes = 0
        for var packet in packets {
            if case .publish(var publish) = packet {
                messageBytes += publish.size(version)
                if version == .v5 {
                    aliases.apply(to: &publish, maximumPacketSize: maximumPacketSize)
                    packet = .publish(publish)
                }
            }
            do throws(MQTTEncodingError) {
                try buffer.writeMQTT(packet, version: version)
            } catch {
                logger.warning("mqtt broker: \(packet.type.name) left out: \(error)")
            }
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        if messageBytes > 0, let connection {
            let state = state
            written.futureResult.whenComplete { [messageBytes] _ in
                state.step { core, effects in core.written(messageBytes, on: connection, now: .now(), &effects) }
            }
        }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: written)
    }

    private func checkDeadline() {
        timer?.cancel()
        timer = nil
        guard let context, !isEnding else { return }
        switch machine.deadlineReached(now: .now()) {
        case .off: break
        case .wait(let until):
            timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: until) { self.checkDeadline() }
        case .lapsed:
            logger.info("mqtt broker: a client was silent for too long")
            disconnect(.keepAliveTimeout)
        }
    }

    private func fail(_ error: MQTTDecodingError) {
        logger.warning("mqtt broker: connection closed: \(error)")
        // A CONNECT of an unknown version is answered in the form that every version understands (section 3.1.2.2).
        if decoder.version == nil && error.reason == .unsupportedProtocolVersion {
            refuse(error.reason, .v311)
        } else {
            disconnect(error.reason)
        }
    }

    private func refuse(_ reason: ReasonCode, _ version: MQTTVersion) {
        send(.connAck(ConnAck(reason: reason)), version)
        close()
    }

    /// Ends the connection because of the client or the broker: the will is published.
    private func disconnect(_ reason: ReasonCode) {
        if machine.hasServed, decoder.version == .v5 { send(.disconnect(Disconnect(reason: reason)), .v5) }
        finish(publishWill: true, sessionExpirySeconds: nil)
    }

    private func send(_ packet: Packet, _ version: MQTTVersion) {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: 32)
        do throws(MQTTEncodingError) {
            try buffer.writeMQTT(packet, version: version)
        } catch {
            logger.warning("mqtt broker: \(packet.type.name) left out: \(error)")
        }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    private func finish(publishWill: Bool, sessionExpirySeconds: UInt32?) {
        if let connection {
            state.step { core, effects in
                core.disconnected(
                    connection, publishWill: publishWill, sessionExpirySeconds: sessionExpirySeconds, now: .now(),
                    &effects)
            }
        }
        close()
    }

    private func close() {
        isEnding = true
        context?.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(publishWill: true, sessionExpirySeconds: nil)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        isEnding = true
        timer?.cancel()
        if let connection { state.leave(connection) }
        connection = nil
        outbox = nil
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.info("mqtt broker: connection lost: \(error)")
        finish(publishWill: true, sessionExpirySeconds: nil)
    }
}
