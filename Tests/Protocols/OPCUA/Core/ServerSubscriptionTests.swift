import NIOCore
import OPCUATypes
import Testing

@testable import OPCUACore

@Suite struct ServerSubscriptionTests {
    func subscription(
        lifetime: UInt32 = 9, keepAlive: UInt32 = 3, settings: ServerSubscriptionSettings = ServerSubscriptionSettings()
    ) -> ServerSubscription {
        ServerSubscription(
            id: 1,
            CreateSubscriptionRequest(
                requestedPublishingInterval: 100, requestedLifetimeCount: lifetime,
                requestedMaxKeepAliveCount: keepAlive, publishingEnabled: true), settings: settings)
    }

    @Test func parametersAreRevised() {
        var request = CreateSubscriptionRequest(
            requestedPublishingInterval: .nan, requestedLifetimeCount: 1, requestedMaxKeepAliveCount: 0)
        var revised = ServerSubscription(id: 1, request, settings: ServerSubscriptionSettings())
        #expect(revised.publishingIntervalMilliseconds == 10)
        #expect(revised.keepAliveCount == 1 && revised.lifetimeCount == 3)
        #expect(revised.maxNotificationsPerPublish == 10_000)
        request.requestedPublishingInterval = 1e18
        request.requestedMaxKeepAliveCount = .max
        request.requestedLifetimeCount = .max
        revised = ServerSubscription(id: 1, request, settings: ServerSubscriptionSettings())
        #expect(revised.publishingIntervalMilliseconds == 3_600_000)
        #expect(revised.keepAliveCount == 10_000 && revised.lifetimeCount == 100_000)
    }

    @Test func firstIntervalAnswersThenKeepAlives() {
        var subscription = subscription()
        #expect(subscription.intervalElapsed(hasNotifications: false, hasRequest: true) == .keepAlive)
        #expect(subscription.intervalElapsed(hasNotifications: false, hasRequest: true) == .wait)
        #expect(subscription.intervalElapsed(hasNotifications: false, hasRequest: true) == .wait)
        #expect(subscription.intervalElapsed(hasNotifications: false, hasRequest: true) == .keepAlive)
        #expect(subscription.intervalElapsed(hasNotifications: true, hasRequest: true) == .notify)
    }

    @Test func lateNotificationsLeaveWithTheNextRequest() {
        var subscription = subscription()
        #expect(subscription.requestArrived(hasNotifications: true) == .wait)
        #expect(subscription.intervalElapsed(hasNotifications: true, hasRequest: false) == .wait)
        #expect(subscription.requestArrived(hasNotifications: true) == .notify)
        subscription.sent(ByteBuffer(), more: true)
        #expect(subscription.requestArrived(hasNotifications: true) == .notify)
        subscription.sent(ByteBuffer(), more: false)
        #expect(subscription.requestArrived(hasNotifications: true) == .wait)
    }

    @Test func disabledPublishingOnlyKeepsAlive() {
        var subscription = subscription()
        subscription.setPublishing(false)
        #expect(subscription.intervalElapsed(hasNotifications: true, hasRequest: true) == .keepAlive)
    }

    @Test func itDiesWithoutRequestsAndNotBefore() {
        var subscription = subscription()
        for _ in 0..<8 { #expect(subscription.intervalElapsed(hasNotifications: true, hasRequest: false) == .wait) }
        subscription.modify(
            ModifySubscriptionRequest(
                requestedPublishingInterval: 100, requestedLifetimeCount: 9, requestedMaxKeepAliveCount: 3))
        for _ in 0..<8 { #expect(subscription.intervalElapsed(hasNotifications: true, hasRequest: false) == .wait) }
        #expect(subscription.intervalElapsed(hasNotifications: true, hasRequest: false) == .expire)
    }

    @Test func retransmissionHoldsUntilAcknowledged() {
        var subscription = subscription(
            settings: ServerSubscriptionSettings(maxRetransmissionMessages: 2, maxRetransmissionBytes: 100))
        for count in 1...3 {
            #expect(subscription.upcomingSequenceNumber == UInt32(count))
            subscription.sent(ByteBuffer(repeating: UInt8(count), count: 10), more: false)
        }
        #expect(subscription.availableSequenceNumbers == [2, 3])
        #expect(subscription.republish(1) == nil)
        #expect(subscription.republish(2) == ByteBuffer(repeating: 2, count: 10))
        #expect(subscription.acknowledge(2) == .good)
        #expect(subscription.acknowledge(2) == .badSequenceNumberUnknown)
        #expect(subscription.availableSequenceNumbers == [3])
        subscription.sent(ByteBuffer(repeating: 4, count: 95), more: false)
        #expect(subscription.availableSequenceNumbers == [4])
    }
}
