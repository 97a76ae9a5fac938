package import NIOCore

/// Lets reads through as `ReadPace` decides; stands next to the socket.
package final class PacedReading: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = Never

    private let interval: TimeAmount
    /// Set on the event loop.
    private var pace: ReadPace?
    private var bytes = 0
    private var timer: Scheduled<Void>?

    /// - Parameter interval: between two reads of a quick stream.
    package init(interval: TimeAmount) { self.interval = interval }

    package func handlerAdded(context: ChannelHandlerContext) {
        pace = ReadPace(interval: interval, now: context.eventLoop.now)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        pace?.readComplete(bytes: bytes, now: context.eventLoop.now)
        bytes = 0
    }

    package func read(context: ChannelHandlerContext) {
        guard timer == nil else { return }
        switch pace?.readWanted(now: context.eventLoop.now) {
        case .read, nil: context.read()
        case .wait(let until):
            timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: until) {
                self.timer = nil
                self.read(context: context)
            }
        }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
    }
}
