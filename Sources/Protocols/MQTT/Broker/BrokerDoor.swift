import Logging
import MQTTCore
import MQTTTransport
import NIOCore
import NIOPosix
import NIOSSL
import TLSSupport

/// One open port: lets connections in, through TLS and WebSocket where its listener says so.
struct BrokerDoor: Sendable {
    private let listener: BrokerListener
    private let state: BrokerState
    private let logger: Logger
    private let tls: NIOSSLContext?

    /// Reads the files of certificates.
    init(_ listener: BrokerListener, _ state: BrokerState, logger: Logger) throws(BrokerError) {
        self.listener = listener
        self.state = state
        self.logger = logger
        do {
            tls = try listener.tls?.context()
        } catch {
            throw BrokerError("the MQTT broker cannot serve TLS: \(error)")
        }
    }

    func open(on group: any EventLoopGroup) async throws(BrokerError) -> any Channel {
        do {
            return try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 256)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(
                    .recvAllocator,
                    value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16_384, maximum: 262_144)
                )
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try letIn(channel) }
                }
                .bind(host: listener.host, port: listener.port).get()
        } catch {
            throw BrokerError("the MQTT broker cannot listen on \(listener.host):\(listener.port): \(error)")
        }
    }

    private func letIn(_ channel: any Channel) throws {
        if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
        let (state, logger) = (state, logger)
        let admit: @Sendable (any Channel) throws -> Void = { channel in
            try channel.pipeline.syncOperations.addHandler(BrokerHandler(state, logger: logger))
        }
        guard let path = listener.webSocketPath else { return try admit(channel) }
        try WebSocketUpgrade.offer(
            channel, path: path,
            maximumFrameBytes: min(Int(UInt32.max), state.configuration.limits.packet.maximumPacketSize + 1024 * 1024),
            timeout: state.configuration.connectTimeout, added: admit)
    }
}
