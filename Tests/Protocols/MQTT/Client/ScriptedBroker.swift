import MQTTCore
import NIOCore
import NIOPosix

/// A peer that answers the first bytes of each connection with fixed bytes and then does as it is told.
struct ScriptedBroker {
    enum After: Sendable {
        case stayOpen
        case close
    }

    private let channel: any Channel
    let port: Int

    /// - Parameter answer: from the bytes received first to the bytes to send.
    init(after: After, answer: @escaping @Sendable (ByteBuffer) -> [UInt8]) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Script(after: after, answer: answer))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    func stop() async throws { try await channel.close() }

    private final class Script: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let after: After
        private let answer: @Sendable (ByteBuffer) -> [UInt8]
        private var hasAnswered = false

        init(after: After, answer: @escaping @Sendable (ByteBuffer) -> [UInt8]) {
            self.after = after
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard !hasAnswered else { return }
            hasAnswered = true
            let bytes = ByteBuffer(bytes: answer(unwrapInboundIn(data)))
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
            if after == .close { context.close(promise: nil) }
        }
    }
}
