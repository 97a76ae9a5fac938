public import Logging
import NIOConcurrencyHelpers
public import NIOCore
import NIOPosix
import OPCUACore
public import OPCUATypes

/// An OPC UA server: an address space, the values in it, and one endpoint. ``run(onListening:)`` serves until its task is
/// cancelled; values may be updated before, during and after.
public final class ServerApplication: Sendable {
    private let configuration: ServerConfiguration
    private let space: AddressSpace
    private let store: ValueStore
    private let loop: any EventLoop
    private let logger: Logger
    private let startTime: DateTime

    /// - Parameter group: the server takes one event loop of it for all its connections.
    public init(
        configuration: ServerConfiguration, addressSpace: AddressSpace, group: any EventLoopGroup, logger: Logger
    ) {
        self.configuration = configuration
        self.logger = logger
        loop = group.next()
        startTime = SystemClock.utc
        var space = addressSpace
        space.setServerValues(configuration, at: startTime)
        self.space = space
        var values = space.initialValues + space.standardValues
        for index in values.indices where values[index].serverTimestamp == nil {
            values[index].serverTimestamp = startTime
        }
        store = ValueStore(values)
    }

    /// Stores new values and queues them for whoever watches them. May be called from any thread; the values of one
    /// call become visible together.
    public func update(_ updates: [VariableUpdate]) {
        let now = SystemClock.utc
        let count = space.variableCount
        store.withValues { values in
            for update in updates where update.variable.index < count {
                var value = update.value
                if value.serverTimestamp == nil { value.serverTimestamp = now }
                values.update(Int(update.variable.index), value)
            }
        }
    }

    /// The current value of a variable; nil for a handle of another server.
    public func value(of variable: VariableHandle) -> DataValue? {
        guard variable.index >= 0, variable.index < space.variableCount else { return nil }
        return store.withValues { $0.values[Int(variable.index)] }
    }

    /// Listens and serves until the task is cancelled; then every client is told and disconnected.
    /// - Parameter onListening: called once with the address, which tells the port when 0 was asked for.
    /// - Throws: ``ServerError`` when the address cannot be had.
    public func run(onListening: @Sendable (SocketAddress) -> Void = { _ in }) async throws {
        let core = try await loop.submit { self.makeCore() }.get()
        let listener: any Channel
        do {
            listener = try await bootstrap(core).bind(host: configuration.host, port: configuration.port).get()
        } catch {
            throw ServerError(
                description: "cannot listen on \(configuration.host) port \(configuration.port): \(error)")
        }
        if let address = listener.localAddress { onListening(address) }
        await withTaskCancellationHandler {
            _ = try? await listener.closeFuture.get()
        } onCancel: {
            listener.close(promise: nil)
        }
        try await loop.submit { core.value.stop() }.get()
    }

    private func makeCore() -> NIOLoopBound<ServerCore> {
        let core = ServerCore(
            configuration: configuration, space: space, store: store, startTime: startTime, loop: loop, logger: logger)
        core.start()
        return NIOLoopBound(core, eventLoop: loop)
    }

    private func bootstrap(_ core: NIOLoopBound<ServerCore>) -> ServerBootstrap {
        ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 64)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let core = core.value
                    guard core.connections.count < core.configuration.limits.maxConnections else {
                        throw ServerError(description: "too many connections")
                    }
                    try channel.pipeline.syncOperations.addHandler(ConnectionHandler(core: core))
                }
            }
    }
}

extension AddressSpace {
    /// Values of the Server object that stay as they are while the server runs (Part 5, 8.3.2).
    mutating func setServerValues(_ configuration: ServerConfiguration, at time: DateTime) {
        let build = configuration.buildInfo(time)
        let limits = configuration.limits
        let decoding = configuration.channel.decoding
        let operations = Variant.uint32(UInt32(clamping: limits.maxOperationsPerRequest))
        let values: [(UInt32, Variant)] = [
            (2254, .array(VariantArray(.string([configuration.applicationURI])))),
            (2255, .array(VariantArray(.string(namespaces)))),
            (2267, .byte(255)), (2994, .boolean(false)),
            (2257, .dateTime(time)), (2259, .int32(ServerState.running.rawValue)), (2992, .uint32(0)),
            (2993, .localizedText(.null)), (2260, .extensionObject(ExtensionObject(build))),
            (2262, .string(build.productUri)), (2263, .string(build.manufacturerName)),
            (2261, .string(build.productName)), (2264, .string(build.softwareVersion)),
            (2265, .string(build.buildNumber)), (2266, .dateTime(time)),
            (2269, .array(VariantArray(.string(["http://opcfoundation.org/UA-Profile/Server/EmbeddedUA2017"])))),
            (2271, .array(VariantArray(.string(["en"])))), (2272, .double(0)),
            (2735, .uint16(UInt16(clamping: limits.maxBrowseContinuationPoints))), (2736, .uint16(0)),
            (2737, .uint16(0)), (11702, .uint32(UInt32(clamping: decoding.maxArrayLength))),
            (11703, .uint32(UInt32(clamping: decoding.maxStringBytes))),
            (12911, .uint32(UInt32(clamping: decoding.maxStringBytes))),
            (11705, operations), (11707, operations), (11710, operations), (11711, operations), (11712, operations),
            (11714, operations), (3709, .int32(0)), (2294, .boolean(false)),
        ]
        for (id, value) in values { setStandard(id, value, at: time) }
    }
}
