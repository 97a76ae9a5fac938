import DequeModule
import NIOCore

/// The send direction of a session: packet identifiers, the peer's window, and messages until they are acknowledged.
///
/// Both ends use it: a client for what it publishes, a broker for what it delivers.
struct OutgoingMessages: Sendable {
    /// Where a sent message stands.
    enum Stage: Equatable, Sendable {
        case awaitingPubAck
        case awaitingPubRec
        case awaitingPubComp
    }

    struct Sent: Sendable {
        var publish: Publish
        var request: UInt64
        var stage: Stage
        /// The order of sending, in which messages are sent again.
        var serial: UInt64
    }

    private(set) var waiting: Deque<(publish: Publish, request: UInt64)> = []
    private(set) var sent: [PacketID: Sent] = [:]
    /// Identifiers in use by SUBSCRIBE and UNSUBSCRIBE.
    private var reserved: Set<PacketID> = []
    private var lastID: PacketID = 0
    private var lastSerial: UInt64 = 0
    private var window = Int(UInt16.max)
    let maximumWaiting: Int

    init(maximumWaiting: Int) { self.maximumWaiting = maximumWaiting }

    var canQueue: Bool { waiting.count < maximumWaiting }

    mutating func enqueue(_ publish: Publish, request: UInt64) { waiting.append((publish, request)) }

    /// Sets the window of a new connection and returns the packets to send again, in their first order.
    ///
    /// - Parameter kept: whether the peer still has the session; otherwise messages start anew and those that only
    ///   missed their PUBCOMP are forgotten.
    /// - Returns: packets, and the requests that are settled by forgetting.
    mutating func resume(window: Int, kept: Bool) -> (packets: [Packet], settled: [UInt64]) {
        self.window = max(1, window)
        reserved.removeAll()
        var packets: [Packet] = []
        var settled: [UInt64] = []
        for (id, message) in sent.sorted(by: { $0.value.serial < $1.value.serial }) {
            switch message.stage {
            case .awaitingPubComp where kept: packets.append(.pubRel(Acknowledgement(id)))
            case .awaitingPubComp:
                sent[id] = nil
                settled.append(message.request)
            case .awaitingPubAck, .awaitingPubRec:
                var publish = message.publish
                publish.isDuplicate = kept
                packets.append(.publish(publish))
            }
        }
        return (packets, settled)
    }

    /// Whether one more message may be open at the peer.
    var hasWindow: Bool { sent.count < window }

    /// Takes out the next message that the window allows, with its identifier.
    mutating func nextToSend() -> Publish? {
        guard hasWindow, !waiting.isEmpty, let id = freeID() else { return nil }
        let (waitingPublish, request) = waiting.removeFirst()
        return send(waitingPublish, request: request, as: id)
    }

    /// Opens a message at once, past the queue; nil when window or identifiers are used up.
    mutating func sendNow(_ publish: Publish, request: UInt64) -> Publish? {
        guard hasWindow, let id = freeID() else { return nil }
        return send(publish, request: request, as: id)
    }

    private mutating func send(_ publish: Publish, request: UInt64, as id: PacketID) -> Publish {
        var publish = publish
        publish.packetID = id
        lastSerial &+= 1
        let stage = publish.qos == .exactlyOnce ? Stage.awaitingPubRec : .awaitingPubAck
        sent[id] = Sent(publish: publish, request: request, stage: stage, serial: lastSerial)
        return publish
    }

    mutating func reserveID() -> PacketID? {
        guard let id = freeID() else { return nil }
        reserved.insert(id)
        return id
    }

    mutating func release(_ id: PacketID) { reserved.remove(id) }

    private mutating func freeID() -> PacketID? {
        guard sent.count + reserved.count < Int(PacketID.max) else { return nil }
        repeat {
            lastID &+= 1
        } while lastID == 0 || sent[lastID] != nil || reserved.contains(lastID)
        return lastID
    }

    /// PUBACK: returns the finished message; nil when none waits for it.
    mutating func pubAckReceived(_ id: PacketID) -> Sent? {
        guard let message = sent[id], message.stage == .awaitingPubAck else { return nil }
        sent[id] = nil
        return message
    }

    /// What a PUBREC leads to.
    enum PubRecAction: Equatable, Sendable {
        case sendPubRel(Acknowledgement)
        /// The peer refused the message: it is over.
        case refused(request: UInt64)
        /// Nothing waits for it, yet it is to be answered.
        case unknown(Acknowledgement)
    }

    mutating func pubRecReceived(_ answer: Acknowledgement) -> PubRecAction {
        guard var message = sent[answer.packetID], message.stage != .awaitingPubAck else {
            return .unknown(Acknowledgement(answer.packetID, reason: .packetIdentifierNotFound))
        }
        if answer.reason.isError {
            sent[answer.packetID] = nil
            return .refused(request: message.request)
        }
        message.stage = .awaitingPubComp
        message.publish.payload.clear()
        sent[answer.packetID] = message
        return .sendPubRel(Acknowledgement(answer.packetID))
    }

    /// PUBCOMP: returns the finished message; nil when none waits for it.
    mutating func pubCompReceived(_ id: PacketID) -> Sent? {
        guard let message = sent[id], message.stage == .awaitingPubComp else { return nil }
        sent[id] = nil
        return message
    }
}
