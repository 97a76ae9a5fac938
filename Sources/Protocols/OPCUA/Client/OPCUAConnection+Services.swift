import OPCUACore
public import OPCUATypes

/// Services in batches that the server can take.
extension OPCUAConnection {
    /// Reads the server's operation limits; what it does not tell is the usual.
    public func operationLimits() async throws -> OperationLimits {
        // MaxNodesPerRead, MaxNodesPerBrowse, MaxMonitoredItemsPerCall (Part 6, NodeIds).
        let nodes = [11705, 11710, 11714].map { NodeId($0) }
        let values = try await call(Self.readRequest(nodes.map { ($0, .value) })).results
        let limits = (0..<nodes.count).map { index -> Int in
            guard index < values.count, case .uint32(let limit) = values[index].value, limit > 0 else {
                return OperationLimits.usual
            }
            return min(Int(limit), OperationLimits.usual)
        }
        return OperationLimits(nodesPerRead: limits[0], nodesPerBrowse: limits[1], itemsPerCall: limits[2])
    }

    /// Reads attributes, one result each, in order.
    public func read(
        _ items: [(node: NodeId, attribute: AttributeID)], limits: OperationLimits
    ) async throws -> [DataValue] {
        try await inBatches(items, of: limits.nodesPerRead) { batch in
            try await self.call(Self.readRequest(batch)).results
        }
    }

    private static func readRequest(_ items: [(node: NodeId, attribute: AttributeID)]) -> ReadRequest {
        ReadRequest(
            timestampsToReturn: .source,
            nodesToRead: items.map { ReadValueId(nodeId: $0.node, attributeId: $0.attribute.rawValue) })
    }

    /// Browses nodes, one result each, in order; follows continuation points to their end.
    public func browse(_ nodes: [BrowseDescription], limits: OperationLimits) async throws -> [BrowseResult] {
        var results = try await inBatches(nodes, of: limits.nodesPerBrowse) { batch in
            try await self.call(BrowseRequest(nodesToBrowse: batch)).results
        }
        for index in results.indices {
            while let point = results[index].continuationPoint, !point.bytes.isEmpty {
                let next = try await call(BrowseNextRequest(continuationPoints: [point])).results.first
                results[index].continuationPoint = next?.continuationPoint
                results[index].references += next?.references ?? []
                if let status = next?.statusCode, !status.isGood {
                    throw OPCUAClientError(
                        .transient, status: status, "\(address): the server could not go on browsing [\(status)]")
                }
                // A point that brings nothing and leads on would be followed for ever.
                if next?.references.isEmpty != false, next?.continuationPoint?.bytes.isEmpty == false {
                    throw OPCUAClientError(.transient, "\(address): the server's browse answers lead nowhere")
                }
                guard results[index].references.count <= configuration.decoding.maxArrayLength else {
                    throw OPCUAClientError(.permanent, "\(address): a node with too many references")
                }
            }
        }
        return results
    }

    /// Creates a subscription; its notifications go to the connection's receiver.
    public func createSubscription(_ request: CreateSubscriptionRequest) async throws -> CreateSubscriptionResponse {
        let response = try await call(request)
        try await onLoop { handler in
            handler.subscriptionCreated(response, asked: request)
            handler.flush()
        }
        return response
    }

    /// Creates monitored items, one result each, in order.
    public func createMonitoredItems(
        _ items: [MonitoredItemCreateRequest], in subscription: UInt32, limits: OperationLimits
    ) async throws -> [MonitoredItemCreateResult] {
        try await inBatches(items, of: limits.itemsPerCall) { batch in
            try await self.call(
                CreateMonitoredItemsRequest(
                    subscriptionId: subscription, timestampsToReturn: .source, itemsToCreate: batch)
            ).results
        }
    }

    /// Runs an operation over items in batches; a server that finds a batch too large gets halves.
    private func inBatches<Item: Sendable, Result: Sendable>(
        _ items: [Item], of size: Int, _ operation: ([Item]) async throws -> [Result]
    ) async throws -> [Result] {
        var results: [Result] = []
        var size = max(1, size)
        while results.count < items.count {
            let batch = Array(items[results.count..<min(items.count, results.count + size)])
            do {
                let answers = try await operation(batch)
                guard answers.count == batch.count else {
                    throw OPCUAClientError(
                        .transient, "\(address): the server answered \(answers.count) of \(batch.count) operations")
                }
                results += answers
            } catch let error as OPCUAClientError where Self.isTooLarge(error.status) && batch.count > 1 {
                size = batch.count / 2
            }
        }
        return results
    }

    private static func isTooLarge(_ status: StatusCode?) -> Bool {
        switch status?.base {
        case .badTooManyOperations, .badEncodingLimitsExceeded, .badResponseTooLarge, .badRequestTooLarge,
            .badTcpMessageTooLarge:
            true
        default: false
        }
    }
}

/// The attributes that this client reads (Part 4 and Part 6, AttributeIds).
public enum AttributeID: UInt32, Hashable, Sendable {
    case nodeClass = 2
    case browseName = 3
    case displayName = 4
    case description = 5
    case value = 13
    case dataType = 14
    case valueRank = 15
    case dataTypeDefinition = 23
}
