import DequeModule
public import NIOCore
public import OPCUATypes

/// What a server grants subscriptions.
public struct ServerSubscriptionSettings: Hashable, Sendable {
    /// Bounds of the publishing interval in milliseconds.
    public var shortestIntervalMilliseconds: Double
    public var longestIntervalMilliseconds: Double
    public var maxKeepAliveCount: UInt32
    public var maxLifetimeCount: UInt32
    /// Most values in one notification message.
    public var maxNotificationsPerPublish: UInt32
    /// Most messages and bytes kept for Republish, per subscription.
    public var maxRetransmissionMessages: Int
    public var maxRetransmissionBytes: Int

    public init(
        shortestIntervalMilliseconds: Double = 10, longestIntervalMilliseconds: Double = 3_600_000,
        maxKeepAliveCount: UInt32 = 10_000, maxLifetimeCount: UInt32 = 100_000,
        maxNotificationsPerPublish: UInt32 = 10_000, maxRetransmissionMessages: Int = 64,
        maxRetransmissionBytes: Int = 32 << 20
    ) {
        self.shortestIntervalMilliseconds = shortestIntervalMilliseconds
        self.longestIntervalMilliseconds = longestIntervalMilliseconds
        self.maxKeepAliveCount = maxKeepAliveCount
        self.maxLifetimeCount = maxLifetimeCount
        self.maxNotificationsPerPublish = maxNotificationsPerPublish
        self.maxRetransmissionMessages = maxRetransmissionMessages
        self.maxRetransmissionBytes = maxRetransmissionBytes
    }
}

/// A subscription as the server sees it (Part 4, 5.14.1.2): when to send, when to say "alive", when to die, and what to
/// keep for Republish. The notifications themselves lie elsewhere.
public struct ServerSubscription: Sendable {
    /// What a publishing interval or a Publish request led to.
    public enum PublishAction: Hashable, Sendable {
        case wait
        /// Take a Publish request and answer it with notifications.
        case notify
        /// Take a Publish request and answer it with a keep-alive.
        case keepAlive
        /// Nobody asked for too long: delete the subscription.
        case expire
    }

    public let id: UInt32
    public private(set) var publishingIntervalMilliseconds: Double
    public private(set) var lifetimeCount: UInt32
    public private(set) var keepAliveCount: UInt32
    public private(set) var maxNotificationsPerPublish: UInt32
    public private(set) var priority: UInt8
    public private(set) var isPublishing: Bool
    private let settings: ServerSubscriptionSettings

    private var intervalsSinceMessage: UInt32 = 0
    private var intervalsSinceRequest: UInt32 = 0
    private var hasSent = false
    /// Something is due and waits for a Publish request.
    private var isLate = false
    private var nextNumber: UInt32 = 1
    private var retransmission: Deque<(number: UInt32, message: ByteBuffer)> = []
    private var retransmissionBytes = 0

    public init(id: UInt32, _ request: CreateSubscriptionRequest, settings: ServerSubscriptionSettings) {
        self.id = id
        self.settings = settings
        (publishingIntervalMilliseconds, lifetimeCount, keepAliveCount) = (0, 0, 0)
        maxNotificationsPerPublish = 0
        priority = request.priority
        isPublishing = request.publishingEnabled
        revise(
            interval: request.requestedPublishingInterval, lifetime: request.requestedLifetimeCount,
            keepAlive: request.requestedMaxKeepAliveCount, notifications: request.maxNotificationsPerPublish)
    }

    public var publishingInterval: TimeAmount { .nanoseconds(Int64(publishingIntervalMilliseconds * 1e6)) }
    /// Sequence numbers that Republish can still give.
    public var availableSequenceNumbers: [UInt32] { retransmission.map(\.number) }

    /// ModifySubscription came.
    public mutating func modify(_ request: ModifySubscriptionRequest) {
        priority = request.priority
        intervalsSinceRequest = 0
        revise(
            interval: request.requestedPublishingInterval, lifetime: request.requestedLifetimeCount,
            keepAlive: request.requestedMaxKeepAliveCount, notifications: request.maxNotificationsPerPublish)
    }

    /// SetPublishingMode came.
    public mutating func setPublishing(_ enabled: Bool) {
        isPublishing = enabled
        intervalsSinceRequest = 0
    }

    /// TransferSubscriptions gave it to another session, whose requests keep it alive from now on (Part 4, 5.14.7).
    public mutating func transferred() { intervalsSinceRequest = 0 }

    /// A publishing interval has passed.
    /// - Parameters:
    ///   - hasNotifications: values wait to be reported.
    ///   - hasRequest: the session holds a Publish request.
    public mutating func intervalElapsed(hasNotifications: Bool, hasRequest: Bool) -> PublishAction {
        intervalsSinceMessage &+= 1
        intervalsSinceRequest = hasRequest ? 0 : intervalsSinceRequest &+ 1
        guard intervalsSinceRequest < lifetimeCount else { return .expire }
        return send(hasNotifications: hasNotifications, hasRequest: hasRequest)
    }

    /// A Publish request came to the session, which holds it.
    public mutating func requestArrived(hasNotifications: Bool) -> PublishAction {
        intervalsSinceRequest = 0
        return isLate ? send(hasNotifications: hasNotifications, hasRequest: true) : .wait
    }

    private mutating func send(hasNotifications: Bool, hasRequest: Bool) -> PublishAction {
        let notify = hasNotifications && isPublishing
        // The first message goes out at the first interval, with or without values.
        guard notify || isLate || !hasSent || intervalsSinceMessage >= keepAliveCount else { return .wait }
        guard hasRequest else {
            isLate = true
            return .wait
        }
        isLate = false
        hasSent = true
        intervalsSinceMessage = 0
        return notify ? .notify : .keepAlive
    }

    /// The number of the notification message about to be sent.
    public var upcomingSequenceNumber: UInt32 { nextNumber }

    /// A notification message was sent; it is kept for Republish.
    /// - Parameters:
    ///   - message: the encoded NotificationMessage.
    ///   - more: values are left over: the next Publish request is answered at once.
    public mutating func sent(_ message: ByteBuffer, more: Bool) {
        retransmission.append((nextNumber, message))
        retransmissionBytes &+= message.readableBytes
        nextNumber = nextNumber == .max ? 1 : nextNumber &+ 1
        isLate = more
        while retransmission.count > settings.maxRetransmissionMessages
            || retransmissionBytes > settings.maxRetransmissionBytes, let oldest = retransmission.popFirst()
        {
            retransmissionBytes &-= oldest.message.readableBytes
        }
    }

    /// The client acknowledged a message.
    public mutating func acknowledge(_ number: UInt32) -> StatusCode {
        guard let index = retransmission.firstIndex(where: { $0.number == number }) else {
            return .badSequenceNumberUnknown
        }
        retransmissionBytes &-= retransmission[index].message.readableBytes
        retransmission.remove(at: index)
        return .good
    }

    /// The encoded NotificationMessage of a number that Republish asks for; nil when it is gone.
    public mutating func republish(_ number: UInt32) -> ByteBuffer? {
        intervalsSinceRequest = 0
        return retransmission.first { $0.number == number }?.message
    }

    private mutating func revise(interval: Double, lifetime: UInt32, keepAlive: UInt32, notifications: UInt32) {
        let asked = interval.isFinite ? interval : settings.shortestIntervalMilliseconds
        publishingIntervalMilliseconds = min(
            max(asked, settings.shortestIntervalMilliseconds), settings.longestIntervalMilliseconds)
        keepAliveCount = min(max(keepAlive, 1), settings.maxKeepAliveCount)
        // At least three times the keep-alive count (Part 4, 5.14.2.2).
        lifetimeCount = min(max(lifetime, keepAliveCount &* 3), max(settings.maxLifetimeCount, keepAliveCount &* 3))
        let most = settings.maxNotificationsPerPublish
        maxNotificationsPerPublish = notifications == 0 ? most : min(notifications, most)
    }
}
