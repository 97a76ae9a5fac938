package import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Turns HTTP connections into WebSockets that carry MQTT; the subprotocol is `mqtt` (MQTT 5.0 section 6).
package enum WebSocketUpgrade {
    /// The path that brokers use unless told otherwise.
    package static let usualPath = "/mqtt"

    /// Why there is no WebSocket.
    package struct Refused: Error, Equatable, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// Asks for a WebSocket once the channel is active.
    ///
    /// - Parameters:
    ///   - host: with port, as in the header Host.
    ///   - maximumFrameBytes: of one frame from the server.
    ///   - added: adds what reads and writes the bytes of MQTT.
    /// - Returns: fulfilled when the WebSocket is there.
    package static func ask(
        _ channel: any Channel, host: String, path: String, maximumFrameBytes: Int,
        added: @escaping @Sendable (any Channel) throws -> Void
    ) throws -> EventLoopFuture<Void> {
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: host)
        headers.add(name: "Sec-WebSocket-Protocol", value: "mqtt")
        let upgrader = NIOTypedWebSocketClientUpgrader<Void>(maxFrameSize: maximumFrameBytes) { channel, head in
            channel.eventLoop.makeCompletedFuture {
                if let chosen = head.headers.first(name: "Sec-WebSocket-Protocol"), chosen != "mqtt" {
                    throw Refused(description: "it chose the WebSocket subprotocol \"\(chosen)\", not mqtt")
                }
                try channel.pipeline.syncOperations.addHandler(WebSocketBytes(isClient: true))
            }
        }
        let configuration = NIOTypedHTTPClientUpgradeConfiguration<Void>(
            upgradeRequestHead: HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: headers),
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeFailedFuture(
                    Refused(description: "it answered \(path) without opening a WebSocket: check the path and the port")
                )
            })
        let upgraded = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
            configuration: .init(upgradeConfiguration: configuration))
        // Only now something may be written.
        return upgraded.flatMapThrowing { try added(channel) }
    }

    /// Answers the request for a WebSocket, and every other one with 426.
    ///
    /// - Parameters:
    ///   - path: the only one that is served.
    ///   - maximumFrameBytes: of one frame from the client.
    ///   - timeout: until the WebSocket must be there.
    ///   - added: adds what reads and writes the bytes of MQTT.
    package static func offer(
        _ channel: any Channel, path: String, maximumFrameBytes: Int, timeout: TimeAmount,
        added: @escaping @Sendable (any Channel) throws -> Void
    ) throws {
        let upgrader = NIOTypedWebSocketServerUpgrader<Void>(
            maxFrameSize: maximumFrameBytes,
            shouldUpgrade: { channel, head in channel.eventLoop.makeSucceededFuture(answer(head, path)) },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(WebSocketBytes(isClient: false))
                    try added(channel)
                }
            })
        let configuration = NIOTypedHTTPServerUpgradeConfiguration<Void>(
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NoWebSocket())
                }
            })
        let deadline = channel.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
        let upgraded = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
            configuration: .init(upgradeConfiguration: configuration))
        upgraded.whenSuccess { deadline.cancel() }
        upgraded.whenFailure { _ in channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in deadline.cancel() }
    }

    /// The headers of a yes; nil is no.
    private static func answer(_ head: HTTPRequestHead, _ path: String) -> HTTPHeaders? {
        guard head.uri.split(separator: "?").first.map(String.init) == path,
            head.headers[canonicalForm: "Sec-WebSocket-Protocol"].contains("mqtt")
        else { return nil }
        return ["Sec-WebSocket-Protocol": "mqtt"]
    }
}

/// Answers every request with 426: nothing but a WebSocket for MQTT is to be had here.
private final class NoWebSocket: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        let headers: HTTPHeaders = [
            "Connection": "close", "Content-Length": "0", "Upgrade": "websocket", "Sec-WebSocket-Protocol": "mqtt",
        ]
        let head = HTTPResponseHead(version: .http1_1, status: .upgradeRequired, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }
}
