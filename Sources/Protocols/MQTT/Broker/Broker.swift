public import Logging
public import MQTTCore
import NIOConcurrencyHelpers
public import NIOCore
import NIOPosix

/// An embedded MQTT broker: 3.1.1 and 5.0, QoS 0 to 2, retained messages, wills, persistent sessions.
///
/// What it knows lives as long as this value, across several calls of `run`; nothing is written to disk.
public final class Broker: Sendable {
    public let configuration: BrokerConfiguration
    private let state: BrokerState
    private let logger: Logger
    private let group: any EventLoopGroup
    private let addresses = NIOLockedValueBox<[SocketAddress]>([])

    /// - Parameter group: the event loops that serve clients; nil takes those of the process.
    public init(
        _ configuration: BrokerConfiguration = BrokerConfiguration(), group: (any EventLoopGroup)? = nil,
        logger: Logger = Logger(label: "mqtt.broker")
    ) {
        self.configuration = configuration
        self.group = group ?? MultiThreadedEventLoopGroup.singleton
        self.logger = logger
        state = BrokerState(configuration)
    }

    /// The addresses on which the broker listens, one for each listener; none while it does not.
    public var listeningAddresses: [SocketAddress] { addresses.withLockedValue { $0 } }

    /// The port of the first listener; nil while the broker does not listen.
    public var port: Int? { listeningAddresses.first?.port }

    /// The port of each listener; none while the broker does not listen.
    public var ports: [Int] { listeningAddresses.compactMap(\.port) }

    public var statistics: BrokerStatistics { state.statistics }

    /// Publishes messages from within the process, from any thread; returns at once.
    ///
    /// Costs next to nothing for messages that nobody subscribed to, unless they are retained. A subscriber that does
    /// not keep up loses messages when its queue is full; they are counted in `statistics`.
    ///
    /// - Throws: `TopicError` for the first topic that is none; no message was published then.
    public func publish(_ messages: [Publish]) throws(TopicError) {
        let topics = messages.map(\.topicText)
        for topic in topics { try TopicName.validate(topic) }
        let now = NIODeadline.now()
        state.step { core, effects in
            for (message, topic) in zip(messages, topics) {
                core.publish(message, topic: topic, from: nil, now: now, &effects)
            }
        }
    }

    /// Listens and serves until the task is cancelled; clients are told that the broker shuts down.
    ///
    /// - Parameter started: called once the ports are open, with the address of the first listener.
    /// - Throws: `BrokerError` when the address cannot be bound.
    public func run(started: @Sendable (SocketAddress) async -> Void = { _ in }) async throws {
        let channels = try await listen()
        let bound = channels.compactMap(\.localAddress)
        addresses.withLockedValue { $0 = bound }
        state.start()
        let state = state
        let clock = group.next().scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            state.step { core, effects in core.timePassed(now: .now(), &effects) }
        }
        await withTaskCancellationHandler {
            if let first = bound.first { await started(first) }
            // Only a close ends this; its failure says nothing that matters here.
            for channel in channels { try? await channel.closeFuture.get() }
        } onCancel: {
            for channel in channels { channel.close(promise: nil) }
        }
        clock.cancel()
        addresses.withLockedValue { $0 = [] }
        try await EventLoopFuture.andAllComplete(state.stop(), on: group.next()).get()
    }

    /// Runs a broker as long as the body runs.
    public static func withBroker<Result: Sendable>(
        _ configuration: BrokerConfiguration, group: (any EventLoopGroup)? = nil,
        logger: Logger = Logger(label: "mqtt.broker"),
        _ body: @escaping @Sendable (Broker) async throws -> Result
    ) async throws -> Result {
        let broker = Broker(configuration, group: group, logger: logger)
        return try await withThrowingTaskGroup(of: Result?.self) { tasks in
            let (started, signal) = AsyncStream<Void>.makeStream()
            tasks.addTask {
                defer { signal.finish() }
                try await broker.run { _ in signal.finish() }
                return nil
            }
            for await _ in started {}
            if broker.port != nil { tasks.addTask { try await body(broker) } }
            while let result = try await tasks.next() {
                if let result {
                    tasks.cancelAll()
                    while try await tasks.next() != nil {}
                    return result
                }
            }
            throw CancellationError()
        }
    }

    private func listen() async throws(BrokerError) -> [any Channel] {
        var channels: [any Channel] = []
        for listener in configuration.listeners {
            do throws(BrokerError) {
                channels.append(try await BrokerDoor(listener, state, logger: logger).open(on: group))
            } catch {
                for channel in channels { channel.close(promise: nil) }
                throw error
            }
        }
        return channels
    }
}

/// Why a broker does not run.
public struct BrokerError: Error, Equatable, Sendable, CustomStringConvertible {
    public var description: String

    init(_ description: String) { self.description = description }
}
