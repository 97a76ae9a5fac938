import NIOCore
import OPCUACore
import OPCUATypes

extension ServiceTable {
    /// CreateMonitoredItems, ModifyMonitoredItems, SetMonitoringMode, DeleteMonitoredItems (Part 4, 5.13).
    mutating func addMonitoredItems() {
        add(CreateMonitoredItemsRequest.self) { core, session, request throws(ServiceError) in
            let subscription = try core.subscription(request.subscriptionId, of: session)
            try core.check(operations: request.itemsToCreate.count)
            guard (0...3).contains(request.timestampsToReturn.rawValue) else {
                throw ServiceError(.badTimestampsToReturnInvalid)
            }
            let now = SystemClock.utc
            return CreateMonitoredItemsResponse(
                results: request.itemsToCreate.map {
                    core.create($0, in: subscription, times: request.timestampsToReturn, now: now)
                })
        }
        add(ModifyMonitoredItemsRequest.self) { core, session, request throws(ServiceError) in
            let subscription = try core.subscription(request.subscriptionId, of: session)
            try core.check(operations: request.itemsToModify.count)
            guard (0...3).contains(request.timestampsToReturn.rawValue) else {
                throw ServiceError(.badTimestampsToReturnInvalid)
            }
            return ModifyMonitoredItemsResponse(
                results: request.itemsToModify.map { core.modify($0, in: subscription, request.timestampsToReturn) })
        }
        add(SetMonitoringModeRequest.self) { core, session, request throws(ServiceError) in
            let subscription = try core.subscription(request.subscriptionId, of: session)
            try core.check(operations: request.monitoredItemIds.count)
            guard (0...2).contains(request.monitoringMode.rawValue) else {
                throw ServiceError(.badMonitoringModeInvalid)
            }
            let results = request.monitoredItemIds.map { id -> StatusCode in
                if subscription.events[id] != nil {
                    subscription.events[id]?.mode = request.monitoringMode
                    subscription.events[id]?.trim()
                    return .good
                }
                return core.change(id, in: subscription) { $0.mode = request.monitoringMode }
            }
            return SetMonitoringModeResponse(results: results)
        }
        add(DeleteMonitoredItemsRequest.self) { core, session, request throws(ServiceError) in
            let subscription = try core.subscription(request.subscriptionId, of: session)
            try core.check(operations: request.monitoredItemIds.count)
            return DeleteMonitoredItemsResponse(
                results: request.monitoredItemIds.map { id in
                    if subscription.events.removeValue(forKey: id) != nil { return .good }
                    guard let item = subscription.items.removeValue(forKey: id) else {
                        return .badMonitoredItemIdInvalid
                    }
                    subscription.computed[id] = nil
                    core.store.withValues { $0.remove(item.monitor) }
                    return .good
                })
        }
    }
}

extension ServerCore {
    func subscription(_ id: UInt32, of session: SessionState) throws(ServiceError) -> SubscriptionState {
        guard let subscription = subscriptions[id], subscription.session === session else {
            throw ServiceError(.badSubscriptionIdInvalid)
        }
        return subscription
    }

    func create(
        _ request: MonitoredItemCreateRequest, in subscription: SubscriptionState, times: TimestampsToReturn,
        now: DateTime
    ) -> MonitoredItemCreateResult {
        let item = request.itemToMonitor
        guard (0...2).contains(request.monitoringMode.rawValue) else {
            return MonitoredItemCreateResult(statusCode: .badMonitoringModeInvalid)
        }
        guard subscription.itemCount < configuration.limits.maxMonitoredItemsPerSubscription else {
            return MonitoredItemCreateResult(statusCode: .badTooManyMonitoredItems)
        }
        if item.attributeId == AttributeId.eventNotifier { return createEvents(request, in: subscription) }
        let first = read(item, now: now)
        // What can never have a value is refused; a value that is bad for now is not.
        let refusals: [StatusCode] = [
            .badNodeIdUnknown, .badAttributeIdInvalid, .badIndexRangeInvalid, .badDataEncodingUnsupported,
        ]
        if refusals.contains(first.status) { return MonitoredItemCreateResult(statusCode: first.status) }
        let filter: Monitor.Filter
        do throws(ServiceError) {
            filter = try self.filter(request.requestedParameters.filter, item.nodeId, item.attributeId)
        } catch {
            return MonitoredItemCreateResult(statusCode: error.status)
        }
        var monitor = Monitor(
            queue: Int32(bitPattern: subscription.machine.id), clientHandle: request.requestedParameters.clientHandle,
            mode: request.monitoringMode, queueSize: queueSize(request.requestedParameters.queueSize),
            discardOldest: request.requestedParameters.discardOldest, filter: filter,
            sourceTime: times == .source || times == .both, serverTime: times == .server || times == .both)
        monitor.range = item.indexRange.flatMap(NumericRange.init)
        monitor.samplingInterval = samplingInterval(request.requestedParameters.samplingInterval, subscription)
        let node = space.index(of: item.nodeId).map { space[$0] }
        var slot: Int?
        var computed: Node.Computed?
        if case .variable(let variable)? = node?.kind, item.attributeId == AttributeId.value {
            // What never changes is reported once.
            if variable.computed?.isConstant != true { computed = variable.computed }
            if variable.computed == nil { slot = space.position(variable) }
        }
        let limit = configuration.limits.maxMonitoredItems
        let index = store.withValues { values -> Int32? in
            guard values.monitorCount < limit else { return nil }
            values.now = SystemClock.nanoseconds
            return values.add(monitor, slot: slot, first: slot.map { values.values[$0] } ?? first)
        }
        guard let index else { return MonitoredItemCreateResult(statusCode: .badTooManyMonitoredItems) }
        let id = nextMonitoredItemId()
        subscription.items[id] = SubscriptionState.Item(
            monitor: index, clientHandle: monitor.clientHandle, node: item.nodeId, attribute: item.attributeId)
        subscription.computed[id] = computed
        return MonitoredItemCreateResult(
            monitoredItemId: id, revisedSamplingInterval: Double(monitor.samplingInterval) / 1e6,
            revisedQueueSize: UInt32(clamping: monitor.queueSize))
    }

    func modify(
        _ request: MonitoredItemModifyRequest, in subscription: SubscriptionState, _ times: TimestampsToReturn
    ) -> MonitoredItemModifyResult {
        let parameters = request.requestedParameters
        if subscription.events[request.monitoredItemId] != nil { return modifyEvents(request, in: subscription) }
        guard let item = subscription.items[request.monitoredItemId] else {
            return MonitoredItemModifyResult(statusCode: .badMonitoredItemIdInvalid)
        }
        let filter: Monitor.Filter
        do throws(ServiceError) {
            filter = try self.filter(parameters.filter, item.node, item.attribute)
        } catch {
            return MonitoredItemModifyResult(statusCode: error.status)
        }
        let size = queueSize(parameters.queueSize)
        let interval = samplingInterval(parameters.samplingInterval, subscription)
        subscription.items[request.monitoredItemId]?.clientHandle = parameters.clientHandle
        let status = change(request.monitoredItemId, in: subscription) {
            $0.clientHandle = parameters.clientHandle
            $0.queueSize = size
            $0.samplingInterval = interval
            $0.discardOldest = parameters.discardOldest
            $0.trim()
            $0.filter = filter
            $0.sourceTime = times == .source || times == .both
            $0.serverTime = times == .server || times == .both
        }
        return MonitoredItemModifyResult(
            statusCode: status, revisedSamplingInterval: Double(interval) / 1e6,
            revisedQueueSize: UInt32(clamping: size))
    }

    func change(
        _ id: UInt32, in subscription: SubscriptionState, _ change: (inout Monitor) -> Void
    ) -> StatusCode {
        guard let item = subscription.items[id] else { return .badMonitoredItemIdInvalid }
        store.withValues { $0.modify(item.monitor, change) }
        return .good
    }
}
