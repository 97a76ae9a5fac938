/// What the client publishes.
extension ClientSession {
    /// How a publication stands after an acknowledgement.
    public enum Sent: Equatable, Sendable {
        /// The request is finished; an error reason means that the broker refused the message.
        case finished(request: UInt64, ReasonCode)
        case sendPubRel(Acknowledgement)
        /// Nothing waited for it.
        case ignore
    }

    /// Queues a message of QoS 1 or 2; `nextToSend` hands it out when the broker's window allows.
    ///
    /// - Returns: false when the queue is full.
    public mutating func publish(_ message: Publish, request: UInt64) -> Bool {
        guard sending.canQueue else { return false }
        sending.enqueue(message, request: request)
        return true
    }

    /// Takes out the next message to write; nil when the window is used up or nothing waits.
    public mutating func nextToSend() -> Publish? { sending.nextToSend() }

    public mutating func pubAckReceived(_ answer: Acknowledgement) -> Sent {
        guard let message = sending.pubAckReceived(answer.packetID) else { return .ignore }
        return .finished(request: message.request, answer.reason)
    }

    public mutating func pubRecReceived(_ answer: Acknowledgement) -> Sent {
        switch sending.pubRecReceived(answer) {
        case .sendPubRel(let pubRel), .unknown(let pubRel): .sendPubRel(pubRel)
        case .refused(let request): .finished(request: request, answer.reason)
        }
    }

    public mutating func pubCompReceived(_ answer: Acknowledgement) -> Sent {
        guard let message = sending.pubCompReceived(answer.packetID) else { return .ignore }
        return .finished(request: message.request, .success)
    }

    /// A packet identifier for SUBSCRIBE or UNSUBSCRIBE; nil when all are in use.
    public mutating func reservePacketID() -> PacketID? { sending.reserveID() }

    /// The request with this packet identifier was answered.
    public mutating func releasePacketID(_ id: PacketID) { sending.release(id) }

    /// Messages that may still be queued.
    public var room: Int { max(0, sending.maximumWaiting - sending.waiting.count) }

    /// Messages that were published and are not acknowledged yet.
    public var unsettled: Int { sending.sent.count + sending.waiting.count }
}

extension OutgoingMessages {
    mutating func connected(_ negotiated: Negotiated) -> [Packet] {
        resume(window: negotiated.brokerReceiveMaximum, kept: negotiated.sessionPresent).packets
    }
}
