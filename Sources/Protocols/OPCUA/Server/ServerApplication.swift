public import Logging
import NIOConcurrencyHelpers
public import NIOCore
import NIOPosix
import OPCUACore
public import OPCUATypes

/// An OPC UA server: an address space, the values in it, and one endpoint. ``run(onListening:)`` serves until its task is
/// cancelled; values may be updated before, during and after.
public final class ServerApplication: Sendable {
    let configuration: ServerConfiguration
    private let store: ValueStore
    let loop: any EventLoop
    let logger: Logger
    /// Lives on the loop.
    private let core: NIOLoopBoundBox<ServerCore>
    /// Number of the standard's variables, which stand before the application's in the store.
    private let offset: Int

    /// - Parameter group: the server takes one event loop of it for all its connections.
    public init(
        configuration: ServerConfiguration, addressSpace: AddressSpace, group: any EventLoopGroup, logger: Logger
    ) {
        self.configuration = configuration
        self.logger = logger
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

    /// Stores a new value for each of some variables and queues it for whoever watches it: `value` is asked by the place of
    /// the variable among them. The values become visible together, so it must be quick; nothing is gathered for them. May
    /// be called from any thread.
    public func update(_ variables: [VariableHandle], _ value: (_ place: Int) -> DataValue) {
        let now = SystemClock.utc
        store.withValues { values in
            values.now = SystemClock.nanoseconds
            for place in variables.indices where variables[place].index >= 0 {
                var value = value(place)
                if value.serverTimestamp == nil { value.serverTimestamp = now }
                values.update(offset + Int(variables[place].index), value)
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
        let url = "opc.tcp://\(configuration.host):\(listener.localAddress?.port ?? configuration.port)"
        await withTaskGroup(of: Void.self) { group in
            for target in configuration.reverseConnect {
                group.addTask { try? await self.serve(target, core, endpointURL: url + self.configuration.path) }
            }
            await withTaskCancellationHandler {
                _ = try? await listener.closeFuture.get()
            } onCancel: {
                listener.close(promise: nil)
            }
            group.cancelAll()
            // Ends the connections that the tasks wait for.
            _ = try? await loop.submit { core.value.stop() }.get()
        }
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
