import NIOCore
import OPCUACore
import OPCUATypes

extension ServiceTable {
    /// CreateSubscription, ModifySubscription, SetPublishingMode, DeleteSubscriptions, TransferSubscriptions, Publish,
    /// Republish (Part 4, 5.14).
    mutating func addSubscriptions() {
        add(CreateSubscriptionRequest.self) { core, session, request throws(ServiceError) in
            let limits = core.configuration.limits
            // Those that have outlived their session count too.
            guard session.subscriptions.count < limits.maxSubscriptionsPerSession,
                core.subscriptions.count < limits.maxSubscriptionsPerSession * limits.maxSessions
            else { throw ServiceError(.badTooManySubscriptions) }
            let machine = ServerSubscription(
                id: core.nextSubscriptionId(), request, settings: core.configuration.subscription)
            let subscription = SubscriptionState(machine, session: session, now: .now())
            core.subscriptions[machine.id] = subscription
            core.counters.subscriptions &+= 1
            session.subscriptions.append(machine.id)
            core.armInterval(subscription)
            return CreateSubscriptionResponse(
                subscriptionId: machine.id, revisedPublishingInterval: machine.publishingIntervalMilliseconds,
                revisedLifetimeCount: machine.lifetimeCount, revisedMaxKeepAliveCount: machine.keepAliveCount)
        }
        add(ModifySubscriptionRequest.self) { core, session, request throws(ServiceError) in
            let subscription = try core.subscription(request.subscriptionId, of: session)
            subscription.machine.modify(request)
            subscription.diagnostics.modifyCount &+= 1
            subscription.nextInterval = .now() + subscription.machine.publishingInterval
            core.armInterval(subscription)
            return ModifySubscriptionResponse(
                revisedPublishingInterval: subscription.machine.publishingIntervalMilliseconds,
                revisedLifetimeCount: subscription.machine.lifetimeCount,
                revisedMaxKeepAliveCount: subscription.machine.keepAliveCount)
        }
        add(SetPublishingModeRequest.self) { core, session, request throws(ServiceError) in
            try core.check(operations: request.subscriptionIds.count)
            return SetPublishingModeResponse(
                results: request.subscriptionIds.map { id in
                    guard let subscription = try? core.subscription(id, of: session) else {
                        return .badSubscriptionIdInvalid
                    }
                    subscription.machine.setPublishing(request.publishingEnabled)
                    let counter: WritableKeyPath<SubscriptionDiagnosticsDataType, UInt32> =
                        request.publishingEnabled ? \.enableCount : \.disableCount
                    subscription.diagnostics[keyPath: counter] &+= 1
                    return .good
                })
        }
        add(DeleteSubscriptionsRequest.self) { core, session, request throws(ServiceError) in
            try core.check(operations: request.subscriptionIds.count)
            let results = request.subscriptionIds.map { id -> StatusCode in
                guard let subscription = try? core.subscription(id, of: session) else {
                    return .badSubscriptionIdInvalid
                }
                core.remove(subscription)
                return .good
            }
            core.refusePublishingWithoutSubscriptions(session)
            return DeleteSubscriptionsResponse(results: results)
        }
        add(TransferSubscriptionsRequest.self) { core, session, request throws(ServiceError) in
            try core.check(operations: request.subscriptionIds.count)
            return TransferSubscriptionsResponse(
                results: request.subscriptionIds.map {
                    core.transfer($0, to: session, sendInitialValues: request.sendInitialValues)
                })
        }
        add(later: PublishRequest.self) { core, call, session, request throws(ServiceError) in
            try core.publish(call, session, request)
        }
        add(RepublishRequest.self) { core, session, request throws(ServiceError) in
            let subscription = try core.subscription(request.subscriptionId, of: session)
            subscription.diagnostics.republishRequestCount &+= 1
            subscription.diagnostics.republishMessageRequestCount &+= 1
            guard let message = subscription.machine.republish(request.retransmitSequenceNumber) else {
                throw ServiceError(.badMessageNotAvailable)
            }
            guard let decoded = try? NotificationMessage(decoding: message) else {
                throw ServiceError(.badInternalError)
            }
            subscription.diagnostics.republishMessageCount &+= 1
            return RepublishResponse(notificationMessage: decoded)
        }
    }
}
