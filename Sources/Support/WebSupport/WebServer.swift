import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle

/// Where a server listens and whom it answers.
package struct WebServerConfiguration: Sendable {
    package var host: String
    /// 0 lets the system choose; the choice is reported when the server listens.
    package var port: Int
    package var hostPolicy: HostPolicy
    /// Connections served at once; more wait in the system's queue.
    package var maxConnections: Int
    /// Speak HTTPS with this certificate.
    package var tls: WebServerTLS?

    /// Answers to loopback names, `host` itself and `allowedHosts` (`*`: to every name).
    package init(
        host: String = "127.0.0.1", port: Int, allowedHosts: [String] = [], maxConnections: Int = 1024,
        tls: WebServerTLS? = nil
    ) {
        self.host = host
        self.port = port
        self.maxConnections = maxConnections
        self.tls = tls
        hostPolicy = HostPolicy(allowing: allowedHosts + [host])
    }
}

/// An HTTP/1.1 and WebSocket server. The only part that knows which library serves HTTP.
///
/// Runs until its task is cancelled or its service group shuts down gracefully. Throws ``WebServerError`` when it
/// cannot listen.
package struct WebServer: Service {
    private let configuration: WebServerConfiguration
    private let routes: WebRoutes
    private let logger: Logger
    private let onListening: @Sendable (Int) async -> Void

    /// `onListening` is told the port once connections are accepted.
    package init(
        configuration: WebServerConfiguration, routes: WebRoutes, logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.routes = routes
        self.logger = logger
        self.onListening = onListening
    }

    package func run() async throws {
        let plain = WebChildChannel(
            dispatcher: WebDispatcher(routes: routes, hostPolicy: configuration.hostPolicy, logger: logger))
        guard let tls = configuration.tls else { return try await run(plain) }
        try await run(TLSChannel(plain, tlsConfiguration: try tls.configuration()))
    }

    private func run<Child: ServerChildChannel>(_ child: Child) async throws {
        // The library reports its start and every hard stop; the program says both itself.
        var quiet = logger
        quiet.logLevel = .critical
        let listening = NIOLockedValueBox(false)
        let server = Server(
            childChannelSetup: child,
            configuration: ServerConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maxConnections)),
            onServerRunning: { [onListening, configuration] channel in
                listening.withLockedValue { $0 = true }
                await onListening(channel.localAddress?.port ?? configuration.port)
            },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: quiet)
        do {
            try await server.run()
        } catch  where !listening.withLockedValue({ $0 }) {
            throw WebServerError(binding: configuration.host, port: configuration.port, failed: error)
        }
    }

    /// Runs the server for as long as `body` runs; `body` gets the port.
    package static func withRunning<Result: Sendable>(
        configuration: WebServerConfiguration, routes: WebRoutes, logger: Logger,
        _ body: @escaping @Sendable (_ port: Int) async throws -> Result
    ) async throws -> Result {
        let (ports, port) = AsyncStream<Int>.makeStream()
        let server = WebServer(configuration: configuration, routes: routes, logger: logger) { port.yield($0) }
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask {
                defer { port.finish() }
                try await server.run()
                return nil
            }
            group.addTask {
                for await port in ports { return try await body(port) }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}
