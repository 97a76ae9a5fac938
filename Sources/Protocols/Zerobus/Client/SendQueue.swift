/// Messages between the sender and the connection: the sender appends, the writer takes all there are at once, so that
/// a group of them costs one write however small they are.
struct SendQueue: Sendable {
    /// Content bytes that may wait; one message may exceed it when nothing else waits.
    static let waitingBytesMax = 1 << 20
    /// Messages that may wait.
    static let waitingMessagesMax = 10_000

    private var messages: [OutgoingMessage] = []
    private var bytes = 0
    /// The writer has written all there was and waits to be woken.
    private var isWriterIdle = false
    /// Nothing more will be appended.
    private var isEnding = false
    /// The connection takes nothing more; what is appended is dropped, as what the connection lost was.
    private var isBroken = false

    /// What the writer is to do.
    enum WriterAction: Sendable {
        case write([OutgoingMessage])
        /// Wait to be woken and ask again.
        case wait
        /// Half-close: everything is written.
        case finish
    }

    /// What a change means for the writer.
    enum ChangeAction: Equatable, Sendable {
        case none
        case wakeWriter
    }

    func hasRoom(bytes more: Int) -> Bool {
        messages.isEmpty || messages.count < Self.waitingMessagesMax && bytes + more <= Self.waitingBytesMax
    }

    /// The sender has a message; there is room for it.
    mutating func appended(_ message: OutgoingMessage) -> ChangeAction {
        if isBroken { return .none }
        messages.append(message)
        bytes += message.content.count
        return woken()
    }

    /// The stream is to be half-closed once everything is written.
    mutating func ended() -> ChangeAction {
        isEnding = true
        return woken()
    }

    /// The writer is ready for more.
    mutating func writerReady() -> WriterAction {
        guard !messages.isEmpty else {
            if isEnding { return .finish }
            isWriterIdle = true
            return .wait
        }
        let taken = messages
        messages = []
        messages.reserveCapacity(taken.count)
        bytes = 0
        return .write(taken)
    }

    /// A write failed: the call is ending.
    mutating func writeFailed() {
        isBroken = true
        messages = []
        bytes = 0
    }

    private mutating func woken() -> ChangeAction {
        guard isWriterIdle else { return .none }
        isWriterIdle = false
        return .wakeWriter
    }
}
