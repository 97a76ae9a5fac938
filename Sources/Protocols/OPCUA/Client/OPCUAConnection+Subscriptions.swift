import NIOCore
public import OPCUACore
public import OPCUATypes

/// Subscriptions and their items (Part 4, 5.13 and 5.14); a connection may have several.
extension OPCUAConnection {
    /// Creates a subscription; its notifications go to the connection's receiver.
    public func createSubscription(_ request: CreateSubscriptionRequest) async throws -> CreateSubscriptionResponse {
        let response = try await call(request)
        try await onLoop { handler in
            handler.subscriptionCreated(RememberedSubscription(response, asked: request))
            handler.flush()
        }
        return response
    }

    /// Changes the intervals of a subscription.
    public func modifySubscription(_ request: ModifySubscriptionRequest) async throws -> ModifySubscriptionResponse {
        let response = try await call(request)
        try await onLoop { $0.subscriptionModified(response, asked: request) }
        return response
    }

    /// Starts or stops the reporting of subscriptions, one result each.
    public func setPublishing(_ enabled: Bool, of subscriptions: [UInt32]) async throws -> [StatusCode] {
        try await inBatches(.subscriptions, subscriptions, of: OperationLimits.usual) { batch in
            try await self.call(SetPublishingModeRequest(publishingEnabled: enabled, subscriptionIds: batch)).results
        }
    }

    /// Deletes subscriptions, one result each; nothing more of them is handed over.
    public func deleteSubscriptions(_ subscriptions: [UInt32]) async throws -> [StatusCode] {
        try await inBatches(.subscriptions, subscriptions, of: OperationLimits.usual) { batch in
            // Before the call: the last Publish is answered with BadNoSubscription, which is no failure then.
            try await self.onLoop { handler in batch.forEach { handler.unsubscribed($0) } }
            return try await self.call(DeleteSubscriptionsRequest(subscriptionIds: batch)).results
        }
    }

    /// Creates monitored items, one result each, in order.
    public func createMonitoredItems(
        _ items: [MonitoredItemCreateRequest], in subscription: UInt32, limits: OperationLimits
    ) async throws -> [MonitoredItemCreateResult] {
        try await inBatches(.items, items, of: limits.itemsPerCall) { batch in
            try await self.call(
                CreateMonitoredItemsRequest(
                    subscriptionId: subscription, timestampsToReturn: .source, itemsToCreate: batch)
            ).results
        }
    }

    /// Changes monitored items, one result each, in order.
    public func modifyMonitoredItems(
        _ items: [MonitoredItemModifyRequest], in subscription: UInt32, limits: OperationLimits
    ) async throws -> [MonitoredItemModifyResult] {
        try await inBatches(.items, items, of: limits.itemsPerCall) { batch in
            try await self.call(
                ModifyMonitoredItemsRequest(
                    subscriptionId: subscription, timestampsToReturn: .source, itemsToModify: batch)
            ).results
        }
    }

    /// Sets whether items sample and report, one result each, in order.
    public func setMonitoring(
        _ mode: MonitoringMode, of items: [UInt32], in subscription: UInt32, limits: OperationLimits
    ) async throws -> [StatusCode] {
        try await inBatches(.items, items, of: limits.itemsPerCall) { batch in
            try await self.call(
                SetMonitoringModeRequest(
                    subscriptionId: subscription, monitoringMode: mode, monitoredItemIds: batch)
            ).results
        }
    }

    /// Deletes monitored items, one result each, in order.
    public func deleteMonitoredItems(
        _ items: [UInt32], in subscription: UInt32, limits: OperationLimits
    ) async throws -> [StatusCode] {
        try await inBatches(.items, items, of: limits.itemsPerCall) { batch in
            try await self.call(
                DeleteMonitoredItemsRequest(subscriptionId: subscription, monitoredItemIds: batch)
            ).results
        }
    }

    /// Takes up the subscriptions that outlived earlier connections: those of the session that was activated again, else
    /// transferred from its old session to the new one. What was missed comes first, by Republish (Part 4, 6.7).
    ///
    /// - Parameter left: subscriptions that an earlier run of the program left; tried when nothing fresher is known.
    /// - Returns: the subscriptions that go on. All others must be created again.
    public func resumeSubscriptions(adopting left: [RememberedSubscription] = []) async throws -> Set<UInt32> {
        guard let recovery else { return [] }
        switch recovery.withLock({ machine in
            machine.adopt(left)
            return machine.resume()
        }) {
        case .recreate: return []
        case .republish(let subscriptions):
            return try await takeUp(subscriptions.map { ($0, nil) })
        case .transfer(let subscriptions):
            let results: [TransferResult]
            do {
                results = try await inBatches(.subscriptions, subscriptions.map(\.id), of: OperationLimits.usual) {
                    try await self.call(
                        TransferSubscriptionsRequest(subscriptionIds: $0, sendInitialValues: true)
                    ).results
                }
            } catch let error as OPCUAClientError where error.isRefusal {
                // The server transfers nothing: Publish would bring nothing of them.
                results = subscriptions.map { _ in TransferResult(statusCode: error.status ?? .badServiceUnsupported) }
            }
            return try await takeUp(recovery.withLock { $0.transferred(results) }.map { ($0, $1) })
        }
    }

    private func takeUp(_ subscriptions: [(RememberedSubscription, [UInt32]?)]) async throws -> Set<UInt32> {
        guard !subscriptions.isEmpty else { return [] }
        try await channel.eventLoop.flatSubmit { [handler] in handler.value.takeUp(subscriptions) }.get()
        return try await onLoop { Set($0.subscriptions.keys) }
    }
}
