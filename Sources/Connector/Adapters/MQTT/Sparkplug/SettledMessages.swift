import DequeModule
package import MQTTCore

/// Which messages may be acknowledged when they are done with in another order than they came.
///
/// A message that waits for one before it holds back the acknowledgement of all that came after it.
package struct SettledMessages: Sendable {
    private struct Message {
        var token: DeliveryToken?
        var isSettled = false
    }

    private var messages: Deque<Message> = []
    private var first: UInt64 = 0

    package init() {}

    /// A connection begins: what is open came on an earlier one, and its acknowledgement is of no use any more.
    package mutating func connected() {
        first &+= UInt64(messages.count)
        messages.removeAll(keepingCapacity: true)
    }

    /// A message came.
    /// - Returns: its number.
    package mutating func arrived(_ token: DeliveryToken?) -> UInt64 {
        messages.append(Message(token: token))
        return first &+ UInt64(messages.count - 1)
    }

    /// A message is done with.
    package mutating func settled(_ number: UInt64) {
        let index = Int(truncatingIfNeeded: number &- first)
        if messages.indices.contains(index) { messages[index].isSettled = true }
    }

    /// Messages of QoS 1 or 2, from one to another.
    package struct Tokens: Equatable, Sendable {
        package var first: DeliveryToken
        package var last: DeliveryToken

        package init(_ first: DeliveryToken, _ last: DeliveryToken) {
            self.first = first
            self.last = last
        }
    }

    /// The messages before which nothing is open any more; nil when there are no new ones.
    package mutating func take() -> Tokens? {
        var tokens: Tokens?
        while let message = messages.first, message.isSettled {
            if let token = message.token { tokens = Tokens(tokens?.first ?? token, token) }
            messages.removeFirst()
            first &+= 1
        }
        return tokens
    }
}
