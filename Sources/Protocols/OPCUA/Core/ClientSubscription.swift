public import NIOCore
public import OPCUATypes

/// A subscription as the client sees it (Part 4, 5.14): the order of its messages, what is missing, whether it lives.
///
/// `Message` is whatever the shell keeps of a notification message until its turn comes.
public struct ClientSubscription<Message: Sendable>: Sendable {
    /// What a notification message led to.
    public enum ReceivedAction: Sendable {
        /// It is the next one: hand it over.
        case deliver
        /// It came before: acknowledge it again, hand nothing over.
        case duplicate
        /// A keep-alive with nothing missing.
        case alive
        /// Messages are missing; ask for the first. What came is held until then.
        case republish(UInt32)
        /// Still waiting for what is missing.
        case wait
        /// More is held than allowed.
        case fail(OPCUAError)
    }

    /// What an answer to Republish led to.
    public struct RecoveredAction: Sendable {
        /// Messages to hand over, in order.
        public var deliver: [(number: UInt32, message: Message)] = []
        /// The next missing message to ask for.
        public var republish: UInt32?
        /// Number of messages that the server no longer has.
        public var lost = 0
    }

    /// Most messages held while one is missing.
    public static var maxHeld: Int { 64 }

    public let id: UInt32
    /// Longest silence of a living subscription.
    public let keepAliveInterval: TimeAmount
    private var expected: UInt32 = 1
    private var held: [(number: UInt32, message: Message?)] = []
    private var lastHeard: NIODeadline

    /// - Parameter keepAliveInterval: revised publishing interval × revised keep-alive count.
    public init(id: UInt32, keepAliveInterval: TimeAmount, now: NIODeadline) {
        self.id = id
        self.keepAliveInterval = keepAliveInterval
        lastHeard = now
    }

    /// Something of the subscription came, or it was asked for again after a pause.
    public mutating func heard(now: NIODeadline) { lastHeard = now }

    /// When the silence has been too long.
    public func deadline(grace: TimeAmount) -> NIODeadline { lastHeard + keepAliveInterval + grace }

    /// A message of the subscription came.
    /// - Parameter message: nil for a keep-alive, whose number is that of the next message.
    public mutating func received(number: UInt32, message: Message?, now: NIODeadline) -> ReceivedAction {
        lastHeard = now
        if held.isEmpty {
            if number == expected {
                if message != nil { expected = Self.next(expected) }
                return message == nil ? .alive : .deliver
            }
            // Numbers start at 1 and wrap to 1; half the circle behind is the past.
            guard Int32(bitPattern: number &- expected) > 0 else { return .duplicate }
        }
        guard held.count < Self.maxHeld else {
            return .fail(OPCUAError(.badMessageNotAvailable, "too many notification messages are missing"))
        }
        let first = held.isEmpty
        held.append((number, message))
        return first ? .republish(expected) : .wait
    }

    /// Republish was answered with the message that was asked for, or with nil when the server no longer has it.
    public mutating func republished(_ message: Message?) -> RecoveredAction {
        var action = RecoveredAction()
        if let message {
            action.deliver.append((expected, message))
        } else {
            action.lost = 1
        }
        expected = Self.next(expected)
        while let first = held.first {
            if first.number == expected || Int32(bitPattern: first.number &- expected) < 0 {
                held.removeFirst()
                guard first.number == expected, let message = first.message else { continue }
                action.deliver.append((expected, message))
                expected = Self.next(expected)
            } else {
                action.republish = expected
                return action
            }
        }
        return action
    }

    /// After 4,294,967,295 comes 1 (Part 4, 5.14.1.1).
    private static func next(_ number: UInt32) -> UInt32 { number == .max ? 1 : number &+ 1 }
}
