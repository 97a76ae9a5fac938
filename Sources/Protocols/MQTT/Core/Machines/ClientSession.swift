import DequeModule

/// What a client keeps from one connection to the next: packet identifiers and open messages (MQTT 5.0 section 4.1).
///
/// Acknowledgements for received messages leave in the order of arrival, whatever the order in which they are given
/// (section 4.6). The send direction is in `ClientSession+Sending.swift`.
public struct ClientSession: Sendable {
    /// What to do with a received message.
    public enum Received: Equatable, Sendable {
        /// Hand it over; the token is nil for QoS 0.
        case deliver(DeliveryToken?)
        /// It came before and waits for its acknowledgement: nothing.
        case ignore
        /// It came before and was acknowledged: say so again.
        case repeatPubRec(PacketID)
        /// The broker broke the protocol: close with this code.
        case violation(ReasonCode)
    }

    /// An acknowledgement that is due.
    public enum Answer: Equatable, Sendable {
        case pubAck(PacketID)
        case pubRec(PacketID)
        /// PUBACK, or PUBREC for QoS 2, with a reason why the message was not taken; it ends the delivery.
        case refusal(PacketID, QoS, ReasonCode)
    }

    private struct Arrival: Sendable {
        var packetID: PacketID
        var isExactlyOnce: Bool
        /// How it ended; nil while it is open.
        var outcome: ReasonCode?
    }

    /// Open messages at most: as many as there are packet identifiers.
    ///
    /// Not the receive maximum, which is what the broker was asked to keep to. mosquitto 2.0.11 goes beyond it after
    /// acknowledgements that were withheld come at once; a connection closed for that resumes with as many messages and
    /// is closed again, for ever (docs/decisions/0009).
    static let openMax = Int(UInt16.max)

    private var generation: UInt32 = 0
    private var version = MQTTVersion.v5
    private var arrivals: Deque<Arrival> = []
    /// The sequence number of the first arrival.
    private var firstSequence: UInt64 = 0
    /// Messages of QoS 2 whose PUBREC was sent and whose PUBREL is awaited.
    private var unreleased: Set<PacketID> = []
    var sending: OutgoingMessages

    /// - Parameter maximumWaiting: messages of QoS 1 and 2 that wait for the broker's window.
    public init(maximumWaiting: Int = 100_000) { sending = OutgoingMessages(maximumWaiting: maximumWaiting) }

    /// Received messages whose acknowledgement has not left.
    public var unacknowledged: Int { arrivals.count }

    /// A connection begins; what was received before and not acknowledged will come again.
    ///
    /// - Parameter generation: a number that no other connection of this process has.
    /// - Returns: the packets to send first, in order (section 4.4).
    public mutating func connected(_ negotiated: Negotiated, generation: UInt32) -> [Packet] {
        self.generation = generation
        version = negotiated.version
        arrivals.removeAll(keepingCapacity: true)
        firstSequence = 0
        if !negotiated.sessionPresent { unreleased.removeAll() }
        return sending.connected(negotiated)
    }

    public mutating func publishReceived(_ publish: Publish) -> Received {
        if publish.qos == .atMostOnce { return .deliver(nil) }
        let isExactlyOnce = publish.qos == .exactlyOnce
        if isExactlyOnce {
            if unreleased.contains(publish.packetID) { return .repeatPubRec(publish.packetID) }
            if publish.isDuplicate
                && arrivals.contains(where: { $0.isExactlyOnce && $0.packetID == publish.packetID })
            {
                return .ignore
            }
        }
        guard arrivals.count + unreleased.count < Self.openMax else { return .violation(.receiveMaximumExceeded) }
        let token = DeliveryToken(generation: generation, sequence: firstSequence &+ UInt64(arrivals.count))
        arrivals.append(Arrival(packetID: publish.packetID, isExactlyOnce: isExactlyOnce))
        return .deliver(token)
    }

    /// One message is safe; tokens of earlier connections have no effect.
    public mutating func acknowledge(_ token: DeliveryToken) {
        guard let index = index(of: token) else { return }
        arrivals[index].outcome = .success
    }

    /// This message and all that came before it on the same connection are safe.
    public mutating func acknowledge(through token: DeliveryToken) {
        guard let index = index(of: token) else { return }
        for earlier in 0...index where arrivals[earlier].outcome == nil { arrivals[earlier].outcome = .success }
    }

    /// These messages and all between them are not taken, and the broker is to know why; 3.1.1 has no word for that
    /// and takes them as acknowledged.
    public mutating func refuse(from first: DeliveryToken, through last: DeliveryToken, _ reason: ReasonCode) {
        guard let start = index(of: first), let end = index(of: last), start <= end else { return }
        for index in start...end { arrivals[index].outcome = version == .v5 ? reason : .success }
    }

    private func index(of token: DeliveryToken) -> Int? {
        guard token.generation == generation, token.sequence >= firstSequence else { return nil }
        let offset = token.sequence - firstSequence
        return offset < UInt64(arrivals.count) ? Int(offset) : nil
    }

    /// Takes out the next acknowledgement that is due; nil when the oldest message is still open.
    public mutating func nextAnswer() -> Answer? {
        guard let first = arrivals.first, let outcome = first.outcome else { return nil }
        arrivals.removeFirst()
        firstSequence &+= 1
        if outcome.isError {
            return .refusal(first.packetID, first.isExactlyOnce ? .exactlyOnce : .atLeastOnce, outcome)
        }
        guard first.isExactlyOnce else { return .pubAck(first.packetID) }
        unreleased.insert(first.packetID)
        return .pubRec(first.packetID)
    }

    /// PUBREL: returns the PUBCOMP to send; an unknown message is completed too (section 4.3.3).
    public mutating func pubRelReceived(_ id: PacketID) -> Acknowledgement {
        unreleased.remove(id) == nil
            ? Acknowledgement(id, reason: .packetIdentifierNotFound) : Acknowledgement(id)
    }
}
