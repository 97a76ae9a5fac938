public import NIOCore
public import OPCUATypes

/// What a client must know of a subscription to go on with it in another session (Part 4, 5.14.7).
public struct RememberedSubscription: Hashable, Sendable, Codable {
    public var id: UInt32
    /// The number of the next message to hand over; nil when it is not known, as after a restart of the program.
    public var next: UInt32?
    /// As the server revised it.
    public var publishingMilliseconds: Double
    public var lifetimeCount: UInt32
    public var keepAliveCount: UInt32
    public var maxNotificationsPerPublish: UInt32
    public var priority: UInt8

    /// A subscription that was just created.
    public init(_ response: CreateSubscriptionResponse, asked request: CreateSubscriptionRequest) {
        id = response.subscriptionId
        next = 1
        publishingMilliseconds = response.revisedPublishingInterval
        lifetimeCount = response.revisedLifetimeCount
        keepAliveCount = response.revisedMaxKeepAliveCount
        maxNotificationsPerPublish = request.maxNotificationsPerPublish
        priority = request.priority
    }

    /// The longest silence that the server announced; bounded, since it may revise to any bits.
    public var keepAliveInterval: TimeAmount {
        guard publishingMilliseconds.isFinite else { return .seconds(10) }
        let milliseconds = max(publishingMilliseconds, 1) * Double(max(keepAliveCount, 1))
        return .milliseconds(Int64(min(milliseconds, 86_400_000)))
    }

    /// The publishing interval; bounded likewise.
    public var publishingInterval: TimeAmount {
        guard publishingMilliseconds.isFinite else { return .seconds(1) }
        return .microseconds(Int64(min(max(publishingMilliseconds, 0.1), 86_400_000) * 1000))
    }

    /// A request that changes nothing; it renews the lifetime while Publish requests are withheld.
    public var refresh: ModifySubscriptionRequest {
        ModifySubscriptionRequest(
            subscriptionId: id, requestedPublishingInterval: publishingMilliseconds,
            requestedLifetimeCount: lifetimeCount, requestedMaxKeepAliveCount: keepAliveCount,
            maxNotificationsPerPublish: maxNotificationsPerPublish, priority: priority)
    }
}
