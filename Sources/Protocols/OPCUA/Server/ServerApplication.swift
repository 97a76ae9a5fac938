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
    private let store: ValueStore
    private let loop: any EventLoop
    /// Lives on the loop.
    private let core: NIOLoopBoundBox<ServerCore>
    /// Number of the standard's variables, which stand before the application's in the store.
    private let offset: Int

    /// - Parameter group: the server takes one event loop of it for all its connections.
    public init(
        configuration: ServerConfiguration, addressSpace: AddressSpace, group: any EventLoopGroup, logger: Logger
    ) {
        self.configuration = configuration
        loop = group.next()
        let startTime = SystemClock.utc
        var space = addressSpace
        space.setServerValues(configuration, at: startTime)
        offset = space.standardValues.count
        store = ValueStore(space.standardValues + space.initialValues(from: 0, at: startTime))
        let (histories, offset) = (space.historyLengths, offset)
        store.withValues { values in
            for (slot, length) in histories { values.keepHistory(offset + Int(slot), length: length) }
        }
        core = NIOLoopBoundBox.makeBoxSendingValue(
            ServerCore(
                configuration: configuration, space: space, store: store, startTime: startTime, loop: loop,
                logger: logger), eventLoop: loop)
    }

    /// Stores new values and queues them for whoever watches them. May be called from any thread; the values of one
    /// call become visible together.
    public func update(_ updates: [VariableUpdate]) {
        let now = SystemClock.utc
        store.withValues { values in
            values.now = SystemClock.nanoseconds
            for update in updates where update.variable.index >= 0 {
                var value = update.value
                if value.serverTimestamp == nil { value.serverTimestamp = now }
                values.update(offset + Int(update.variable.index), value)
            }
        }
    }

    /// The current value of a variable; nil for a handle of another server.
    public func value(of variable: VariableHandle) -> DataValue? {
        let position = offset + Int(variable.index)
        return store.withValues { values in
            variable.index >= 0 && position < values.values.count ? values.values[position] : nil
        }
    }

    /// Changes the address space while the server runs, or before: adds nodes, removes them. Clients that subscribe to
    /// the server's events get a GeneralModelChangeEvent. It works on the server's event loop: it must be quick.
    public func modify<Value: Sendable>(
        _ body: @escaping @Sendable (inout AddressSpace) throws -> Value
    ) async throws -> Value {
        let core = core
        return try await loop.submit { try core.value.modify(body) }.get()
    }

    /// Tells an event to the clients that want it. May be called from any thread.
    public func raise(_ event: ServerEvent) {
        let core = core
        loop.execute { core.value.raise(event) }
    }

    /// Listens and serves until the task is cancelled; then every client is told and disconnected.
    /// - Parameter onListening: called once with the address, which tells the port when 0 was asked for.
    /// - Throws: ``ServerError`` when the address cannot be had.
    public func run(onListening: @Sendable (SocketAddress) -> Void = { _ in }) async throws {
        let core = core
        try await loop.submit { core.value.start() }.get()
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

    private func bootstrap(_ core: NIOLoopBoundBox<ServerCore>) -> ServerBootstrap {
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
