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
            let results = request.monitoredItemIds.map { id in
                core.change(id, in: subscription) { $0.mode = request.monitoringMode }
            }
            return SetMonitoringModeResponse(results: results)
        }
        add(DeleteMonitoredItemsRequest.self) { core, session, request throws(ServiceError) in
            let subscription = try core.subscription(request.subscriptionId, of: session)
            try core.check(operations: request.monitoredItemIds.count)
            return DeleteMonitoredItemsResponse(
                results: request.monitoredItemIds.map { id in
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
        guard subscription.items.count < configuration.limits.maxMonitoredItemsPerSubscription else {
            return MonitoredItemCreateResult(statusCode: .badTooManyMonitoredItems)
        }
        let first = read(item, now: now)
        // What can never have a value is refused; a value that is bad for now is not.
        let refusals: [StatusCode] = [
            .badNodeIdUnknown, .badAttributeIdInvalid, .badIndexRangeNoData, .badDataEncodingUnsupported,
        ]
        if refusals.contains(first.status) { return MonitoredItemCreateResult(statusCode: first.status) }
        let filter: Monitor.Filter
        do throws(ServiceError) {
            filter = try self.filter(request.requestedParameters.filter, on: item.attributeId)
        } catch {
            return MonitoredItemCreateResult(statusCode: error.status)
        }
        let monitor = Monitor(
            queue: Int32(bitPattern: subscription.machine.id), clientHandle: request.requestedParameters.clientHandle,
            mode: request.monitoringMode, queueSize: queueSize(request.requestedParameters.queueSize),
            discardOldest: request.requestedParameters.discardOldest, filter: filter,
            sourceTime: times == .source || times == .both, serverTime: times == .server || times == .both)
        let node = space.index(of: item.nodeId).map { space[$0] }
        var slot: Int?
        var computed: Node.Computed?
        if case .variable(let variable)? = node?.kind, item.attributeId == AttributeId.value {
            computed = variable.computed
            if computed == nil { slot = space.position(variable) }
        }
        let limit = configuration.limits.maxMonitoredItems
        let index = store.withValues { values -> Int32? in
            guard values.monitorCount < limit else { return nil }
            return values.add(monitor, slot: slot, first: slot.map { values.values[$0] } ?? first)
        }
        guard let index else { return MonitoredItemCreateResult(statusCode: .badTooManyMonitoredItems) }
        let id = nextMonitoredItemId()
        subscription.items[id] = SubscriptionState.Item(
            monitor: index, clientHandle: monitor.clientHandle, node: item.nodeId, attribute: item.attributeId)
        subscription.computed[id] = computed
        // Values are reported as they come, which the standard calls a sampling interval of 0 (Part 4, 5.13.1.2).
        return MonitoredItemCreateResult(
            monitoredItemId: id, revisedSamplingInterval: 0, revisedQueueSize: UInt32(clamping: monitor.queueSize))
    }

    func modify(
        _ request: MonitoredItemModifyRequest, in subscription: SubscriptionState, _ times: TimestampsToReturn
    ) -> MonitoredItemModifyResult {
        let parameters = request.requestedParameters
        guard let item = subscription.items[request.monitoredItemId] else {
            return MonitoredItemModifyResult(statusCode: .badMonitoredItemIdInvalid)
        }
        let filter: Monitor.Filter
        do throws(ServiceError) {
            filter = try self.filter(parameters.filter, on: item.attribute)
        } catch {
            return MonitoredItemModifyResult(statusCode: error.status)
        }
        let size = queueSize(parameters.queueSize)
        subscription.items[request.monitoredItemId]?.clientHandle = parameters.clientHandle
        let status = change(request.monitoredItemId, in: subscription) {
            $0.clientHandle = parameters.clientHandle
            $0.queueSize = size
            $0.discardOldest = parameters.discardOldest
            $0.trim()
            $0.filter = filter
            $0.sourceTime = times == .source || times == .both
            $0.serverTime = times == .server || times == .both
        }
        return MonitoredItemModifyResult(
            statusCode: status, revisedSamplingInterval: 0, revisedQueueSize: UInt32(clamping: size))
    }

    func change(
        _ id: UInt32, in subscription: SubscriptionState, _ change: (inout Monitor) -> Void
    ) -> StatusCode {
        guard let item = subscription.items[id] else { return .badMonitoredItemIdInvalid }
        store.withValues { $0.modify(item.monitor, change) }
        return .good
    }

    private func queueSize(_ asked: UInt32) -> Int { min(max(Int(asked), 1), configuration.limits.maxQueueSize) }

    private func filter(_ object: ExtensionObject, on attribute: UInt32) throws(ServiceError) -> Monitor.Filter {
        guard !object.typeId.isNull else { return Monitor.Filter() }
        let decoded: DataChangeFilter?
        do throws(BinaryDecodingError) {
            decoded = try object.decode(as: DataChangeFilter.self)
        } catch {
            throw ServiceError(.badMonitoredItemFilterInvalid)
        }
        guard let decoded else { throw ServiceError(.badMonitoredItemFilterUnsupported) }
        guard attribute == AttributeId.value else { throw ServiceError(.badFilterNotAllowed) }
        guard (0...2).contains(decoded.trigger.rawValue) else { throw ServiceError(.badMonitoredItemFilterInvalid) }
        switch decoded.deadbandType {
        case 0: return Monitor.Filter(trigger: decoded.trigger)
        case 1:
            guard decoded.deadbandValue >= 0 else { throw ServiceError(.badDeadbandFilterInvalid) }
            return Monitor.Filter(trigger: decoded.trigger, deadband: decoded.deadbandValue)
        default: throw ServiceError(.badMonitoredItemFilterUnsupported)
        }
    }
}
