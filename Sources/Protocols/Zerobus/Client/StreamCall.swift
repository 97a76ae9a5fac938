import GRPCCore
import GRPCNIOTransportHTTP2Posix
import NIOCore
import NIOPosix
import NIOSSL
import ZerobusCore

/// One gRPC call of `EphemeralStream`, from token to status.
struct StreamCall: Sendable {
    let configuration: IngestClientConfiguration
    let tokens: TokenSource
    let session: StreamSession
    private let loop: any EventLoop
    /// The connection's loop: the call's tasks run there too.
    let executor: EventLoopExecutor

    init(configuration: IngestClientConfiguration, tokens: TokenSource, session: StreamSession) {
        self.configuration = configuration
        self.tokens = tokens
        self.session = session
        loop = MultiThreadedEventLoopGroup.singleton.next()
        executor = EventLoopExecutor(loop)
    }

    /// Bytes that may wait in the connection's channel; as many as a ``SendQueue`` holds.
    private static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(
        low: SendQueue.waitingBytesMax / 2, high: SendQueue.waitingBytesMax)

    private static let method = MethodDescriptor(
        fullyQualifiedService: "databricks.zerobus.Zerobus", method: "EphemeralStream")

    /// Runs the call to its end, which the session is told.
    @concurrent
    func run(_ request: CreateStreamRequest) async {
        do {
            let token = try await tokens.token(for: request.table)
            try await withTaskExecutorPreference(executor) { try await call(request, token: token) }
            // The responses were given up by our side, or ended without a status of their own.
            session.ended(.cancelled, "the stream was given up")
        } catch let error as ZerobusError {
            session.ended(error.code, error.message)
        } catch let error as RPCError {
            session.ended(
                StatusCode(rawValue: error.code.rawValue) ?? .unknown,
                error.message.isEmpty ? "the call failed" : error.message)
        } catch is CancellationError {
            session.ended(.cancelled, "the stream was cancelled")
        } catch {
            session.ended(.unavailable, "\(error)")
        }
    }

    private func call(_ request: CreateStreamRequest, token: String) async throws {
        guard let proxy = configuration.proxy.proxy(for: configuration.endpoint) else {
            return try await call(request, token: token, through: transport(to: target))
        }
        let tunnel = ProxyTunnel(proxy, to: configuration.endpoint)
        do {
            try await tunnel.withEntrance { path in
                try await call(
                    request, token: token,
                    through: transport(to: .unixDomainSocket(path: path, authority: authority)))
            }
        } catch let error as RPCError where error.code == .unavailable {
            guard let why = tunnel.lastFailure else { throw error }
            throw ZerobusError(.unavailable, why)
        }
    }

    private func call(
        _ request: CreateStreamRequest, token: String, through transport: HTTP2ClientTransport.Posix
    ) async throws {
        let metadata: Metadata = [
            "authorization": "Bearer \(token)",
            "x-databricks-zerobus-table-name": "\(request.table)",
        ]
        var options = CallOptions.defaults
        // An unreachable server is to be reported at once; the caller waits and tries again.
        options.waitForReady = false
        options.maxRequestMessageBytes = ZerobusLimits.maxMessageBytes
        let create = request.encoded()
        try await withGRPCClient(transport: transport) { [session] client in
            try await client.bidirectionalStreaming(
                request: StreamingClientRequest(metadata: metadata) { writer in
                    try await session.produce(writer, create: create)
                },
                descriptor: Self.method, serializer: PassThroughSerializer(),
                deserializer: PassThroughDeserializer(), options: options
            ) { response in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        for try await message in response.messages {
                            guard session.received(message) else { return }
                        }
                        session.ended(.ok, "")
                    }
                    group.addTask { try await session.watchDeadlines() }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }
        }
    }

    private var target: any ResolvableTarget {
        let address = configuration.endpoint
        if address.host.contains(":") { return .ipv6(address: address.host, port: address.port) }
        if address.host.split(separator: ".").count == 4, address.host.allSatisfy({ $0.isNumber || $0 == "." }) {
            return .ipv4(address: address.host, port: address.port)
        }
        return .dns(host: address.host, port: address.port)
    }

    /// Name and port of the service, which a connection through a tunnel does not show.
    private var authority: String {
        let address = configuration.endpoint
        return "\(address.host.contains(":") ? "[\(address.host)]" : address.host):\(address.port)"
    }

    private func transport(to target: any ResolvableTarget) throws -> HTTP2ClientTransport.Posix {
        var config = HTTP2ClientTransport.Posix.Config.defaults
        config.http2.targetWindowSize = 64 << 20
        // What is written is gathered before: a flush that waits for more only costs a timer.
        config.connection.flushCoalescing = nil
        // A batch goes to the socket at once, not in portions of 64 KiB with a change of writability after each.
        config.channelDebuggingCallbacks.onCreateTCPConnection = { channel in
            channel.setOption(.writeBufferWaterMark, value: Self.waterMark)
        }
        return try .http2NIOPosix(
            target: target, transportSecurity: security, config: config, eventLoopGroup: loop)
    }

    private var security: HTTP2ClientTransport.Posix.TransportSecurity {
        guard configuration.endpoint.usesTLS else { return .plaintext }
        guard let file = configuration.trustedRootsFile else { return .tls }
        return .tls { $0.trustRoots = .certificates([.file(path: file, format: .pem)]) }
    }
}
