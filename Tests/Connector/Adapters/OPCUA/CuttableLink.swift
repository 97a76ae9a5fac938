import NIOCore
import NIOPosix
import OPCUACore
import Synchronization

/// A cable between a source and a server: it can be cut and joined again, and it can be what the server dials.
final class CuttableLink: Sendable {
    private struct State {
        var channels: [any Channel] = []
        var isCut = false
        var connections = 0
    }

    private let state = Mutex(State())
    private let listener = Mutex<(any Channel)?>(nil)

    /// Connections that were made so far.
    var connections: Int { state.withLock { $0.connections } }

    /// Lends the port of a cable that leads to a server.
    static func lead(to port: Int, _ body: (CuttableLink, _ port: Int) async throws -> Void) async throws {
        let link = CuttableLink()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { near in
                guard link.keep(near) else { return near.close() }
                return ClientBootstrap(group: near.eventLoop).connect(host: "127.0.0.1", port: port)
                    .flatMapThrowing { far in
                        guard link.keep(far) else { return far.close(promise: nil) }
                        try Self.join(near, far)
                    }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(link, channel.localAddress?.port ?? 0)
        } catch {
            link.cut()
            try await channel.close()
            throw error
        }
        link.cut()
        try await channel.close()
    }

    /// Everything ends at once, and nothing new is let through.
    func cut() {
        let channels = state.withLock { state in
            state.isCut = true
            defer { state.channels = [] }
            return state.channels
        }
        for channel in channels { channel.close(promise: nil) }
    }

    func mend() { state.withLock { $0.isCut = false } }

    private func keep(_ channel: any Channel) -> Bool {
        state.withLock { state in
            guard !state.isCut else { return false }
            state.channels.append(channel)
            state.connections += 1
            return true
        }
    }

    /// A server that dials: ReverseHello to the client, then everything between it and a usual server.
    static func dial(client: Int, server: Int) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let far = try await ClientBootstrap(group: loop).connect(host: "127.0.0.1", port: server).get()
        let near = try await ClientBootstrap(group: loop).connect(host: "127.0.0.1", port: client).get()
        try await loop.submit { try join(near, far) }.get()
        let hello = ReverseHello(serverURI: "urn:test", endpointURL: "opc.tcp://behind.the.wall:\(server)/x")
        try await near.writeAndFlush(hello.frame)
        try await withTaskCancellationHandler {
            try await near.closeFuture.get()
        } onCancel: {
            near.close(promise: nil)
        }
        try? await far.close()
    }

    private static func join(_ near: any Channel, _ far: any Channel) throws {
        try near.pipeline.syncOperations.addHandler(Pass(to: far))
        try far.pipeline.syncOperations.addHandler(Pass(to: near))
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
