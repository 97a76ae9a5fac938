import NIOCore

/// The messages waiting for one WebSocket client, bounded by number and bytes.
///
/// When the client is too slow the oldest messages are dropped (live data is worth most when fresh), and before the
/// next message that it does get it is told how many it missed.
package struct OutboundQueue: Sendable {
    /// What the writer sends next.
    package enum Next: Equatable, Sendable {
        /// This many messages were dropped since the last notice.
        case missed(Int)
        case message(WebSocketMessage)
        /// Nothing now; more may come.
        case empty
        /// Nothing, and nothing more will come.
        case finished
    }

    private let limits: WebSocketLimits
    private var waiting = CircularBuffer<WebSocketMessage>()
    private var waitingBytes = 0
    private var missed = 0
    private var isFinished = false

    package init(limits: WebSocketLimits) {
        self.limits = limits
    }

    /// A message is to be sent; older ones give way when it does not fit.
    package mutating func enqueued(_ message: WebSocketMessage) {
        guard !isFinished else { return }
        waiting.append(message)
        waitingBytes += message.byteCount
        while waiting.count > limits.maxQueuedMessages || waitingBytes > limits.maxQueuedBytes,
            let oldest = waiting.popFirst()
        {
            waitingBytes -= oldest.byteCount
            missed += 1
        }
    }

    /// No more messages will come; what waits is still sent.
    package mutating func finished() {
        isFinished = true
    }

    /// The writer is ready for the next message.
    package mutating func next() -> Next {
        if missed > 0 {
            defer { missed = 0 }
            return .missed(missed)
        }
        guard let message = waiting.popFirst() else { return isFinished ? .finished : .empty }
        waitingBytes -= message.byteCount
        return .message(message)
    }
}
