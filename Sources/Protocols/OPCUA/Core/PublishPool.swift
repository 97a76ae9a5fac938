import DequeModule
public import NIOCore
public import OPCUATypes

/// How a session keeps Publish requests at the server (Part 4, 5.14.5).
public struct PublishSettings: Hashable, Sendable {
    /// Publish requests kept at the server. The server holds back nothing while one is there; several hide the round trip.
    public var outstanding: Int
    /// Most acknowledgements waiting for a Publish to carry them; more are given up, oldest first.
    public var maxAcknowledgements: Int
    /// What is granted beyond the keep-alive interval before silence counts as death.
    public var grace: TimeAmount

    public init(outstanding: Int = 4, maxAcknowledgements: Int = 10_000, grace: TimeAmount = .seconds(5)) {
        self.outstanding = outstanding
        self.maxAcknowledgements = maxAcknowledgements
        self.grace = grace
    }
}

/// The Publish requests of a session: how many are out, what they acknowledge, whether more is wanted.
/// Acknowledging never delays a Publish, and a Publish never waits for an acknowledgement.
public struct PublishPool: Sendable {
    /// What a failed Publish led to.
    public enum FailedAction: Hashable, Sendable {
        /// Fewer requests will be out; go on.
        case wait
        case fail(OPCUAError)
    }

    private var settings: PublishSettings
    private var outstanding = 0
    private var isWanted = true
    private var acknowledgements: Deque<SubscriptionAcknowledgement> = []
    /// Acknowledgements given up because too many waited. The server keeps those messages until it needs the room.
    public private(set) var droppedAcknowledgements = 0

    public init(_ settings: PublishSettings) { self.settings = settings }

    public var isDemanded: Bool { isWanted }
    public var outstandingRequests: Int { outstanding }
    public var grace: TimeAmount { settings.grace }

    /// The receiver wants more, or wants nothing for now.
    public mutating func demand(_ wanted: Bool) { isWanted = wanted }

    /// A notification message may be forgotten by the server; said on the next Publish.
    public mutating func acknowledge(subscriptionId: UInt32, sequenceNumber: UInt32) {
        if acknowledgements.count >= settings.maxAcknowledgements {
            acknowledgements.removeFirst()
            droppedAcknowledgements += 1
        }
        acknowledgements.append(
            SubscriptionAcknowledgement(subscriptionId: subscriptionId, sequenceNumber: sequenceNumber))
    }

    /// The next Publish to send now; nil when enough are out, nothing is wanted or there is no subscription.
    public mutating func nextPublish(hasSubscriptions: Bool) -> PublishRequest? {
        guard isWanted, hasSubscriptions, outstanding < settings.outstanding else { return nil }
        outstanding += 1
        let request = PublishRequest(subscriptionAcknowledgements: Array(acknowledgements))
        acknowledgements.removeAll(keepingCapacity: true)
        return request
    }

    /// A Publish was answered with a message.
    public mutating func answered() { outstanding = max(0, outstanding - 1) }

    /// A Publish was answered with a fault.
    public mutating func failed(_ status: StatusCode) -> FailedAction {
        outstanding = max(0, outstanding - 1)
        switch status.base {
        case .badTooManyPublishRequests where outstanding > 0:
            settings.outstanding = outstanding
            return .wait
        case .badTimeout where outstanding > 0:
            return .wait
        default:
            return .fail(OPCUAError(status, "the server no longer publishes"))
        }
    }
}
