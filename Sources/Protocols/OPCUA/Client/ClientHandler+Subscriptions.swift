import NIOCore
import OPCUACore
import OPCUATypes

/// The subscriptions of a session: created, taken over, kept alive, gone.
extension ClientHandler {
    /// A subscription with what keeps it alive while nothing is published.
    struct Subscription {
        var state: ClientSubscription<NotificationReader>
        var remembered: RememberedSubscription
        var refreshAt: NIODeadline

        init(_ remembered: RememberedSubscription, now: NIODeadline) {
            self.remembered = remembered
            state = ClientSubscription(
                id: remembered.id, keepAliveInterval: remembered.keepAliveInterval, next: remembered.next, now: now)
            refreshAt = now + remembered.keepAliveInterval
        }
    }

    /// The server created a subscription.
    func subscriptionCreated(_ subscription: RememberedSubscription) {
        subscriptions[subscription.id] = Subscription(subscription, now: .now())
        recovery?.withLock { $0.subscribed(subscription) }
        sizePool()
        fillPublish()
    }

    /// The server changed a subscription's intervals.
    func subscriptionModified(_ response: ModifySubscriptionResponse, asked request: ModifySubscriptionRequest) {
        guard let known = subscriptions[request.subscriptionId] else { return }
        var remembered = known.remembered
        remembered.next = known.state.next
        remembered.publishingMilliseconds = response.revisedPublishingInterval
        remembered.lifetimeCount = response.revisedLifetimeCount
        remembered.keepAliveCount = response.revisedMaxKeepAliveCount
        remembered.maxNotificationsPerPublish = request.maxNotificationsPerPublish
        remembered.priority = request.priority
        subscriptions[request.subscriptionId]?.remembered = remembered
        subscriptions[request.subscriptionId]?.state.keepAliveInterval = remembered.keepAliveInterval
        subscriptions[request.subscriptionId]?.state.heard(now: .now())
        recovery?.withLock { $0.subscribed(remembered) }
        sizePool()
    }

    /// A subscription is no more.
    func unsubscribed(_ id: UInt32) {
        subscriptions[id] = nil
        recovery?.withLock { $0.unsubscribed(id) }
    }

    /// Subscriptions of an earlier connection go on here.
    /// - Parameter subscriptions: each with the numbers that the server says it holds, where it said so.
    /// - Returns: succeeds when all that was missed has been asked for.
    func takeUp(_ list: [(RememberedSubscription, [UInt32]?)]) -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        if let ending {
            promise.fail(ending)
            return promise.futureResult
        }
        takenUp = promise
        for acknowledgement in recovery?.withLock({ $0.acknowledgements }) ?? [] {
            pool.acknowledge(
                subscriptionId: acknowledgement.subscriptionId, sequenceNumber: acknowledgement.sequenceNumber)
        }
        var first: [(UInt32, UInt32)] = []
        for (remembered, available) in list {
            var subscription = Subscription(remembered, now: .now())
            if let number = subscription.state.resumed(available: available, now: .now()) {
                first.append((number, remembered.id))
            }
            subscriptions[remembered.id] = subscription
        }
        for (number, id) in first { republish(number, of: id) }
        sizePool()
        caughtUp()
        flush()
        return promise.futureResult
    }

    /// Something was caught up with: when that was all, publishing begins.
    func caughtUp() {
        guard !subscriptions.values.contains(where: { $0.state.isCatchingUp }) else { return }
        takenUp?.succeed()
        takenUp = nil
        fillPublish()
    }

    func subscriptionDeadlinesReached(_ now: NIODeadline) {
        fillPublish()
        for (id, subscription) in subscriptions where !subscription.state.isCatchingUp {
            if pool.isDemanded {
                if subscription.state.deadline(grace: pool.grace) <= now {
                    return fail(OPCUAError(.badTimeout, "the server published nothing for too long"))
                }
            } else if subscription.refreshAt <= now {
                // Without a Publish the server would drop the subscription at the end of its lifetime.
                send(subscription.remembered.refresh, .nobody)
                subscriptions[id]?.refreshAt = now + subscription.state.keepAliveInterval
            }
        }
    }
}
