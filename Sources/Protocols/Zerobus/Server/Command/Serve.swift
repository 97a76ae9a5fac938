import ArgumentParser
import CommandSupport
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// `zerobus-local serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve until stopped (SIGTERM, SIGINT).",
        discussion: """
            The gRPC port takes Zerobus streams in plain text; the HTTP port gives tokens (POST /oidc/v1/token), table \
            definitions (GET /api/2.1/unity-catalog/tables/NAME), and GET /tables, /tables/NAME/count, \
            /tables/NAME/rows?limit=&order=column|-column; POST /tables takes CREATE TABLE text; GET /streams tells \
            what became of the last streams. The switches from --close-after on make it misbehave, as the real service \
            does now and then, to try a client against it.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port of the ingest service; 0 lets the system choose.")
    var grpcPort = 7443

    @Option(help: "The port of tokens and tables; 0 lets the system choose.")
    var httpPort = 7080

    @Flag(inversion: .prefixedNo, help: "Make undeclared tables from the first descriptor or JSON records.")
    var autoCreate = true

    @Flag(help: "Refuse streams into undeclared tables.")
    var strict = false

    @Option(help: "A host name that the HTTP port answers to beside loopback (may be repeated; * for any).")
    var allowHost: [String] = []

    @Option(help: "A bearer token that is accepted without having been issued here (may be repeated).")
    var acceptToken: [String] = ["local"]

    @Option(help: "Give tokens to this client id only; its secret is read from $ZEROBUS_LOCAL_CLIENT_SECRET.")
    var clientId: String?

    @Option(help: "A PEM file with the certificate (and its chain) of both ports, which then speak TLS.")
    var tlsCert: String?

    @Option(help: "A PEM file with the key of --tls-cert.")
    var tlsKey: String?

    @OptionGroup(title: "Drills") var drills: DrillOptions

    func validate() throws {
        for port in [grpcPort, httpPort] where !(0...65535).contains(port) {
            throw ValidationError("\(port) is no port number.")
        }
        guard (tlsCert == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-cert and --tls-key belong together.")
        }
    }

    /// The files of TLS, once both can be read: what is wrong with them is said before anything listens.
    private func tlsFiles() throws -> LocalServerConfiguration.TLSFiles? {
        guard let tlsCert, let tlsKey else { return nil }
        for file in [tlsCert, tlsKey] where !FileManager.default.isReadableFile(atPath: file) {
            throw ValidationError("\(file) cannot be read.")
        }
        return .init(certificate: tlsCert, privateKey: tlsKey)
    }

    func run() async throws {
        var principal: ServicePrincipal?
        if let clientId {
            guard let secret = ProcessInfo.processInfo.environment["ZEROBUS_LOCAL_CLIENT_SECRET"], !secret.isEmpty
            else {
                throw ValidationError("--client-id needs the secret in $ZEROBUS_LOCAL_CLIENT_SECRET.")
            }
            principal = ServicePrincipal(id: clientId, secret: secret)
        }
        let level: Logger.Level = common.verbose ? .debug : .notice
        let logger = Logger(label: "zerobus-local") { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let server = LocalServer(
            configuration: LocalServerConfiguration(
                host: host, grpcPort: grpcPort, httpPort: httpPort, dataDirectory: common.dataDirectory,
                autoCreate: autoCreate && !strict, allowedHosts: allowHost, acceptedTokens: acceptToken,
                principal: principal, tokenLifetimeSeconds: drills.expireTokens, tls: try tlsFiles(),
                drill: drills.drill),
            logger: logger)
        let service = Running(
            server: server, host: host, scheme: tlsCert == nil ? "http" : "https",
            dataDirectory: common.dataDirectory)
        var group = ServiceGroupConfiguration(
            services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(10)
        try await ServiceGroup(configuration: group).run()
    }

    private struct Running: Service, CustomStringConvertible {
        var description: String { "zerobus-local" }
        let server: LocalServer
        let host: String
        let scheme: String
        let dataDirectory: String

        func run() async throws {
            try await server.run { [host, scheme, dataDirectory] ports in
                Console.say("zerobus-local: ingest   \(scheme)://\(host):\(ports.grpc) (gRPC)")
                Console.say("zerobus-local: tables   \(scheme)://\(host):\(ports.http)/tables")
                Console.say("zerobus-local: data in  \(dataDirectory)")
            }
        }
    }
}
