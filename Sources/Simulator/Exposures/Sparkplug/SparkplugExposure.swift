package import Logging
import MQTTBroker
import MQTTCore
import NIOCore
package import SimulatorPlant

/// Shows the plant as genuine edge nodes of Sparkplug B, on a broker of its own or on another.
package struct SparkplugExposure: Exposure {
    private let host: String
    private let port: Int
    private let settings: SparkplugSettings
    private let plant: SparkplugPlant
    private let sensorCount: Int
    private let feed: TickFeed
    private let logger: Logger

    /// An exposure whose own broker, if it has one, listens at an address; port 0 takes a free one.
    package init(
        host: String, port: Int, settings: SparkplugSettings, sensors: [Sensor], feed: TickFeed, logger: Logger
    ) {
        self.host = host
        self.port = port
        self.settings = settings
        plant = SparkplugPlant(sensors, settings)
        sensorCount = sensors.count
        self.feed = feed
        self.logger = logger
    }

    package var kind: ExposureKind { .mqtt }

    package func serve(opened: @escaping @Sendable (_ url: String) async -> Void) async throws {
        if let broker = settings.broker {
            await opened(broker)
            return try await runNodes(at: broker)
        }
        let session = BrokerSession.Limits(
            maximumQueuedMessages: 100_000, maximumQueuedBytes: max(64 << 20, 4 * 64 * sensorCount))
        let broker = Broker(
            BrokerConfiguration(host: host, port: port, limits: BrokerLimits(session: session)), logger: logger)
        let (starts, started) = AsyncStream<Int>.makeStream()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await broker.run { started.yield($0.port ?? port) }
                } catch let error as BrokerError {
                    throw ExposureError.cannotListen(kind, host: host, port: port, cause: error.description)
                }
            }
            group.addTask {
                for await port in starts {
                    await opened("mqtt://\(Endpoint.authority(host, port))")
                    return try await runNodes(at: "mqtt://" + Endpoint.authority(Self.loopback(host), port))
                }
                throw CancellationError()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func runNodes(at endpoint: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for node in plant.nodes {
                let edge = SparkplugEdge(node, at: endpoint, feed: feed, logger: logger)
                group.addTask { try await edge.run() }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Where a broker that listens on all networks is reached from here.
    private static func loopback(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }
}
