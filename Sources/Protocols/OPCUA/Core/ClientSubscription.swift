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
        /// It came before: hand nothing over. It is acknowledged when what it brought is safe, not sooner.
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

    /// How far the messages of an earlier connection are asked for.
    private enum CatchUp: Hashable, Sendable {
        case done
        /// One after the other until the server has no more (Part 4, 6.7).
        case untilMissing
        /// Up to the last that the server named when it transferred the subscription.
        case upTo(UInt32)
    }

    /// Most messages held while one is missing.
    public static var maxHeld: Int { 64 }
    /// Most numbers asked for one by one across a gap; what is further back is given up at once.
    public static var maxAskedFor: UInt32 { 64 }

    public let id: UInt32
    /// Longest silence of a living subscription.
    public var keepAliveInterval: TimeAmount
    /// The number of the next message to hand over; nil while it is not known, and the first to come tells.
    public private(set) var next: UInt32?
    private var catchUp = CatchUp.done
    private var held: [(number: UInt32, message: Message?)] = []
    private var lastHeard: NIODeadline

    /// - Parameters:
    ///   - keepAliveInterval: revised publishing interval × revised keep-alive count.
    ///   - next: 1 for a subscription just created; nil for one whose past is not known.
    public init(id: UInt32, keepAliveInterval: TimeAmount, next: UInt32? = 1, now: NIODeadline) {
        self.id = id
        self.keepAliveInterval = keepAliveInterval
        self.next = next
        lastHeard = now
    }

    /// Whether messages of an earlier connection are still asked for; no Publish is sent until then.
    public var isCatchingUp: Bool { catchUp != .done }

    /// The subscription goes on after a pause in which messages may have been missed.
    /// - Parameter available: numbers that the server still holds, as it said when it transferred the subscription; nil
    ///   when the session lived on and the server did not say.
    /// - Returns: the first number to ask for.
    public mutating func resumed(available: [UInt32]?, now: NIODeadline) -> UInt32? {
        lastHeard = now
        held.removeAll()
        guard let available else {
            catchUp = next == nil ? .done : .untilMissing
            return next
        }
        // Servers list them in order; the oldest stands where the circle of numbers begins.
        let start = next ?? available.first
        guard let start, let last = available.filter({ Self.isBefore(start, $0) || $0 == start }).max(by: Self.isBefore)
        else {
            catchUp = .done
            return nil
        }
        catchUp = .upTo(last)
        next = start
        return start
    }

    /// Something of the subscription came, or it was asked for again after a pause.
    public mutating func heard(now: NIODeadline) { lastHeard = now }

    /// When the silence has been too long.
    public func deadline(grace: TimeAmount) -> NIODeadline { lastHeard + keepAliveInterval + grace }

    /// A message of the subscription came.
    /// - Parameter message: nil for a keep-alive, whose number is that of the next message.
    public mutating func received(number: UInt32, message: Message?, now: NIODeadline) -> ReceivedAction {
        lastHeard = now
        guard let expected = next else {
            next = message == nil ? number : Self.successor(number)
            return message == nil ? .alive : .deliver
        }
        if held.isEmpty, !isCatchingUp {
            if number == expected {
                if message != nil { next = Self.successor(expected) }
                return message == nil ? .alive : .deliver
            }
            guard Self.isBefore(expected, number) else { return message == nil ? .alive : .duplicate }
        }
        guard held.count < Self.maxHeld else {
            return .fail(OPCUAError(.badMessageNotAvailable, "too many notification messages are missing"))
        }
        let asks = held.isEmpty && !isCatchingUp
        held.append((number, message))
        return asks ? .republish(expected) : .wait
    }

    /// Republish was answered with the message that was asked for, or with nil when the server no longer has it.
    public mutating func republished(_ message: Message?) -> RecoveredAction {
        var action = RecoveredAction()
        guard let expected = next else { return action }
        switch (catchUp, message) {
        case (.untilMissing, nil):
            // The number that was never sent, or one that is gone: the next message to come tells which.
            catchUp = .done
            continueWithHeld(&action)
            return action
        case (_, let message?): action.deliver.append((expected, message))
        case (_, nil): action.lost = 1
        }
        if case .upTo(expected) = catchUp { catchUp = .done }
        next = Self.successor(expected)
        if isCatchingUp {
            action.republish = next
        } else {
            continueWithHeld(&action)
        }
        return action
    }

    /// Hands over what waited for its turn, up to the next gap.
    private mutating func continueWithHeld(_ action: inout RecoveredAction) {
        while let first = held.first, let expected = next {
            if Self.isBefore(expected, first.number) {
                let gap = first.number &- expected
                if action.republish == nil, gap > Self.maxAskedFor {
                    action.lost += Int(gap - Self.maxAskedFor)
                    next = first.number &- Self.maxAskedFor
                }
                action.republish = next
                return
            }
            held.removeFirst()
            guard first.number == expected, let message = first.message else { continue }
            action.deliver.append((expected, message))
            next = Self.successor(expected)
        }
    }

    /// After 4,294,967,295 comes 1 (Part 4, 5.14.1.1).
    private static func successor(_ number: UInt32) -> UInt32 { number == .max ? 1 : number &+ 1 }

    /// Half the circle ahead is the future, half behind the past.
    private static func isBefore(_ left: UInt32, _ right: UInt32) -> Bool { Int32(bitPattern: right &- left) > 0 }
}
