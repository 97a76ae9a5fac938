import DequeModule
import OPCUACore
import OPCUASecurity
import OPCUATypes

extension ServerCore {
    /// Gives a subscription to another session (Part 4, 5.14.7). The session that had it is told.
    func transfer(_ id: UInt32, to session: SessionState, sendInitialValues: Bool) -> TransferResult {
        guard let subscription = subscriptions[id] else { return TransferResult(statusCode: .badSubscriptionIdInvalid) }
        subscription.diagnostics.transferRequestCount &+= 1
        guard mayTake(subscription, session) else { return TransferResult(statusCode: .badUserAccessDenied) }
        let available = subscription.machine.availableSequenceNumbers
        guard subscription.session !== session else {
            return TransferResult(statusCode: .good, availableSequenceNumbers: available)
        }
        guard session.subscriptions.count < configuration.limits.maxSubscriptionsPerSession else {
            return TransferResult(statusCode: .badTooManySubscriptions)
        }
        let former = subscription.session
        former?.subscriptions.removeAll { $0 == id }
        subscription.session = session
        session.subscriptions.append(id)
        subscription.machine.transferred()
        // Whoever may take it over is the same client.
        subscription.diagnostics.transferredToSameClientCount &+= 1
        if let former { tell(former, .goodSubscriptionTransferred, of: subscription) }
        if sendInitialValues { resend(subscription) }
        return TransferResult(statusCode: .good, availableSequenceNumbers: available)
    }

    private func mayTake(_ subscription: SubscriptionState, _ session: SessionState) -> Bool {
        guard subscription.owner == SubscriptionOwner(session) else { return false }
        guard session.machine.user == .anonymous else { return true }
        let isSecured = connections[session.machine.channelId]?.security.isSecured ?? false
        return isSecured || configuration.security.transfersUnsecured
    }

    /// Queues the current value of every reporting item that has none waiting (Part 4, 5.14.7.2).
    func resend(_ subscription: SubscriptionState) {
        store.withValues { values in
            for item in subscription.items.values { values.resend(item.monitor) }
        }
    }

    /// Tells a session what became of a subscription, with the next Publish request.
    func tell(_ session: SessionState, _ status: StatusCode, of subscription: SubscriptionState) {
        session.statusChanges.append(
            StatusChange(
                subscription: subscription.machine.id, sequenceNumber: subscription.machine.upcomingSequenceNumber,
                status: status))
        // A session that never asks is told of the latest only.
        if session.statusChanges.count > configuration.limits.maxSubscriptionsPerSession {
            session.statusChanges.removeFirst()
        }
        sendStatusChanges(session)
        refusePublishingWithoutSubscriptions(session)
    }

    /// Answers waiting Publish requests with what there is to tell.
    func sendStatusChanges(_ session: SessionState) {
        while !session.publishRequests.isEmpty, let change = session.statusChanges.popFirst() {
            let message = NotificationMessage(
                sequenceNumber: change.sequenceNumber, publishTime: SystemClock.utc,
                notificationData: [ExtensionObject(StatusChangeNotification(status: change.status))])
            let slot = session.publishRequests.removeFirst()
            respond(slot, change.subscription, available: [], message.encoded(), more: false)
        }
    }
}
