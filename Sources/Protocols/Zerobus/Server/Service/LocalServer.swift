import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2Posix
public import Logging
import NIOCore
import ServiceLifecycle
import WebSupport
import ZerobusCore

/// How the stand-in serves.
public struct LocalServerConfiguration: Sendable {
    public var host: String
    /// 0 lets the system choose.
    public var grpcPort: Int
    /// 0 lets the system choose.
    public var httpPort: Int
    /// The folder of tables; made when missing.
    public var dataDirectory: String
    /// Make undeclared tables from the first descriptor or JSON records.
    public var autoCreate: Bool
    /// Host names that the HTTP side answers to beside loopback and `host`.
    public var allowedHosts: [String]
    /// Bearer tokens that are accepted without having been issued here.
    public var acceptedTokens: [String]
    /// The one client id and secret that get tokens; nil: every id with a secret.
    public var principal: ServicePrincipal?
    /// Life of a new token in seconds.
    public var tokenLifetimeSeconds: Int
    /// PEM files of certificate (with its chain) and key; both sides then speak TLS.
    public var tls: TLSFiles?
    /// What is done late or wrong on purpose.
    public var drill: Drill

    /// Where the server's certificate and its key are.
    public struct TLSFiles: Equatable, Sendable {
        public var certificate: String
        public var privateKey: String

        public init(certificate: String, privateKey: String) {
            self.certificate = certificate
            self.privateKey = privateKey
        }
    }

    public init(
        host: String = "127.0.0.1", grpcPort: Int = 7443, httpPort: Int = 7080, dataDirectory: String,
        autoCreate: Bool = true, allowedHosts: [String] = [], acceptedTokens: [String] = ["local"],
        principal: ServicePrincipal? = nil, tokenLifetimeSeconds: Int = 3600, tls: TLSFiles? = nil,
        drill: Drill = Drill()
    ) {
        self.host = host
        self.grpcPort = grpcPort
        self.httpPort = httpPort
        self.dataDirectory = dataDirectory
        self.autoCreate = autoCreate
        self.allowedHosts = allowedHosts
        self.acceptedTokens = acceptedTokens
        self.principal = principal
        self.tokenLifetimeSeconds = tokenLifetimeSeconds
        self.tls = tls
        self.drill = drill
    }
}

/// A Zerobus-compatible service on this machine: gRPC ingest, tokens, tables and their rows.
public struct LocalServer: Sendable {
    /// Where a running server listens.
    public struct Ports: Equatable, Sendable {
        public let grpc: Int
        public let http: Int
    }

    private let configuration: LocalServerConfiguration
    private let logger: Logger

    public init(configuration: LocalServerConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Serves until the task is cancelled or its service group shuts down; `onListening` is called once both ports
    /// accept connections. Throws an error that describes itself in one sentence when a port or the folder cannot be
    /// had.
    public func run(onListening: @escaping @Sendable (Ports) async -> Void = { _ in }) async throws {
        let directory = try DataDirectory(path: configuration.dataDirectory, create: true)
        let lock = try directory.lock()
        defer { withExtendedLifetime(lock) {} }
        let store = try TableStore(directory)
        let issuer = TokenIssuer(
            key: try directory.tokenKey(), lifetimeSeconds: configuration.tokenLifetimeSeconds)
        let commits = CommitQueue(store: store, logger: logger)
        let stopping = StopSignal()
        let log = StreamLog()
        let service = ZerobusService(
            admission: Admission(issuer: issuer, acceptedTokens: Set(configuration.acceptedTokens)),
            tables: StreamTables(store: store, autoCreate: configuration.autoCreate),
            commits: commits, stopping: stopping, drill: configuration.drill, log: log, logger: logger)
        let api = WebAPI(
            store: store,
            tokens: TokenEndpoint(issuer: issuer, principal: configuration.principal),
            tokenDelay: configuration.drill.tokenDelay, log: log)
        let result: Result<Void, any Error>
        do {
            try await serve(service, api.routes, stopping, onListening)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        try await commits.shutdown()
        try store.close()
        try result.get()
    }

    private func serve(
        _ service: ZerobusService, _ routes: WebRoutes, _ stopping: StopSignal,
        _ onListening: @escaping @Sendable (Ports) async -> Void
    ) async throws {
        let grpc = GRPCServer(transport: transport(), services: [service])
        let (ports, port) = AsyncStream<Int>.makeStream()
        let web = WebServer(
            configuration: WebServerConfiguration(
                host: configuration.host, port: configuration.httpPort, allowedHosts: configuration.allowedHosts,
                tls: configuration.tls.map { .init(certificate: $0.certificate, privateKey: $0.privateKey) }),
            routes: routes, logger: logger
        ) { port.yield($0) }
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await Self.serve(grpc, configuration) }
                group.addTask { try await web.run() }
                group.addTask {
                    // Nil when the server could not start, which the task above reports.
                    guard let grpcPort = await Self.port(of: grpc) else { return }
                    for await httpPort in ports {
                        await onListening(Ports(grpc: grpcPort, http: httpPort))
                        return
                    }
                }
                defer { group.cancelAll() }
                // The first failure ends the other side too.
                for try await _ in group {}
            }
        } onGracefulShutdown: {
            port.finish()
            grpc.beginGracefulShutdown()
            stopping.raise()
        }
    }

    private static func serve(
        _ server: GRPCServer<HTTP2ServerTransport.Posix>, _ configuration: LocalServerConfiguration
    ) async throws {
        do {
            try await server.serve()
        } catch let error as RuntimeError {
            throw ListenError(configuration.host, configuration.grpcPort, error)
        }
    }

    private static func port(of server: GRPCServer<HTTP2ServerTransport.Posix>) async -> Int? {
        let address = try? await server.transport.listeningAddress
        return address?.ipv4?.port ?? address?.ipv6?.port
    }

    private func transport() -> HTTP2ServerTransport.Posix {
        var config = HTTP2ServerTransport.Posix.Config.defaults
        // The library's own 64 KiB would limit a stream to that per round trip.
        config.http2.targetWindowSize = 64 << 20
        config.rpc.maxRequestPayloadSize = ZerobusLimits.maxMessageBytes
        config.connection.maxAge = configuration.drill.connectionAge
        let security: HTTP2ServerTransport.Posix.TransportSecurity =
            configuration.tls.map { files in
                .tls(
                    certificateChain: [.file(path: files.certificate, format: .pem)],
                    privateKey: .file(path: files.privateKey, format: .pem))
            } ?? .plaintext
        let host = configuration.host == "localhost" ? "127.0.0.1" : configuration.host
        return HTTP2ServerTransport.Posix(
            address: host.contains(":")
                ? .ipv6(host: host, port: configuration.grpcPort) : .ipv4(host: host, port: configuration.grpcPort),
            transportSecurity: security, config: config)
    }
}

/// Why the gRPC side could not listen, or stopped.
struct ListenError: Error, CustomStringConvertible {
    let description: String

    init(_ host: String, _ port: Int, _ error: RuntimeError) {
        let place = "\(host):\(port)"
        guard let cause = error.cause as? IOError else {
            description = "the gRPC server at \(place) stopped: \(error.cause.map { "\($0)" } ?? error.message)"
            return
        }
        description =
            cause.errnoCode == EADDRINUSE
            ? "cannot listen on \(place): the port is already in use"
            : "cannot listen on \(place): \(String(cString: strerror(cause.errnoCode)))"
    }
}
