import Foundation
import NIOCore
import NIOPosix
import OPCUACore

/// The value of an environment variable.
func environment(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

/// A server that dials: it says ReverseHello to the client and passes on everything between it and a usual server.
enum ReverseBridge {
    static func run(server: Int, listener: Int) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let toServer = try await ClientBootstrap(group: group.next()).connect(host: "127.0.0.1", port: server).get()
        let toClient = try await ClientBootstrap(group: toServer.eventLoop)
            .connect(host: "127.0.0.1", port: listener).get()
        try await toServer.eventLoop.submit {
            try toServer.pipeline.syncOperations.addHandler(Pass(to: toClient))
            try toClient.pipeline.syncOperations.addHandler(Pass(to: toServer))
        }.get()
        let hello = ReverseHello(serverURI: "urn:test:server", endpointURL: "opc.tcp://behind.the.wall:\(server)/x")
        // In two pieces: the message is framed, not the packet.
        var bytes = hello.frame
        let head = bytes.readSlice(length: 5) ?? ByteBuffer()
        try await toClient.writeAndFlush(head)
        try await toClient.writeAndFlush(bytes)
        try await withTaskCancellationHandler {
            try await toClient.closeFuture.get()
        } onCancel: {
            toClient.close(promise: nil)
        }
        try? await toServer.close()
    }

    private final class Pass: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        private let other: any Channel
        init(to other: any Channel) { self.other = other }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }
        func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
    }
}
