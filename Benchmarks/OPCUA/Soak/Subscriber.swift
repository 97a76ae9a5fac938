package import OPCUAClient
package import OPCUATypes

/// Subscribes to the first items of a counting server, ours or a peer's.
package struct Subscriber: Sendable {
    package var configuration: OPCUAClientConfiguration
    package var tags: Int
    package var publishingMilliseconds: Double
    /// 0 asks for every change.
    package var samplingMilliseconds: Double
    /// A value that only its time tells from the last one comes too.
    package var everyTime = false
    /// NodeId of an item.
    package var id: @Sendable (Int) -> NodeId

    package init(
        configuration: OPCUAClientConfiguration, tags: Int, publishingMilliseconds: Double,
        samplingMilliseconds: Double = 0,
        id: @escaping @Sendable (Int) -> NodeId = { CountingPlant.id($0) }
    ) {
        self.configuration = configuration
        self.tags = tags
        self.publishingMilliseconds = publishingMilliseconds
        self.samplingMilliseconds = samplingMilliseconds
        self.id = id
    }

    /// An item that the server refused.
    package struct Refused: Error, CustomStringConvertible {
        package var description: String
    }

    /// Counts items that count; lends the receiver once every item is monitored. The connection ends with `body`.
    package func run(
        _ body: @escaping @Sendable (CountingReceiver<ItemCounter>) async throws -> Void
    ) async throws {
        try await run(CountingReceiver(ItemCounter(items: tags)), body)
    }

    /// Gives what comes to the receiver; lends it once every item is monitored. The connection ends with `body`.
    package func run<Counter>(
        _ receiver: CountingReceiver<Counter>,
        _ body: @escaping @Sendable (CountingReceiver<Counter>) async throws -> Void
    ) async throws {
        try await OPCUAConnection.withConnection(configuration, receiver: receiver) { connection in
            receiver.use(connection)
            let limits = try await connection.operationLimits()
            let subscription = try await connection.createSubscription(
                CreateSubscriptionRequest(
                    requestedPublishingInterval: publishingMilliseconds, requestedLifetimeCount: 6_000,
                    requestedMaxKeepAliveCount: 100, publishingEnabled: true))
            let results = try await connection.createMonitoredItems(
                (0..<tags).map(request), in: subscription.subscriptionId, limits: limits)
            if let refused = results.first(where: { !$0.statusCode.isGood }) {
                throw Refused(description: "the server does not monitor an item: \(refused.statusCode)")
            }
            try await body(receiver)
        }
    }

    private func request(_ index: Int) -> MonitoredItemCreateRequest {
        MonitoredItemCreateRequest(
            itemToMonitor: ReadValueId(nodeId: id(index), attributeId: 13), monitoringMode: .reporting,
            requestedParameters: MonitoringParameters(
                clientHandle: UInt32(index), samplingInterval: samplingMilliseconds,
                filter: everyTime ? ExtensionObject(DataChangeFilter(trigger: .statusValueTimestamp)) : .null,
                queueSize: 10, discardOldest: true))
    }
}
