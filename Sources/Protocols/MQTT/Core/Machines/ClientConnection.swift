public import NIOCore

/// One connection from the client's side, from CONNECT to its end: handshake, keep-alive and SUBSCRIBE.
///
/// Messages and packet identifiers outlive a connection and belong to `ClientSession`.
public struct ClientConnection: ~Copyable {
    /// The answer to CONNACK.
    public enum ConnAckAction: Equatable, Sendable {
        case connected(Negotiated)
        case refused(ReasonCode, message: String?)
        case violation(String)
    }

    /// The answer to SUBACK and UNSUBACK.
    public enum SubscriptionAction: Equatable, Sendable {
        /// The request is answered, one reason for each topic filter.
        case answered(request: UInt64, [ReasonCode])
        case violation(String)
    }

    /// What to do with a received message.
    public enum PublishAction: Equatable, Sendable {
        /// Hand it on, under its own topic.
        case receive(Publish)
        case violation(String, ReasonCode)
    }

    private enum State {
        case idle
        case awaitingConnAck
        case open(Open)
        case ended
    }

    private struct Open {
        var keepAlive: KeepAlive
        var requests: [PacketID: Request] = [:]
        var incomingAliases: IncomingTopicAliases
        var outgoingAliases: OutgoingTopicAliases
        var maximumPacketSize: Int?
    }

    private struct Request {
        var number: UInt64
        var filters: Int
        var isSubscribe: Bool
    }

    private let connect: Connect
    private var state = State.idle

    public init(_ connect: Connect) { self.connect = connect }

    /// Whether messages may be exchanged.
    public var isOpen: Bool { if case .open = state { true } else { false } }

    /// The transport is up: returns the packet to send first.
    public mutating func transportConnected() -> Connect {
        state = .awaitingConnAck
        return connect
    }

    public mutating func connAckReceived(_ connAck: ConnAck, now: NIODeadline) -> ConnAckAction {
        guard case .awaitingConnAck = state else { return .violation("a CONNACK that nobody asked for") }
        guard connAck.reason == .success else {
            state = .ended
            return .refused(connAck.reason, message: connAck.properties.reasonString)
        }
        if connAck.sessionPresent && connect.cleanStart {
            state = .ended
            return .violation("the broker says that it kept a session although none was wanted")
        }
        let negotiated = Negotiated(connect, connAck)
        guard !negotiated.clientID.isEmpty || connect.version == .v311 else {
            state = .ended
            return .violation("the broker assigned no client id")
        }
        state = .open(
            Open(
                keepAlive: KeepAlive(seconds: negotiated.keepAliveSeconds, now: now),
                incomingAliases: IncomingTopicAliases(maximum: negotiated.clientTopicAliasMaximum),
                outgoingAliases: OutgoingTopicAliases(maximum: negotiated.brokerTopicAliasMaximum),
                maximumPacketSize: negotiated.brokerMaximumPacketSize))
        return .connected(negotiated)
    }

    public mutating func bytesSent(now: NIODeadline) { mutate { $0.keepAlive.sent(now: now) } }

    public mutating func bytesReceived(now: NIODeadline) { mutate { $0.keepAlive.received(now: now) } }

    public mutating func readingPaused() { mutate { $0.keepAlive.readingPaused() } }

    public mutating func readingResumed(now: NIODeadline) { mutate { $0.keepAlive.readingResumed(now: now) } }

    public mutating func deadlineReached(now: NIODeadline) -> KeepAlive.Action {
        mutate { $0.keepAlive.deadlineReached(now: now) } ?? .off
    }

    /// A message came: finds the topic behind its alias.
    public mutating func publishReceived(_ publish: Publish) -> PublishAction {
        if publish.properties.isEmpty, isOpen { return .receive(publish) }
        let action = mutate { $0.incomingAliases.resolve(publish) }
        switch action {
        case .unchanged: return .receive(publish)
        case .resolved(let resolved): return .receive(resolved)
        case .violation(let reason): return .violation("a topic alias that was not offered or not explained", reason)
        case nil: return .violation("a PUBLISH outside a connection", .protocolError)
        }
    }

    /// A message leaves: returns it with a topic alias where that saves bytes.
    public mutating func publishLeaving(_ publish: Publish) -> Publish {
        var leaving = publish
        mutate { $0.outgoingAliases.apply(to: &leaving, maximumPacketSize: $0.maximumPacketSize) }
        return leaving
    }

    /// A SUBSCRIBE or UNSUBSCRIBE leaves.
    ///
    /// - Returns: whether the connection is open; otherwise nothing may be sent.
    public mutating func subscriptionRequested(
        _ id: PacketID, request: UInt64, filters: Int, isSubscribe: Bool
    ) -> Bool {
        mutate {
            $0.requests[id] = Request(number: request, filters: filters, isSubscribe: isSubscribe)
            return true
        } ?? false
    }

    public mutating func subAckReceived(_ answer: SubAck) -> SubscriptionAction {
        subscriptionAnswered(answer.packetID, answer.reasons, isSubscribe: true)
    }

    public mutating func unsubAckReceived(_ answer: UnsubAck) -> SubscriptionAction {
        subscriptionAnswered(answer.packetID, answer.reasons, isSubscribe: false)
    }

    private mutating func subscriptionAnswered(
        _ id: PacketID, _ reasons: [ReasonCode], isSubscribe: Bool
    ) -> SubscriptionAction {
        let name = isSubscribe ? "SUBACK" : "UNSUBACK"
        guard let request = mutate({ $0.requests.removeValue(forKey: id) }) ?? nil, request.isSubscribe == isSubscribe
        else { return .violation("\(name) \(id) that nobody asked for") }
        if !isSubscribe && connect.version == .v311 {
            return .answered(request: request.number, Array(repeating: .success, count: request.filters))
        }
        guard reasons.count == request.filters else {
            return .violation("\(name) with \(reasons.count) reason codes for \(request.filters) topic filters")
        }
        return .answered(request: request.number, reasons)
    }

    /// The connection is over; returns the requests that will not be answered any more.
    public mutating func ended() -> [UInt64] {
        defer { state = .ended }
        guard case .open(let open) = state else { return [] }
        return open.requests.values.map(\.number).sorted()
    }

    @discardableResult
    private mutating func mutate<Result>(_ change: (inout Open) -> Result) -> Result? {
        guard case .open(var open) = state else { return nil }
        // The placeholder keeps the payload unique, so that the change does not copy it.
        state = .ended
        let result = change(&open)
        state = .open(open)
        return result
    }
}
