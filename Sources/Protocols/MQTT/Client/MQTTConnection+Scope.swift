public import Logging
import MQTTCore
public import NIOCore
import NIOPosix

extension MQTTConnection {
    /// Connects, subscribes to the configured topic filters, and keeps the connection as long as the body runs.
    ///
    /// The body is cancelled and the call throws when the link dies, keep-alive lapses or the broker disconnects. When
    /// the body ends, the broker is told goodbye.
    ///
    /// - Parameters:
    ///   - session: what is to outlive the connection; use the same one again for the next connection.
    ///   - group: where the connection runs; nil takes the event loops of the process.
    /// - Throws: `MQTTClientError` for everything that the broker or the network does, else what the body throws.
    @concurrent
    public static func withConnection<Result: Sendable>(
        _ configuration: MQTTClientConfiguration, receiver: any MQTTReceiver, session: MQTTSession = MQTTSession(),
        group: (any EventLoopGroup)? = nil, logger: Logger = Logger(label: "mqtt.client"),
        _ body: @escaping @Sendable (MQTTConnection) async throws -> Result
    ) async throws -> Result {
        let eventLoop = (group ?? MultiThreadedEventLoopGroup.singleton).next()
        let wire = try await ClientWire.open(
            configuration, receiver: receiver, session: session, eventLoop: eventLoop, logger: logger)
        return try await withThrowingTaskGroup(of: Result?.self) { tasks in
            tasks.addTask {
                // The scope's own leave makes this end too; its error is then of no interest.
                throw try await wire.ended.get()
            }
            tasks.addTask {
                let connection = try await wire.connection.subscribed(to: configuration.subscriptions)
                return try await body(connection)
            }
            do {
                let result = try await tasks.next() ?? nil
                wire.leave()
                guard let result else { throw MQTTClientError.closed(configuration.address) }
                return result
            } catch {
                wire.leave()
                tasks.cancelAll()
                throw error
            }
        }
    }

    /// Subscribes to what the configuration names.
    ///
    /// - Throws: `MQTTClientError` with the code `.subscriptionRefused` when nothing at all was granted.
    private func subscribed(to wanted: [Subscription]) async throws -> MQTTConnection {
        guard !wanted.isEmpty else { return self }
        let reasons = try await subscribe(wanted)
        var connection = self
        connection.subscriptions = zip(wanted, reasons).map { SubscriptionResult(subscription: $0, reason: $1) }
        if let first = connection.subscriptions.first, connection.subscriptions.allSatisfy(\.reason.isError) {
            throw MQTTClientError(
                .subscriptionRefused,
                "the MQTT broker \(address) refused every subscription, first \"\(first.subscription.filter)\": "
                    + "\(first.reason); ask its administrator for the right to read these topics",
                reason: first.reason)
        }
        return connection
    }
}

/// A connection that is open.
struct ClientWire: Sendable {
    var connection: MQTTConnection
    var ended: EventLoopFuture<MQTTClientError>

    func leave() {
        connection.eventLoop.execute { [handler = connection.handler] in handler.value.leave() }
    }

    /// Connects with the version that is wanted; falls back to 3.1.1 when the broker does not know 5.0.
    static func open(
        _ configuration: MQTTClientConfiguration, receiver: any MQTTReceiver, session: MQTTSession,
        eventLoop: any EventLoop, logger: Logger
    ) async throws -> ClientWire {
        func attempt(_ version: MQTTVersion) async throws -> ClientWire {
            try await open(
                version, configuration, receiver: receiver, session: session, eventLoop: eventLoop, logger: logger)
        }
        switch configuration.version {
        case .only(let version): return try await attempt(version)
        case .automatic:
            do {
                return try await attempt(.v5)
            } catch let error as MQTTClientError where error.suggestsOlderVersion {
                logger.info("mqtt: \(configuration.address) does not speak MQTT 5.0, trying 3.1.1")
                return try await attempt(.v311)
            }
        }
    }

    private static func open(
        _ version: MQTTVersion, _ configuration: MQTTClientConfiguration, receiver: any MQTTReceiver,
        session: MQTTSession, eventLoop: any EventLoop, logger: Logger
    ) async throws -> ClientWire {
        // A name with several addresses makes several channels; and one that connects may be over, its handler gone,
        // before anybody looks. So each attempt is noted when it is made.
        let wiring: ClientWiring
        do {
            wiring = try ClientWiring(configuration)
        } catch {
            throw MQTTClientError.connecting(configuration.address, error)
        }
        let attempts = NIOLoopBoundBox<[ObjectIdentifier: ClientHandler]>
            .makeBoxSendingValue([:], eventLoop: eventLoop)
        let connecting = ClientBootstrap(group: eventLoop)
            .connectTimeout(configuration.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16_384, maximum: 262_144)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = ClientHandler(
                        configuration, version, wiring, receiver: receiver, session: session,
                        eventLoop: channel.eventLoop, logger: logger)
                    attempts.value[ObjectIdentifier(channel)] = handler
                    try wiring.add(handler, to: channel)
                }
            }
            .connect(host: configuration.host, port: configuration.port)
        let promise = eventLoop.makePromise(of: ClientWire.self)
        connecting.whenComplete { result in
            switch result {
            case .failure(let error): promise.fail(MQTTClientError.connecting(configuration.address, error))
            case .success(let channel):
                guard let handler = attempts.value[ObjectIdentifier(channel)] else {
                    return promise.fail(MQTTClientError.closed(configuration.address))
                }
                let ended = handler.ended.futureResult
                let late = NIOLoopBound(handler, eventLoop: eventLoop)
                let deadline = eventLoop.scheduleTask(in: configuration.connectTimeout) {
                    late.value.finish(.noAnswer(configuration.address))
                }
                handler.opened.futureResult.whenComplete { _ in deadline.cancel() }
                handler.opened.futureResult.map { ClientWire(connection: $0, ended: ended) }.cascade(to: promise)
            }
            attempts.value = [:]
        }
        promise.futureResult.whenFailure { _ in connecting.whenSuccess { $0.close(promise: nil) } }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }
}

extension MQTTClientError {
    /// Brokers of 3.1.1 refuse the level of 5.0 with a code, or just hang up, or say nothing at all.
    fileprivate var suggestsOlderVersion: Bool {
        switch code {
        case .refused: reason == .unsupportedProtocolVersion
        case .connectionLost: true
        // The broker was reached: otherwise there is a cause.
        case .connectTimeout: cause == nil
        default: false
        }
    }
}
