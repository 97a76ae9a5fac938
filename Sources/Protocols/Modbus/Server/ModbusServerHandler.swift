import Logging
import ModbusCore
import NIOCore

/// Answers the requests of one client, in the order in which they come.
final class ModbusServerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var decoder = MBAPDecoder()
    private let responder: RequestResponder
    private let logger: Logger

    init(responder: RequestResponder, logger: Logger) {
        self.responder = responder
        self.logger = logger
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        var answers: ByteBuffer?
        do {
            while let frame = try decoder.next() {
                var buffer = answers ?? context.channel.allocator.buffer(capacity: 260)
                MBAPFrame.encode(transaction: frame.transaction, unit: frame.unit, into: &buffer) {
                    responder.respond(to: frame.pdu, unit: frame.unit, into: &$0)
                }
                answers = buffer
            }
        } catch {
            logger.debug("client dropped", metadata: ["reason": "\(error)"])
            context.close(promise: nil)
        }
        if let answers { context.writeAndFlush(wrapOutboundOut(answers), promise: nil) }
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
