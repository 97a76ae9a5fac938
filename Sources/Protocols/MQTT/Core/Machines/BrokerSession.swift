import DequeModule
public import NIOCore

/// What the broker keeps for one client: messages to deliver, open deliveries, and open receptions of QoS 2
/// (MQTT 5.0 section 4.1).
public struct BrokerSession: Sendable {
    /// How much may be kept for one client.
    public struct Limits: Equatable, Sendable {
        public var maximumQueuedMessages: Int
        /// Bytes of topics and payloads.
        public var maximumQueuedBytes: Int
        /// Bytes handed to the socket and not yet written, above which messages are queued.
        public var maximumUnwrittenBytes: Int
        /// Deliveries of QoS 1 and 2 open at the client, also when it would take more.
        public var maximumInFlight: Int

        public init(
            maximumQueuedMessages: Int = 100_000, maximumQueuedBytes: Int = 64 * 1024 * 1024,
            maximumUnwrittenBytes: Int = 1024 * 1024, maximumInFlight: Int = 1024
        ) {
            self.maximumQueuedMessages = maximumQueuedMessages
            self.maximumQueuedBytes = maximumQueuedBytes
            self.maximumUnwrittenBytes = maximumUnwrittenBytes
            self.maximumInFlight = maximumInFlight
        }
    }

    /// What became of a message for this client.
    public enum Delivery: Equatable, Sendable {
        case queued
        /// QoS 0 and the client is away.
        case notKept
        /// The queue is full.
        case dropped
    }

    fileprivate struct Queued: Sendable {
        var publish: Publish
        var expiry: NIODeadline?
        var share: TopicFilter?
        var bytes: Int { publish.topic.readableBytes + publish.payload.readableBytes }
    }

    /// The connection that the session is lent to.
    private struct Link: Sendable {
        var version: MQTTVersion
        var maximumPacketSize: Int?
        var unwrittenBytes = 0
    }

    private let limits: Limits
    private var link: Link?
    // Two queues, so that a client which is slow to acknowledge still gets QoS 0.
    private var unassured: Deque<Queued> = []
    private var assured: Deque<Queued> = []
    private var queuedBytes = 0
    private var outgoing = OutgoingMessages(maximumWaiting: 0)
    /// What is in flight under shared subscriptions, and may yet go to another member of the group.
    private var shared: [PacketID: (filter: TopicFilter, expiry: NIODeadline?)] = [:]
    private var unreleased: Set<PacketID> = []
    /// Messages given up because the queue was full or the client takes no packet of their size.
    public private(set) var droppedMessages = 0

    public init(limits: Limits = Limits()) { self.limits = limits }

    public var queuedMessages: Int { unassured.count + assured.count }
    /// Deliveries of QoS 1 and 2 that the client has not acknowledged.
    public var inFlight: Int { outgoing.sent.count }
    public var isConnected: Bool { link != nil }

    /// The client is back, or new: returns what to send again, in order.
    public mutating func connected(_ connect: Connect) -> [Packet] {
        let properties = connect.properties
        link = Link(version: connect.version, maximumPacketSize: properties.maximumPacketSize.map(Int.init))
        let window = min(Int(properties.receiveMaximum ?? .max), limits.maximumInFlight)
        return outgoing.resume(window: window, kept: true).packets
    }

    /// The client went; messages of QoS 0 are forgotten.
    public mutating func disconnected() {
        link = nil
        queuedBytes -= unassured.reduce(0) { $0 + $1.bytes }
        unassured.removeAll()
    }

    /// A message is for this client.
    ///
    /// - Parameters:
    ///   - expiry: when it has no value any more (MQTT 5.0 section 3.3.2.3.3).
    ///   - share: the filter of the shared subscription under which it goes to this client.
    public mutating func deliver(
        _ publish: Publish, expiry: NIODeadline?, share: TopicFilter? = nil
    ) -> Delivery {
        if publish.qos == .atMostOnce && link == nil { return .notKept }
        let message = Queued(publish: publish, expiry: expiry, share: share)
        guard queuedMessages < limits.maximumQueuedMessages,
            queuedBytes + message.bytes <= limits.maximumQueuedBytes
        else {
            droppedMessages += 1
            return .dropped
        }
        queuedBytes += message.bytes
        if publish.qos == .atMostOnce { unassured.append(message) } else { assured.append(message) }
        return .queued
    }

    /// Takes out the next message to write, with its packet identifier; nil when nothing may be written now.
    public mutating func nextToSend(now: NIODeadline) -> Publish? {
        while let link, link.unwrittenBytes < limits.maximumUnwrittenBytes {
            let message: Queued
            if !unassured.isEmpty {
                message = unassured.removeFirst()
            } else if outgoing.hasWindow, !assured.isEmpty {
                message = assured.removeFirst()
            } else {
                return nil
            }
            queuedBytes -= message.bytes
            guard var publish = message.alive(at: now) else { continue }
            let size = publish.size(link.version)
            if let limit = link.maximumPacketSize, size > limit {
                droppedMessages += 1
                continue
            }
            if publish.qos != .atMostOnce {
                guard let opened = outgoing.sendNow(publish, request: 0) else { return nil }
                publish = opened
                if let share = message.share { shared[publish.packetID] = (share, message.expiry) }
            }
            self.link?.unwrittenBytes += size
            return publish
        }
        return nil
    }

    /// Bytes of messages reached the socket, or were given up with it.
    public mutating func bytesWritten(_ count: Int) {
        guard let link else { return }
        self.link?.unwrittenBytes = max(0, link.unwrittenBytes - count)
    }

    /// PUBACK or PUBCOMP: a delivery is over.
    public mutating func deliveryFinished(_ id: PacketID) {
        shared[id] = nil
        if outgoing.pubAckReceived(id) == nil { _ = outgoing.pubCompReceived(id) }
    }

    /// PUBREC: returns the PUBREL to send; nil when the client refused the message.
    public mutating func pubRecReceived(_ answer: Acknowledgement) -> Acknowledgement? {
        shared[answer.packetID] = nil
        return switch outgoing.pubRecReceived(answer) {
        case .sendPubRel(let pubRel), .unknown(let pubRel): pubRel
        case .refused: nil
        }
    }

    /// A message that came under a shared subscription and that another member of the group may get.
    public struct Shared: Equatable, Sendable {
        public var publish: Publish
        public var expiry: NIODeadline?
        public var filter: TopicFilter
    }

    /// The session is over: what its groups are to get back, in order. A message of QoS 2 that was sent is not among
    /// them, since the client may have had it (MQTT 5.0 section 4.8.2).
    public func handedBack() -> [Shared] {
        let sent = outgoing.sent.values.sorted { $0.serial < $1.serial }.compactMap { sent -> Shared? in
            guard sent.stage == .awaitingPubAck, let (filter, expiry) = shared[sent.publish.packetID] else {
                return nil
            }
            return Shared(publish: sent.publish, expiry: expiry, filter: filter)
        }
        return sent
            + assured.compactMap { queued in
                queued.share.map { Shared(publish: queued.publish, expiry: queued.expiry, filter: $0) }
            }
    }

    /// What a message of QoS 2 from the client is.
    public enum Reception: Equatable, Sendable {
        /// To be routed and answered with PUBREC.
        case new
        /// Routed before: only to be answered with PUBREC.
        case known
        /// More are open than the client may have.
        case tooMany
    }

    /// A message of QoS 2 came from the client.
    ///
    /// - Parameter limit: how many the client may have open.
    public mutating func exactlyOnceReceived(_ id: PacketID, limit: Int) -> Reception {
        if unreleased.contains(id) { return .known }
        guard unreleased.count < limit else { return .tooMany }
        unreleased.insert(id)
        return .new
    }

    /// PUBREL: returns the PUBCOMP to send.
    public mutating func pubRelReceived(_ id: PacketID) -> Acknowledgement {
        unreleased.remove(id) == nil
            ? Acknowledgement(id, reason: .packetIdentifierNotFound) : Acknowledgement(id)
    }
}

extension BrokerSession.Queued {
    /// The message with the rest of its life in seconds; nil when that is over.
    fileprivate func alive(at now: NIODeadline) -> Publish? {
        guard let expiry else { return publish }
        guard expiry > now else { return nil }
        var publish = publish
        publish.setRemainingLife(until: expiry, now: now)
        return publish
    }
}

extension Publish {
    /// Replaces the message expiry interval by what is left of it, in whole seconds and at least one.
    public mutating func setRemainingLife(until expiry: NIODeadline, now: NIODeadline) {
        let left = max(1, (expiry - now).nanoseconds / 1_000_000_000)
        properties.removeAll(.messageExpiryInterval)
        properties.append(.messageExpiryInterval(UInt32(clamping: left)))
    }
}
