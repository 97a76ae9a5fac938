import Logging
import MDNSCore
import NIOCore

/// One link's responder in its channel: reads, asks the responder, does what it says.
final class LinkHandler: ChannelDuplexHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    /// What is known before the channel is there.
    struct Settings: Sendable {
        let host: String
        let addresses: [HostAddress]
        let ownAddresses: Set<HostAddress>
        /// The port of the group.
        let port: Int
        let logger: Logger
        /// Told of names that others have, and of what the system refuses.
        let notice: @Sendable (String) -> Void
    }

    /// What the announcer wants, sent through the channel.
    enum Command: Sendable {
        case add(Service, id: Int)
        case remove(id: Int)
        /// Take everything back and close.
        case stop
    }

    /// A datagram that fits an Ethernet frame.
    private static let bytesPreferred = 1_400

    private let settings: Settings
    private let destination: SocketAddress
    private var responder: Responder?
    private var wakeUp: (due: Int64, task: Scheduled<Void>)?

    init(_ settings: Settings, destination: SocketAddress) {
        self.settings = settings
        self.destination = destination
    }

    private static func random(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range) }

    private func now(_ context: ChannelHandlerContext) -> Int64 {
        Int64(context.eventLoop.now.uptimeNanoseconds / 1_000_000)
    }

    func channelActive(context: ChannelHandlerContext) {
        responder = Responder(
            host: settings.host, addresses: settings.addresses, ownAddresses: settings.ownAddresses,
            now: now(context), random: Self.random)
        schedule(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let message: DNSMessage
        do {
            message = try DNSMessage(decoding: envelope.data)
        } catch {
            settings.logger.debug("datagram passed over", metadata: ["reason": "\(error)"])
            return
        }
        let remote = envelope.remoteAddress
        let sender = Responder.Sender(
            name: remote.description, isMulticaster: remote.port == settings.port,
            isNeighbour: HostAddress(remote).map(settings.ownAddresses.contains) ?? true)
        let actions = responder?.messageReceived(message, from: sender, now: now(context), random: Self.random) ?? []
        perform(actions, context, sender: remote)
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
    ) {
        guard let command = event as? Command else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        switch command {
        case .add(let service, let id):
            let isAdded = responder?.add(service, id: id, now: now(context), random: Self.random) ?? false
            if !isAdded { settings.logger.debug("not announced", metadata: ["service": "\(service.type)"]) }
            schedule(context)
        case .remove(let id): perform(responder?.remove(id: id) ?? [], context)
        case .stop:
            perform(responder?.stop() ?? [], context)
            context.close(promise: nil)
        }
        promise?.succeed(())
    }

    private func deadlineReached(_ context: ChannelHandlerContext) {
        perform(responder?.deadlineReached(now: now(context), random: Self.random) ?? [], context)
    }

    private func perform(
        _ actions: [Responder.Action], _ context: ChannelHandlerContext, sender: SocketAddress? = nil
    ) {
        for action in actions {
            switch action {
            case .multicast(let message): send(message, to: destination, context)
            case .unicast(let message): send(message, to: sender ?? destination, context)
            case .renamed(_, let instance):
                settings.notice("the name is taken; announced as '\(instance)'")
            case .hostRenamed(let name):
                settings.notice("the host's name is taken; announced as '\(name)'")
            }
        }
        schedule(context)
    }

    private func send(_ message: DNSMessage, to address: SocketAddress, _ context: ChannelHandlerContext) {
        var bytes = context.channel.allocator.buffer(capacity: 512)
        message.encode(into: &bytes, bytesPreferred: Self.bytesPreferred)
        let sending = context.eventLoop.makePromise(of: Void.self)
        sending.futureResult.whenFailure { [settings] error in
            // Such an error closes the channel; the announcer opens it again.
            if let reason = (error as? IOError)?.systemText {
                settings.notice("cannot send: \(reason)")
            } else {
                settings.logger.debug("datagram not sent", metadata: ["reason": "\(error)"])
            }
        }
        context.writeAndFlush(wrapOutboundOut(AddressedEnvelope(remoteAddress: address, data: bytes)), promise: sending)
    }

    private func schedule(_ context: ChannelHandlerContext) {
        let due = context.channel.isActive ? responder?.deadline : nil
        guard due != wakeUp?.due else { return }
        wakeUp?.task.cancel()
        wakeUp = nil
        guard let due else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        // Rounded up, so that the time has come in whole milliseconds, too.
        let task = context.eventLoop.scheduleTask(
            deadline: NIODeadline.uptimeNanoseconds(UInt64(clamping: due) * 1_000_000)
        ) {
            let (handler, context) = bound.value
            handler.wakeUp = nil
            handler.deadlineReached(context)
        }
        wakeUp = (due, task)
    }

    func channelInactive(context: ChannelHandlerContext) {
        wakeUp?.task.cancel()
        wakeUp = nil
        responder = nil
        context.fireChannelInactive()
    }

    /// A link that is down for a while is no reason to give it up.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        settings.logger.debug("multicast failed", metadata: ["reason": "\(error)"])
    }
}
