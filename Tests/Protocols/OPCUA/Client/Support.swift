import Logging
import NIOCore
import NIOPosix
import OPCUAClient
import OPCUACore
import OPCUAServer
import OPCUATypes

/// A plant of numbered variables, `ns=2;s=plant/v0` and on.
struct Plant: Sendable {
    let server: ServerApplication
    let variables: [VariableHandle]

    static func node(_ index: Int) -> NodeId { NodeId(namespace: 2, string: "plant/v\(index)") }

    /// - Parameter group: its own for a test that must not wait for the loops of others.
    init(
        variables count: Int, port: Int = 0, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        configure: (inout ServerConfiguration) -> Void = { _ in }
    ) throws {
        var space = AddressSpace(applicationURI: "urn:test:server", namespaces: ["urn:test:plant"])
        let folder = try space.addFolder(NodeId(namespace: 2, string: "plant"), name: "plant")
        variables = try (0..<count).map { index in
            try space.addAnalogItem(
                VariableDefinition(
                    id: Self.node(index), name: "v\(index)", type: .double, value: DataValue(.double(0))),
                range: ValueRange(low: 0, high: 10), unit: EUInformation(displayName: LocalizedText("kW")),
                under: folder)
        }
        var configuration = ServerConfiguration(
            port: port, applicationName: "Test", applicationURI: "urn:test:server",
            subscription: ServerSubscriptionSettings(shortestIntervalMilliseconds: 1))
        configure(&configuration)
        server = ServerApplication(
            configuration: configuration, addressSpace: space, group: group,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs the server while `body` runs.
    func serve(_ body: @escaping @Sendable (_ port: Int) async throws -> Void) async throws {
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { port.finish() }
                try await self.server.run { port.yield($0.port ?? 0) }
            }
            for await number in ports {
                group.addTask { try await body(number) }
                break
            }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Gives variables a value that names the round.
    func update(_ value: Double, at microseconds: Int64 = 0) {
        let time = DateTime(utcMicroseconds: 1_700_000_000_000_000 + microseconds)
        server.update(
            variables.map { VariableUpdate($0, DataValue(.double(value), sourceTimestamp: time)) })
    }
}

/// One message as a test looks at it.
struct Received: Sendable {
    var subscription: UInt32
    var number: UInt32
    var samples: [MonitoredItemSample]
}

/// Takes messages and lets a test wait for them.
struct Collector: OPCUAReceiver {
    let messages: AsyncStream<Received>
    private let continuation: AsyncStream<Received>.Continuation

    init() { (messages, continuation) = AsyncStream.makeStream() }

    func notifications(_ message: NotificationReader, of subscription: UInt32) throws {
        var samples: [MonitoredItemSample] = []
        try message.forEach { samples.append($0) }
        continuation.yield(Received(subscription: subscription, number: message.sequenceNumber, samples: samples))
    }

    func lost(_ messages: Int, of subscription: UInt32) {}
}

func configuration(_ port: Int, _ change: (inout OPCUAClientConfiguration) -> Void = { _ in }) throws
    -> OPCUAClientConfiguration
{
    var configuration = OPCUAClientConfiguration(endpoint: try OPCUAEndpoint("opc.tcp://127.0.0.1:\(port)/any/path"))
    change(&configuration)
    return configuration
}

/// Items for the first variables of a plant; the client handle is the variable's number.
func items(_ count: Int, queueSize: UInt32 = 1) -> [MonitoredItemCreateRequest] {
    (0..<count).map { index in
        MonitoredItemCreateRequest(
            itemToMonitor: ReadValueId(nodeId: Plant.node(index), attributeId: AttributeId.value),
            monitoringMode: .reporting,
            requestedParameters: MonitoringParameters(
                clientHandle: UInt32(index), queueSize: queueSize, discardOldest: true))
    }
}

func subscriptionRequest(interval: Double = 10, keepAlive: UInt32 = 100) -> CreateSubscriptionRequest {
    CreateSubscriptionRequest(
        requestedPublishingInterval: interval, requestedLifetimeCount: keepAlive * 3,
        requestedMaxKeepAliveCount: keepAlive, publishingEnabled: true)
}
