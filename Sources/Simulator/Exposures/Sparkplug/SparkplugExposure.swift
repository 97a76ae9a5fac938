package import Logging
package import SimulatorPlant

/// Shows the plant as genuine edge nodes of Sparkplug B, on a broker of its own or on another.
package struct SparkplugExposure: Exposure {
    private let host: String
    private let port: Int
    private let destination: MQTTSettings.Destination
    private let interval: PublishingInterval
    private let plant: SparkplugPlant
    private let sensorCount: Int
    private let feed: TickFeed
    private let logger: Logger

    /// An exposure whose own broker, if it has one, listens at an address; port 0 takes a free one.
    package init(
        host: String, port: Int, settings: SparkplugSettings,
        destination: MQTTSettings.Destination = .own(MQTTSettings.OwnBroker()), intervalMilliseconds: Int? = nil,
        sensors: [Sensor], feed: TickFeed, logger: Logger
    ) {
        self.host = host
        self.port = port
        self.destination = destination
        interval = PublishingInterval(milliseconds: intervalMilliseconds)
        plant = SparkplugPlant(sensors, settings)
        sensorCount = sensors.count
        self.feed = feed
        self.logger = logger
    }

    package var kind: ExposureKind { .mqtt }

    package func serve(opened: @escaping @Sendable (_ url: String) async -> Void) async throws {
        let own: MQTTSettings.OwnBroker
        switch destination {
        case .other(let broker):
            await opened(broker.endpoint)
            return try await runNodes(at: broker)
        case .own(let settings): own = settings
        }
        let broker = PlantBroker(
            own, host: host, port: port, queuedMessages: 100_000, queuedBytes: max(64 << 20, 4 * 64 * sensorCount),
            logger: logger)
        let (starts, started) = AsyncStream<Void>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await broker.run { started.yield() } }
            group.addTask {
                for await _ in starts {
                    await opened(broker.url)
                    return try await runNodes(at: broker.inside)
                }
                throw CancellationError()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func runNodes(at broker: MQTTSettings.OtherBroker) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in plant.nodes {
                let edge = SparkplugEdge(node, interval, at: broker, feed: feed, logger: logger)
                group.addTask { try await edge.run() }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
