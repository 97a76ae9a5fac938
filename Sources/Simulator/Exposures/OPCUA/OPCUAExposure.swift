package import Logging
import NIOCore
import NIOPosix
import OPCUAServer
import OPCUATypes
package import SimulatorPlant

/// Shows the plant as an OPC UA server. Nothing can be written.
package struct OPCUAExposure: Exposure {
    private let host: String
    private let port: Int
    private let access: OPCUAAccess
    private let sensors: [Sensor]
    private let feed: TickFeed
    private let logger: Logger

    /// What clients see in the endpoint's URL; they may use any other.
    private static let path = "/ot-simulator/server/"

    /// An exposure at an address; port 0 takes a free one.
    package init(
        host: String, port: Int, access: OPCUAAccess = OPCUAAccess(), sensors: [Sensor], feed: TickFeed, logger: Logger
    ) {
        self.access = access
        self.host = host
        self.port = port
        self.sensors = sensors
        self.feed = feed
        self.logger = logger
    }

    package var kind: ExposureKind { .opcua }

    package func serve(opened: @escaping @Sendable (_ url: String) async -> Void) async throws {
        let plant = try PlantAddressSpace(sensors)
        let server = ServerApplication(
            configuration: ServerConfiguration(
                host: host, port: port, path: Self.path, applicationName: "OT Data Simulator",
                applicationURI: PlantAddressSpace.applicationURI, productURI: PlantAddressSpace.namespaceURI,
                security: try access.security(host: host, logger: logger)),
            addressSpace: plant.space, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let writer = OPCUAWriter(sensors, handles: plant.handles, server: server)
        try feed.join(writer)
        defer { feed.leave(writer) }
        let (ports, listening) = AsyncStream<Int>.makeStream(bufferingPolicy: .bufferingNewest(1))
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { listening.finish() }
                    try await server.run { listening.yield($0.port ?? port) }
                }
                for await port in ports {
                    await opened("opc.tcp://\(Endpoint.authority(host, port))\(Self.path)")
                }
                try await group.waitForAll()
            }
        } catch let error as ServerError {
            throw ExposureError.cannotListen(kind, host: host, port: port, cause: error.description)
        }
    }
}

/// Gives each tick to the server as one update, so that a Read of many nodes never sees two ticks.
final class OPCUAWriter: TickReceiver {
    private let handles: [VariableHandle]
    private let kinds: [ValueKind]
    private let server: ServerApplication

    init(_ sensors: [Sensor], handles: [VariableHandle], server: ServerApplication) {
        self.handles = handles
        kinds = sensors.map(\.definition.kind)
        self.server = server
    }

    func received(_ tick: Tick) {
        let time = DateTime(utcMicroseconds: tick.timestamp)
        server.update(handles) { place in
            PlantDataValue.make(
                tick.values[place], kind: kinds[place], quality: tick.qualities[place], time: time)
        }
    }
}
