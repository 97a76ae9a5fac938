import Logging
import ModbusCore
import NIOCore

/// Answers the requests of one client or serial line, in the order in which they come.
final class ModbusServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var link: ServerLink
    private let logger: Logger
    /// Runs while a frame is unfinished.
    private var silence: Scheduled<Void>?

    init(framing: Framing, timing: SerialTiming = .overNetwork, responder: RequestResponder, logger: Logger) {
        link = ServerLink(framing: framing, responder: responder)
        silenceLimit = timing.silence
        self.logger = logger
    }

    private let silenceLimit: TimeAmount

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        link.bytesReceived(unwrapInboundIn(data))
        answer(context)
    }

    private func answer(_ context: ChannelHandlerContext) {
        var answers = context.channel.allocator.buffer(capacity: 0)
        do {
            try link.answer(into: &answers)
        } catch {
            logger.debug("client dropped", metadata: ["reason": "\(error)"])
            context.close(promise: nil)
        }
        if answers.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(answers), promise: nil) }
        listenForSilence(context)
    }

    /// An unfinished frame is given up when nothing more comes.
    private func listenForSilence(_ context: ChannelHandlerContext) {
        silence?.cancel()
        silence = nil
        guard link.isUnfinished else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        silence = context.eventLoop.scheduleTask(in: silenceLimit) {
            let (handler, context) = bound.value
            handler.silence = nil
            handler.link.silenceReached()
            handler.answer(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        silence?.cancel()
        silence = nil
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        silence?.cancel()
        silence = nil
    }

    /// A client that does not read its answers is not read from either, so its answers cannot pile up here.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.channel.setOption(.autoRead, value: context.channel.isWritable).whenFailure { [logger] error in
            logger.debug("reading could not be switched", metadata: ["reason": "\(error)"])
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("client lost", metadata: ["reason": "\(error)"])
        context.close(promise: nil)
    }
}
