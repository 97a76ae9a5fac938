import OPCUACore
public import OPCUATypes

/// Attributes, views and discovery in batches that the server can take.
extension OPCUAConnection {
    /// Reads the server's operation limits; what it does not tell is the usual.
    public func operationLimits() async throws -> OperationLimits {
        // In the order of the fields below (Part 6, NodeIds; Part 5, 6.3.2 and 6.3.11).
        let nodes: [UInt32] = [11705, 11710, 11714, 11712, 12165, 2735, 2737, 24104, 24098]
        var values: [DataValue]
        do {
            values = try await call(Self.readRequest(nodes.map { (NodeId($0), .value) })).results
        } catch let error as OPCUAClientError where error.isTooLarge {
            // A server with so small a limit tells it when it is asked for one at a time.
            values = []
            for node in nodes {
                values += try await call(Self.readRequest([(NodeId(node), .value)])).results.prefix(1)
            }
        }
        func told(_ index: Int) -> Int? {
            guard index < values.count else { return nil }
            let limit: UInt32
            switch values[index].value {
            case .uint32(let value): limit = value
            case .uint16(let value): limit = UInt32(value)
            default: return nil
            }
            return limit > 0 ? Int(limit) : nil
        }
        func bounded(_ index: Int, usual: Int = OperationLimits.usual) -> Int { min(told(index) ?? usual, usual) }
        return OperationLimits(
            nodesPerRead: bounded(0), nodesPerBrowse: bounded(1), itemsPerCall: bounded(2),
            nodesPerTranslate: bounded(3), nodesPerHistoryRead: bounded(4, usual: 100),
            browseContinuationPoints: bounded(5), historyContinuationPoints: bounded(6, usual: 100),
            itemsPerSubscription: told(7), subscriptionsPerSession: told(8))
    }

    /// Reads attributes, one result each, in order.
    public func read(
        _ items: [(node: NodeId, attribute: AttributeID)], limits: OperationLimits
    ) async throws -> [DataValue] {
        try await inBatches(.read, items, of: limits.nodesPerRead) { batch in
            try await self.call(Self.readRequest(batch)).results
        }
    }

    private static func readRequest(_ items: [(node: NodeId, attribute: AttributeID)]) -> ReadRequest {
        ReadRequest(
            timestampsToReturn: .source,
            nodesToRead: items.map { ReadValueId(nodeId: $0.node, attributeId: $0.attribute.rawValue) })
    }

    /// Browses nodes, one result each, in order; follows continuation points to their end, many in a call.
    ///
    /// Few nodes need a continuation point, so batches are as large as the server takes; where its points did not do for
    /// all of a batch (Part 4, 5.9.2), the rest is asked for again in batches that they do for.
    public func browse(_ nodes: [BrowseDescription], limits: OperationLimits) async throws -> [BrowseResult] {
        var results = try await browse(nodes, of: limits.nodesPerBrowse, limits)
        let left = results.indices.filter { results[$0].statusCode.base == .badNoContinuationPoints }
        guard !left.isEmpty else { return results }
        let size = min(limits.nodesPerBrowse, limits.browseContinuationPoints)
        let again = try await browse(left.map { nodes[$0] }, of: size, limits)
        for (index, result) in zip(left, again) { results[index] = result }
        return results
    }

    private func browse(
        _ nodes: [BrowseDescription], of size: Int, _ limits: OperationLimits
    ) async throws -> [BrowseResult] {
        try await inBatches(.browse, nodes, of: size) { batch in
            var results = try await self.call(BrowseRequest(nodesToBrowse: batch)).results
            guard results.count == batch.count else { return results }
            try await self.browseOn(&results, limits)
            return results
        }
    }

    /// BrowseNext (Part 4, 5.9.3) until no result has a continuation point.
    private func browseOn(_ results: inout [BrowseResult], _ limits: OperationLimits) async throws {
        while true {
            let open = results.indices.filter { results[$0].continuationPoint?.bytes.isEmpty == false }
            guard !open.isEmpty else { return }
            let points = open.map { results[$0].continuationPoint ?? ByteString([]) }
            do {
                let next = try await inBatches(.browseNext, points, of: limits.nodesPerBrowse) { batch in
                    try await self.call(BrowseNextRequest(continuationPoints: batch)).results
                }
                for (index, more) in zip(open, next) { try append(more, to: &results[index]) }
            } catch {
                // The points of an answer that is given up are the server's to keep: it is told.
                _ = try? await call(
                    BrowseNextRequest(releaseContinuationPoints: true, continuationPoints: points))
                throw error
            }
        }
    }

    private func append(_ more: BrowseResult, to result: inout BrowseResult) throws(OPCUAClientError) {
        guard more.statusCode.isGood else {
            throw OPCUAClientError(
                .transient, status: more.statusCode,
                "\(address): the server could not go on browsing [\(more.statusCode)]")
        }
        result.continuationPoint = more.continuationPoint
        result.references += more.references
        // A point that brings nothing and leads on would be followed for ever.
        if more.references.isEmpty, more.continuationPoint?.bytes.isEmpty == false {
            throw OPCUAClientError(.transient, "\(address): the server's browse answers lead nowhere")
        }
        guard result.references.count <= configuration.decoding.maxArrayLength else {
            throw OPCUAClientError(.permanent, "\(address): a node with too many references")
        }
    }

    /// Follows browse paths, one result each, in order (Part 4, 5.9.4).
    public func translate(_ paths: [BrowsePath], limits: OperationLimits) async throws -> [BrowsePathResult] {
        try await inBatches(.translate, paths, of: limits.nodesPerTranslate) { batch in
            try await self.call(TranslateBrowsePathsToNodeIdsRequest(browsePaths: batch)).results
        }
    }

    /// What the server offers (Part 4, 5.5.4).
    public func endpoints() async throws -> [EndpointDescription] {
        try await call(GetEndpointsRequest(endpointUrl: sentURL)).endpoints
    }

    /// The servers that this one knows, itself among them (Part 4, 5.5.2).
    public func servers() async throws -> [ApplicationDescription] {
        try await call(FindServersRequest(endpointUrl: sentURL)).servers
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
