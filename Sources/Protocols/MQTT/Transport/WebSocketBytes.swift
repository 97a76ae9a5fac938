package import NIOCore
package import NIOWebSocket

/// Carries the bytes of MQTT in the binary messages of a WebSocket (MQTT 5.0 section 6).
///
/// Where a message begins or ends means nothing to MQTT: fragments are handed on as they come.
package final class WebSocketBytes: ChannelDuplexHandler {
    package typealias InboundIn = WebSocketFrame
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = WebSocketFrame

    private let isClient: Bool
    private var isInsideMessage = false
    private var isClosing = false

    /// - Parameter isClient: a client masks what it sends, a server does not (RFC 6455 section 5.1).
    package init(isClient: Bool) { self.isClient = isClient }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        guard !isClosing else { return }
        guard isClient || frame.maskKey != nil else { return violate(context, .protocolError) }
        switch (frame.opcode, isInsideMessage) {
        case (.binary, false), (.continuation, true):
            isInsideMessage = !frame.fin
            context.fireChannelRead(wrapInboundOut(frame.unmaskedData))
        case (.ping, _):
            context.writeAndFlush(wrapOutboundOut(self.frame(.pong, frame.unmaskedData)), promise: nil)
        case (.pong, _): break
        case (.connectionClose, _): end(context, .normalClosure, promise: nil)
        // MQTT 5.0 section 6: anything but binary data ends the connection.
        case (.text, _): violate(context, .unacceptableData)
        default: violate(context, .protocolError)
        }
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(wrapOutboundOut(frame(.binary, unwrapOutboundIn(data))), promise: promise)
    }

    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all, !isClosing else { return context.close(mode: mode, promise: promise) }
        end(context, .normalClosure, promise: promise)
    }

    private func violate(_ context: ChannelHandlerContext, _ code: WebSocketErrorCode) {
        end(context, code, promise: nil)
    }

    /// Says goodbye and closes.
    private func end(_ context: ChannelHandlerContext, _ code: WebSocketErrorCode, promise: EventLoopPromise<Void>?) {
        isClosing = true
        var content = context.channel.allocator.buffer(capacity: 2)
        content.write(webSocketErrorCode: code)
        context.writeAndFlush(wrapOutboundOut(frame(.connectionClose, content)), promise: nil)
        context.close(mode: .all, promise: promise)
    }

    private func frame(_ opcode: WebSocketOpcode, _ content: ByteBuffer) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: opcode, maskKey: isClient ? .random() : nil, data: content)
    }
}
