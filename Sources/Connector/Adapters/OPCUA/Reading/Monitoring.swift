import ConnectorModel
import Logging
import OPCUAClient
import OPCUACore
import OPCUATypes

/// The subscriptions of one connection and what they monitor (Part 4, 5.13 and 5.14).
struct Monitoring {
    /// A subscription as a later connection may take it up.
    struct Held: Hashable, Codable, Sendable {
        var id: UInt32
        var interval: Duration
        var items: Int
        /// The server takes no further item.
        var isFull = false
    }

    let connection: OPCUAConnection
    let limits: OperationLimits
    let reading: TagReading
    let tags: SourceTags
    let intake: Intake
    let logger: Logger
    /// The most items of one subscription.
    let itemsMax: Int
    private(set) var subscriptions: [Held]

    /// The client handle of the item that tells of model changes; tags have smaller ones.
    static let modelChangeHandle = UInt32.max

    init(
        _ connection: OPCUAConnection, _ limits: OperationLimits, _ reading: TagReading, _ tags: SourceTags,
        _ intake: Intake, _ logger: Logger, held: [Held] = []
    ) async throws {
        subscriptions = held
        self.connection = connection
        self.limits = limits
        self.reading = reading
        self.tags = tags
        self.intake = intake
        self.logger = logger
        let limit = try await connection.read([(StandardNode.maxMonitoredItemsPerSubscription, .value)], limits: limits)
        var itemsMax = reading.itemsPerSubscription ?? .max
        if case .uint32(let most)? = limit.first?.value, most > 0 { itemsMax = min(itemsMax, Int(most)) }
        self.itemsMax = itemsMax
    }

    // MARK: Items

    /// Monitors tags; what the server refuses becomes a bad reading and a log line.
    mutating func add(_ handles: [Int]) async throws {
        for group in tags.published(handles, usual: reading.publishingInterval) {
            try await add(group.handles, every: group.interval)
        }
    }

    private mutating func add(_ handles: [Int], every interval: Duration) async throws {
        var waiting = handles[...]
        while !waiting.isEmpty {
            guard let index = try await roomySubscription(every: interval) else {
                return fail(waiting.map { ($0, .badTooManySubscriptions) })
            }
            let batch = waiting.prefix(itemsMax - subscriptions[index].items)
            waiting = waiting.dropFirst(batch.count)
            let outcome = try await create(batch, in: subscriptions[index].id)
            subscriptions[index].items += outcome.created
            fail(outcome.failed)
            guard !outcome.surplus.isEmpty else { continue }
            subscriptions[index].isFull = true
            if subscriptions[index].items == 0 {
                // Not one item in a subscription of its own: the limit is the server's, not the subscription's.
                return fail((outcome.surplus + waiting).map { ($0, .badTooManyMonitoredItems) })
            }
            waiting = (outcome.surplus + waiting)[...]
        }
    }

    private struct Outcome {
        var created = 0
        var failed: [(Int, StatusCode)] = []
        /// What another subscription may take.
        var surplus: [Int] = []
        /// What the server monitors only without a filter.
        var unfiltered: [Int] = []
    }

    /// Requests that are made at once: all of them would take many times the room that their tags take.
    private static let requestsMax = 4_096

    private func create(
        _ handles: some Collection<Int>, in subscription: UInt32, withFilter: Bool = true
    ) async throws -> Outcome {
        var outcome = Outcome()
        var waiting = Array(handles)[...]
        while !waiting.isEmpty, outcome.surplus.isEmpty {
            let batch = waiting.prefix(Self.requestsMax)
            waiting = waiting.dropFirst(batch.count)
            try await create(batch, in: subscription, withFilter, &outcome)
        }
        outcome.surplus += waiting
        if let first = outcome.unfiltered.first {
            // Every change is too much, but none is lost.
            let path = tags.entries([first]).first?.path ?? ""
            logger.notice("the server filters no changes of \(outcome.unfiltered.count) tags, \(path) first")
            let second = try await create(outcome.unfiltered, in: subscription, withFilter: false)
            outcome.created += second.created
            outcome.failed += second.failed
            outcome.surplus = second.surplus + outcome.surplus
        }
        return outcome
    }

    private func create(
        _ handles: ArraySlice<Int>, in subscription: UInt32, _ withFilter: Bool, _ outcome: inout Outcome
    ) async throws {
        let requests = zip(handles, tags.entries(handles)).map { handle, entry in
            itemRequest(entry, handle: UInt32(handle), withFilter: withFilter)
        }
        let results = try await connection.createMonitoredItems(requests, in: subscription, limits: limits)
        for ((handle, request), result) in zip(zip(handles, requests), results) {
            if result.statusCode.isGood {
                outcome.created += 1
                tags.isMonitored(handle, as: .init(subscription: subscription, id: result.monitoredItemId))
            } else if result.statusCode.base == .badTooManyMonitoredItems {
                outcome.surplus.append(handle)
            } else if request.requestedParameters.filter != .null, result.statusCode.isAboutFilter {
                outcome.unfiltered.append(handle)
            } else {
                outcome.failed.append((handle, result.statusCode))
            }
        }
    }

    private func fail(_ failures: [(handle: Int, status: StatusCode)]) {
        tags.fail(failures, intake)
        for (failure, entry) in zip(failures, tags.entries(failures.prefix(10).map(\.handle))) {
            logger.warning(
                "\(entry.node?.description ?? entry.path) is not monitored: \(failure.status); check the node id")
        }
        if failures.count > 10 { logger.warning("\(failures.count) nodes in all are not monitored") }
    }

    /// Ends the monitoring of tags.
    mutating func remove(_ handles: [Int]) async throws {
        let items = Dictionary(grouping: tags.forget(handles), by: \.subscription)
        for (subscription, items) in items.sorted(by: { $0.key < $1.key }) {
            for start in stride(from: 0, to: items.count, by: max(limits.itemsPerCall, 1)) {
                let batch = items[start..<min(items.count, start + limits.itemsPerCall)]
                _ = try await connection.call(
                    DeleteMonitoredItemsRequest(subscriptionId: subscription, monitoredItemIds: batch.map(\.id)))
            }
            guard let index = subscriptions.firstIndex(where: { $0.id == subscription }) else { continue }
            subscriptions[index].items -= items.count
            subscriptions[index].isFull = false
        }
    }

    // MARK: Subscriptions

    /// A subscription with room; nil when the server makes no more.
    private mutating func roomySubscription(every interval: Duration) async throws -> Int? {
        if let index = subscriptions.firstIndex(where: {
            $0.interval == interval && !$0.isFull && $0.items < itemsMax
        }) {
            return index
        }
        do {
            let response = try await connection.createSubscription(Self.subscriptionRequest(every: interval))
            subscriptions.append(Held(id: response.subscriptionId, interval: interval, items: 0))
            return subscriptions.count - 1
        } catch let error as OPCUAClientError
            where error.status?.base == .badTooManySubscriptions && !subscriptions.isEmpty
        {
            return nil
        }
    }

    static func subscriptionRequest(every interval: Duration) -> CreateSubscriptionRequest {
        let interval = interval.milliseconds
        // A sign of life every ten seconds, but no sooner than at every third publishing. The standard asks for a
        // lifetime of at least three times that (Part 4, 5.14.2); six lets a withheld Publish be refreshed in peace.
        let keepAlive = UInt32(min(max(10_000 / max(interval, 1), 3), 10_000))
        return CreateSubscriptionRequest(
            requestedPublishingInterval: interval, requestedLifetimeCount: keepAlive * 6,
            requestedMaxKeepAliveCount: keepAlive, publishingEnabled: true)
    }

    /// Asks to hear of changes of the server's model (Part 5, 6.4.31 and 6.4.32) from now on; a server may not tell.
    /// - Returns: whether this one does.
    @discardableResult
    mutating func watchModel(every interval: Duration? = nil) async throws -> Bool {
        let index =
            if let interval { try await roomySubscription(every: interval) } else { subscriptions.indices.first }
        guard let index else { return false }
        // Some servers take a type for itself alone and not for its subtypes: each is asked for.
        let types = [StandardNode.baseModelChangeEventType, StandardNode.generalModelChangeEventType]
        let requests = types.map { type in
            MonitoredItemCreateRequest(
                itemToMonitor: ReadValueId(nodeId: StandardNode.server, attributeId: AttributeId.eventNotifier),
                monitoringMode: .reporting,
                requestedParameters: MonitoringParameters(
                    clientHandle: Self.modelChangeHandle, filter: ExtensionObject(Self.events(of: type)),
                    queueSize: 100, discardOldest: true))
        }
        let results = try await connection.createMonitoredItems(
            requests, in: subscriptions[index].id, limits: limits)
        let created = results.count(where: \.statusCode.isGood)
        // They take room that tags have no more.
        subscriptions[index].items += created
        let isTold = created > 0
        if !isTold, let status = results.first?.statusCode {
            logger.debug("the server does not tell of changes of its model: \(status)")
        }
        return isTold
    }

    private static func events(of type: NodeId) -> EventFilter {
        EventFilter(
            selectClauses: [
                SimpleAttributeOperand(
                    typeDefinitionId: StandardNode.baseEventType, browsePath: [QualifiedName("EventType")],
                    attributeId: AttributeId.value)
            ],
            whereClause: ContentFilter(elements: [
                ContentFilterElement(
                    filterOperator: .ofType, filterOperands: [ExtensionObject(LiteralOperand(value: .nodeId(type)))])
            ]))
    }
}

extension StatusCode {
    /// The server refused an item for its filter alone.
    fileprivate var isAboutFilter: Bool {
        switch base {
        case .badMonitoredItemFilterUnsupported, .badMonitoredItemFilterInvalid, .badFilterNotAllowed,
            .badDeadbandFilterInvalid:
            true
        default: false
        }
    }
}
