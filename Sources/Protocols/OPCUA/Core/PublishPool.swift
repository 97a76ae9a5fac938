import DequeModule
public import NIOCore
public import OPCUATypes

/// How a session keeps Publish requests at the server (Part 4, 5.14.5).
public struct PublishSettings: Hashable, Sendable {
    /// Fewest Publish requests kept at the server. It holds back nothing while one is there; several hide the round trip.
    public var outstanding: Int
    /// Most Publish requests kept at the server, however slow the link is.
    public var maxOutstanding: Int
    /// Most acknowledgements waiting for a Publish to carry them; more are given up, oldest first.
    public var maxAcknowledgements: Int
    /// What is granted beyond the keep-alive interval before silence counts as death.
    public var grace: TimeAmount

    public init(
        outstanding: Int = 4, maxOutstanding: Int = 32, maxAcknowledgements: Int = 10_000,
        grace: TimeAmount = .seconds(5)
    ) {
        self.outstanding = outstanding
        self.maxOutstanding = max(outstanding, maxOutstanding)
        self.maxAcknowledgements = maxAcknowledgements
        self.grace = grace
    }
}

/// The Publish requests of a session: how many are out, what they acknowledge, whether more is wanted.
/// Acknowledging never delays a Publish, and a Publish never waits for an acknowledgement.
public struct PublishPool: Sendable {
    /// A Publish to send; its answer names the number.
    public struct Publish: Hashable, Sendable {
        public var number: UInt64
        public var request: PublishRequest
    }

    /// What a failed Publish led to.
    public enum FailedAction: Hashable, Sendable {
        /// Fewer requests will be out; go on.
        case wait
        case fail(OPCUAError)
    }

    private struct Outstanding: Sendable {
        var number: UInt64
        var acknowledgements: [SubscriptionAcknowledgement]
        /// Later ones that were answered first.
        var overtaken = 0
    }

    /// A server answers in order; one that answered so many later requests has lost this one.
    static let maxOvertaken = 16
    /// How long a server that takes no Publish at all is left alone.
    static let retryTime = TimeAmount.seconds(1)

    private var settings: PublishSettings
    /// How many are kept at the server at present.
    public private(set) var target: Int
    /// Most that the server takes, once it has said so.
    private var taken = Int.max
    private var out: Deque<Outstanding> = []
    private var nextNumber: UInt64 = 0
    private var isWanted = true
    private var retryAt: NIODeadline?
    private var acknowledgements: Deque<SubscriptionAcknowledgement> = []
    /// Acknowledgements given up because too many waited. The server keeps those messages until it needs the room.
    public private(set) var droppedAcknowledgements = 0
    /// Publish requests that the server never answered.
    public private(set) var unanswered = 0
    /// Acknowledgements of messages that the server had forgotten already; harmless.
    public private(set) var unknownAcknowledgements = 0

    public init(_ settings: PublishSettings) {
        self.settings = settings
        target = settings.outstanding
    }

    public var isDemanded: Bool { isWanted }
    public var outstandingRequests: Int { out.count }
    public var grace: TimeAmount { settings.grace }

    /// Acknowledgements of which the server has not said that it took them; for the next connection.
    public var unconfirmed: [SubscriptionAcknowledgement] { out.flatMap(\.acknowledgements) + acknowledgements }

    /// The receiver wants more, or wants nothing for now.
    public mutating func demand(_ wanted: Bool) { isWanted = wanted }

    /// How long things take: as many requests are kept out as publishings happen while one message travels, is made safe
    /// and is acknowledged.
    /// - Parameter interval: the shortest publishing interval of the session's subscriptions.
    public mutating func measured(
        roundTrip: TimeAmount, commitDelay: TimeAmount, interval: TimeAmount, subscriptions: Int
    ) {
        let busy = max(0, roundTrip.nanoseconds) &+ max(0, commitDelay.nanoseconds)
        let perInterval = busy / max(interval.nanoseconds, 1_000_000)
        let wanted = Int(clamping: perInterval) &+ 1
        target = min(max(settings.outstanding, wanted, subscriptions + 1), settings.maxOutstanding)
    }

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
    public mutating func nextPublish(hasSubscriptions: Bool, now: NIODeadline) -> Publish? {
        guard isWanted, hasSubscriptions, out.count < min(target, taken) else { return nil }
        if let retryAt {
            guard now >= retryAt else { return nil }
            self.retryAt = nil
        }
        nextNumber &+= 1
        let carried = Array(acknowledgements)
        acknowledgements.removeAll(keepingCapacity: true)
        out.append(Outstanding(number: nextNumber, acknowledgements: carried))
        return Publish(number: nextNumber, request: PublishRequest(subscriptionAcknowledgements: carried))
    }

    /// A Publish was answered with a message.
    /// - Parameter results: the outcome of each of its acknowledgements.
    /// - Returns: subscriptions of which the server says that it does not know them.
    public mutating func answered(_ number: UInt64, results: [StatusCode] = []) -> [UInt32] {
        guard let answered = take(number) else { return [] }
        var unknown: [UInt32] = []
        for (acknowledgement, result) in zip(answered.acknowledgements, results) {
            switch result.base {
            case .badSequenceNumberUnknown: unknownAcknowledgements += 1
            case .badSubscriptionIdInvalid: unknown.append(acknowledgement.subscriptionId)
            default: break
            }
        }
        return unknown
    }

    /// A Publish was answered with a fault.
    public mutating func failed(_ number: UInt64, _ status: StatusCode, now: NIODeadline) -> FailedAction {
        // The server has not looked at what it acknowledged.
        if let failed = take(number) { acknowledgements.insert(contentsOf: failed.acknowledgements, at: 0) }
        switch status.base {
        case .badTooManyPublishRequests:
            taken = max(1, out.count)
            if out.isEmpty { retryAt = now + Self.retryTime }
            return .wait
        case .badTimeout, .badRequestTimeout:
            if out.isEmpty { retryAt = now + Self.retryTime }
            return .wait
        default:
            return .fail(OPCUAError(status, "the server no longer publishes"))
        }
    }

    private mutating func take(_ number: UInt64) -> Outstanding? {
        guard let index = out.firstIndex(where: { $0.number == number }) else { return nil }
        let taken = out.remove(at: index)
        for earlier in 0..<index { out[earlier].overtaken += 1 }
        while let first = out.first, first.overtaken > Self.maxOvertaken {
            out.removeFirst()
            unanswered += 1
            acknowledgements.insert(contentsOf: first.acknowledgements, at: 0)
        }
        return taken
    }
}
