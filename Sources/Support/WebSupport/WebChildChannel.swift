import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket

/// One client connection: HTTP/1.1 that may turn into a WebSocket.
struct WebChildChannel: ServerChildChannel, HTTPChannelHandler {
    typealias HTTPChannel = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    enum Negotiated: Sendable {
        case http(HTTPChannel)
        case webSocket(WebSocketConnection.FrameChannel, HTTPRequestHead)
    }

    struct Value: ServerChildChannelValue {
        let negotiated: EventLoopFuture<Negotiated>
        let channel: any Channel
    }

    let responder: HTTPChannelHandler.Responder
    let dispatcher: WebDispatcher

    private static let maxHeaderBytes = 64 << 10
    private static let firstRequestTime = TimeAmount.seconds(15)
    private static let httpIdleTime = Duration.seconds(60)
    private static let webSocketIdleTime = TimeAmount.seconds(60)

    init(dispatcher: WebDispatcher) {
        self.dispatcher = dispatcher
        responder = { request, writer, _ in
            let answer = try await dispatcher.respond(to: request)
            if answer.body.readableBytes == 0 {
                try await writer.writeResponse(answer.head)
            } else {
                try await writer.write(response: answer.head, body: ResponseBody(byteBuffer: answer.body))
            }
            if answer.leavesBody { try await dispatcher.passOver(request.body) }
            // Leaving the responder with an error is how the connection is ended.
            if answer.closesConnection { throw WebDispatcher.BodyTooLarge() }
        }
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            var pipeline = NIOUpgradableHTTPServerPipelineConfiguration(upgradeConfiguration: upgrade(logger))
            // Requests are answered one after the other by the task that serves the connection.
            pipeline.enablePipelining = false
            // The gate answers what is no HTTP at first, the serving task later.
            pipeline.enableErrorHandling = false
            // HTTPTypes has validated the fields already.
            pipeline.enableResponseHeaderValidation = false
            pipeline.decoderConfiguration.maxHeaderFieldSize = Self.maxHeaderBytes
            pipeline.decoderConfiguration.maxHeaderListSize = Self.maxHeaderBytes
            let negotiated = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
                configuration: pipeline)
            let upgrader = try channel.pipeline.syncOperations.handler(
                type: NIOTypedHTTPServerUpgradeHandler<Negotiated>.self)
            try channel.pipeline.syncOperations.addHandler(
                UpgradeGate(allows: dispatcher.acceptsWebSocket), position: .before(upgrader))
            // A client that connects and says nothing must not hold the connection for ever.
            let deadline = channel.eventLoop.scheduleTask(in: Self.firstRequestTime) { channel.close(promise: nil) }
            negotiated.whenComplete { _ in deadline.cancel() }
            return Value(negotiated: negotiated, channel: channel)
        }
    }

    private func upgrade(_ logger: Logger) -> NIOTypedHTTPServerUpgradeConfiguration<Negotiated> {
        let upgrader = NIOTypedWebSocketServerUpgrader<Negotiated>(
            maxFrameSize: dispatcher.maxWebSocketMessageBytes,
            // The gate has decided already; there are no headers to add.
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
            upgradePipelineHandler: { [dispatcher] channel, head in
                channel.eventLoop.makeCompletedFuture {
                    let sync = channel.pipeline.syncOperations
                    try sync.addHandler(
                        NIOWebSocketFrameAggregator(
                            minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 64,
                            maxAccumulatedFrameSize: dispatcher.maxWebSocketMessageBytes))
                    try sync.addHandler(IdleStateHandler(readTimeout: Self.webSocketIdleTime))
                    try sync.addHandler(WebSocketLifecycleHandler())
                    return .webSocket(try .init(wrappingChannelSynchronously: channel), head)
                }
            })
        return NIOTypedHTTPServerUpgradeConfiguration<Negotiated>(
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeCompletedFuture {
                    let sync = channel.pipeline.syncOperations
                    try sync.addHandler(HTTP1ToHTTPServerCodec(secure: false))
                    try sync.addHandler(HTTPConnectionStateHandler(idleTimeout: Self.httpIdleTime, logger: logger))
                    return .http(
                        try HTTPChannel(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(isOutboundHalfClosureEnabled: true)))
                }
            })
    }

    func handle(value: Value, logger: Logger) async {
        do {
            switch try await value.negotiated.get() {
            case .http(let channel):
                await handleHTTP(asyncChannel: channel, logger: logger)
            case .webSocket(let channel, let head):
                try await dispatcher.serveWebSocket(channel, head)
            }
        } catch {
            logger.debug("connection ended: \(error)")
        }
    }
}
