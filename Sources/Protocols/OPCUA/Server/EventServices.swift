import OPCUACore
import OPCUATypes

/// Monitored items of events, and what happens to them.
extension ServerCore {
    func createEvents(
        _ request: MonitoredItemCreateRequest, in subscription: SubscriptionState
    ) -> MonitoredItemCreateResult {
        guard let index = space.index(of: request.itemToMonitor.nodeId) else {
            return MonitoredItemCreateResult(statusCode: .badNodeIdUnknown)
        }
        // Bit 0 of EventNotifier: SubscribeToEvents (Part 3, 8.59).
        guard case .byte(let notifier)? = space[index].attribute(AttributeId.eventNotifier) else {
            return MonitoredItemCreateResult(statusCode: .badAttributeIdInvalid)
        }
        guard notifier & 1 != 0 else { return MonitoredItemCreateResult(statusCode: .badFilterNotAllowed) }
        let parameters = request.requestedParameters
        let made = selection(parameters.filter)
        guard let selection = made.selection else {
            return MonitoredItemCreateResult(statusCode: made.status, filterResult: made.result)
        }
        let size = queueSize(parameters.queueSize == 0 ? .max : parameters.queueSize)
        let id = nextMonitoredItemId()
        subscription.events[id] = EventItem(
            clientHandle: parameters.clientHandle, mode: request.monitoringMode, queueSize: size,
            discardOldest: parameters.discardOldest, filter: selection)
        return MonitoredItemCreateResult(
            monitoredItemId: id, revisedQueueSize: UInt32(clamping: size), filterResult: made.result)
    }

    func modifyEvents(
        _ request: MonitoredItemModifyRequest, in subscription: SubscriptionState
    ) -> MonitoredItemModifyResult {
        let parameters = request.requestedParameters
        let made = selection(parameters.filter)
        guard let selection = made.selection else {
            return MonitoredItemModifyResult(statusCode: made.status, filterResult: made.result)
        }
        let size = queueSize(parameters.queueSize == 0 ? .max : parameters.queueSize)
        subscription.events[request.monitoredItemId]?.clientHandle = parameters.clientHandle
        subscription.events[request.monitoredItemId]?.queueSize = size
        subscription.events[request.monitoredItemId]?.discardOldest = parameters.discardOldest
        subscription.events[request.monitoredItemId]?.filter = selection
        subscription.events[request.monitoredItemId]?.trim()
        return MonitoredItemModifyResult(revisedQueueSize: UInt32(clamping: size), filterResult: made.result)
    }

    private func selection(
        _ object: ExtensionObject
    ) -> (selection: EventSelection?, result: ExtensionObject, status: StatusCode) {
        let filter: EventFilter?
        do throws(BinaryDecodingError) {
            filter = try object.decode(as: EventFilter.self)
        } catch {
            return (nil, .null, .badEventFilterInvalid)
        }
        guard let filter else { return (nil, .null, .badMonitoredItemFilterInvalid) }
        let made = EventSelection.make(filter, in: space)
        let hasRemarks = made.result != EventFilterResult()
        return (made.selection, hasRemarks ? ExtensionObject(made.result) : .null, made.status)
    }

    /// Queues an event for every item that wants it.
    func raise(_ event: ServerEvent) {
        let id = Self.nonce()
        let now = SystemClock.utc
        for subscription in subscriptions.values where !subscription.events.isEmpty {
            for item in subscription.events.keys {
                subscription.events[item]?.offer(event, id: id, at: now, in: space)
            }
        }
    }

    /// Takes the events of a subscription that have room; true when more are left.
    func takeEvents(
        _ subscription: SubscriptionState, _ room: inout ResponseRoom, _ use: (EventFieldList) -> Void
    ) -> Bool {
        guard !subscription.events.isEmpty else { return false }
        let now = SystemClock.utc
        for id in subscription.events.keys.sorted() where room.count > 0 {
            subscription.events[id]?.take(&room, at: now, use)
        }
        return subscription.events.values.contains(where: \.isDue)
    }
}
