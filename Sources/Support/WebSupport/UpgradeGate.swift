import NIOCore
import NIOHTTP1

/// Looks at a connection's first request before the upgrade to WebSocket does: where the upgrade is not allowed it
/// becomes a plain request, so that it gets a plain answer. Answers bytes that are no HTTP.
final class UpgradeGate: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let allows: (HTTPRequestHead) -> Bool
    private var isFirst = true

    init(allows: @escaping (HTTPRequestHead) -> Bool) {
        self.allows = allows
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Later data may be frames.
        guard isFirst else { return context.fireChannelRead(data) }
        isFirst = false
        guard case .head(var head) = unwrapInboundIn(data), !allows(head) else { return context.fireChannelRead(data) }
        head.headers.remove(name: "upgrade")
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard isFirst, error is HTTPParserError else { return context.fireErrorCaught(error) }
        isFirst = false
        let headers: HTTPHeaders = ["Connection": "close", "Content-Length": "0"]
        let head = HTTPResponseHead(version: .http1_1, status: .badRequest, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in channel.close(promise: nil) }
    }
}
