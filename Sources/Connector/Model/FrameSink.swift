/// The number of a submission to a lane; it rises by one with each, over all sources of the lane.
package struct Ticket: Hashable, Comparable, Sendable {
    package var number: UInt64
    /// Whether the lane took nothing of the submission because its source's policy is to reject: a protocol that has
    /// a word for it tells the sender.
    package var isRejected: Bool

    package init(number: UInt64, isRejected: Bool = false) {
        self.number = number
        self.isRejected = isRejected
    }

    package static func < (left: Ticket, right: Ticket) -> Bool { left.number < right.number }
}

/// A frame as it leaves the intake: one source's batch, encoded.
package struct EncodedFrame: Sendable {
    /// The largest frame; one record may be larger and then fills a frame alone.
    package static let bytesMax = 64 * 1024
    /// The largest record that a lane takes, without its tag's constant part. Targets have limits of their own: one
    /// record that they can never take would hold up all that follow.
    package static let recordBytesMax = 4 * 1024 * 1024

    /// Entries of: prefix reference as varint, suffix length as varint, suffix.
    package var entries: [UInt8]
    package var count: Int

    package init(entries: [UInt8], count: Int) {
        self.entries = entries
        self.count = count
    }
}

/// What an intake hands frames to: the lane of its source's target.
package protocol FrameSink: Sendable {
    /// Remembers the constant part of a tag's record and returns its reference, the same for the same bytes.
    func register(prefix: [UInt8]) -> UInt32

    /// Takes frames of one source, in order. Never blocks: a lane without room closes its demand instead.
    func submit(_ frames: [EncodedFrame], from source: String) -> Ticket

    /// Takes payloads of one source for the dead letters. The ticket stands for them as for frames: once it is durable
    /// the protocol may acknowledge.
    func refuse(_ payloads: [RefusedPayload], from source: String) -> Ticket
}

extension FrameSink {
    /// A sink without dead letters, of which nothing outlives the process, only counts the submission.
    package func refuse(_ payloads: [RefusedPayload], from source: String) -> Ticket { submit([], from: source) }
}

/// What a source hears back from its lane. Calls come on the lane's thread and must return at once.
package protocol LaneListener: Sendable {
    /// Every submission of this source up to `ticket` is durable: the protocol may acknowledge it.
    func durable(upTo ticket: Ticket)

    /// The lane has no room (`open` false) or has room again. A source withholds its demand: it asks for no
    /// more and acknowledges no more, but still delivers what is under way.
    func demand(open: Bool)

    /// A payload that was refused before is tried once more, by somebody's wish: what becomes of it is submitted anew.
    /// - Returns: false when there is nobody who could try it.
    func retry(_ payload: RefusedPayload) -> Bool
}

extension LaneListener {
    package func retry(_ payload: RefusedPayload) -> Bool { false }
}
