public import Logging
public import ModbusCore
import NIOConcurrencyHelpers
public import NIOCore
public import NIOPosix
public import NIOSSL

/// A Modbus TCP server over a bank of registers.
public struct ModbusTCPServer: Sendable {
    public struct Configuration: Sendable {
        /// Address to listen on.
        public var host: String
        /// Port to listen on; 0 takes a free one.
        public var port: Int
        /// Clients at a time; a further one is disconnected at once.
        public var maxConnections: Int
        /// Whether functions 5, 6, 15, 16, 22 and 23 change coils and holding registers; else they are refused with
        /// `illegalFunction`.
        public var acceptsWrites: Bool
        /// The unit that answers to 0 and 255, which clients use for a device that is no gateway.
        public var defaultUnit: UnitID?
        public var identity: DeviceIdentity
        /// How PDUs are wrapped; serial framings are what a gateway forwards.
        public var framing: Framing
        /// Certificates and what is asked of clients; nil is no TLS.
        public var tls: TLSConfiguration?

        public init(
            host: String = "127.0.0.1", port: Int = 502, maxConnections: Int = 64, acceptsWrites: Bool = true,
            defaultUnit: UnitID? = nil, framing: Framing = .mbap, tls: TLSConfiguration? = nil,
            identity: DeviceIdentity = DeviceIdentity(vendorName: "Penstock", productCode: "MODBUS", revision: "1")
        ) {
            self.host = host
            self.port = port
            self.maxConnections = maxConnections
            self.acceptsWrites = acceptsWrites
            self.defaultUnit = defaultUnit
            self.identity = identity
            self.framing = framing
            self.tls = tls
        }
    }

    private let configuration: Configuration
    private let bank: RegisterBank
    private let group: any EventLoopGroup
    private let logger: Logger

    public init(
        configuration: Configuration, bank: RegisterBank,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton, logger: Logger
    ) {
        self.configuration = configuration
        self.bank = bank
        self.group = group
        self.logger = logger
    }

    /// Listens while `body` runs and then closes the port and every client.
    ///
    /// - Parameter body: receives the port that is listened on.
    /// - Throws: `ModbusServerError` when the port cannot be had, else what `body` throws.
    public func withServer<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
        let clients = ConnectedClients(limit: configuration.maxConnections)
        let channel = try await listen(clients)
        do {
            let result = try await body(channel.localAddress?.port ?? configuration.port)
            await Self.close(channel, clients)
            return result
        } catch {
            await Self.close(channel, clients)
            throw error
        }
    }

    /// Listens until the task is cancelled.
    ///
    /// - Parameter onListening: called once with the port that is listened on.
    /// - Throws: `ModbusServerError` when the port cannot be had; `CancellationError` at the end.
    public func run(onListening: @Sendable (Int) -> Void = { _ in }) async throws {
        try await withServer { port in
            onListening(port)
            // Nothing ends this but cancellation.
            while true { try await Task.sleep(for: .seconds(3_600)) }
        }
    }

    private func listen(_ clients: ConnectedClients) async throws -> any Channel {
        let responder = RequestResponder(
            bank: bank, identity: configuration.identity, acceptsWrites: configuration.acceptsWrites,
            defaultUnit: configuration.defaultUnit)
        let tls = try configuration.tls.map { try NIOSSLContext(configuration: $0) }
        let framing = configuration.framing
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 128)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [logger] channel in
                channel.eventLoop.makeCompletedFuture {
                    guard clients.admit(channel) else {
                        logger.warning("client refused: too many connections")
                        channel.close(promise: nil)
                        return
                    }
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    let handler = ModbusServerHandler(framing: framing, responder: responder, logger: logger)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        do {
            return try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
        } catch {
            throw ModbusServerError(host: configuration.host, port: configuration.port, cause: error)
        }
    }

    private static func close(_ channel: any Channel, _ clients: ConnectedClients) async {
        channel.close(promise: nil)
        await ended(channel)
        for client in clients.end() {
            client.close(promise: nil)
            await ended(client)
        }
    }

    private static func ended(_ channel: any Channel) async {
        await withCheckedContinuation { continuation in
            channel.closeFuture.whenComplete { _ in continuation.resume() }
        }
    }
}

/// The open connections of a server, up to a limit.
private final class ConnectedClients: Sendable {
    private let limit: Int
    /// nil once the server has ended: nobody is admitted any more.
    private let channels = NIOLockedValueBox<[ObjectIdentifier: any Channel]?>([:])

    init(limit: Int) {
        self.limit = limit
    }

    func admit(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let admitted = channels.withLockedValue { channels in
            guard let count = channels?.count, count < limit else { return false }
            channels?[id] = channel
            return true
        }
        if admitted {
            channel.closeFuture.whenComplete { _ in
                self.channels.withLockedValue { $0?[id] = nil }
            }
        }
        return admitted
    }

    func end() -> [any Channel] {
        channels.withLockedValue { channels in
            defer { channels = nil }
            return channels.map { Array($0.values) } ?? []
        }
    }
}
