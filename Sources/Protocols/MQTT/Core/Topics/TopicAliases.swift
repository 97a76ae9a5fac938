import NIOCore

/// The topics behind the numbers that a peer uses on one connection (MQTT 5.0 section 3.3.2.3.4).
public struct IncomingTopicAliases: Equatable, Sendable {
    /// What to do with a message.
    public enum Action: Equatable, Sendable {
        /// It carries no alias.
        case unchanged
        /// The message under its topic, without the alias.
        case resolved(Publish)
        case violation(ReasonCode)
    }

    /// The largest number that the peer may use; it was offered in CONNECT or CONNACK.
    public let maximum: UInt16
    private var topics: [UInt16: ByteBuffer] = [:]

    public init(maximum: UInt16) { self.maximum = maximum }

    /// Puts the topic in place of the number, and learns the number of a topic that comes with one.
    public mutating func resolve(_ publish: Publish) -> Action {
        guard let alias = publish.properties.topicAlias else { return .unchanged }
        guard alias <= maximum else { return .violation(.topicAliasInvalid) }
        var resolved = publish
        resolved.properties.removeAll(.topicAlias)
        if publish.topic.readableBytes > 0 {
            // A copy: the topic is a slice of all that was read from the socket.
            if topics[alias] != publish.topic { topics[alias] = ByteBuffer(bytes: publish.topic.readableBytesView) }
        } else {
            guard let topic = topics[alias] else { return .violation(.protocolError) }
            resolved.topic = topic
        }
        return .resolved(resolved)
    }
}

/// The numbers that stand for topics towards a peer on one connection: the first topics get them, and keep them.
public struct OutgoingTopicAliases: Equatable, Sendable {
    private let maximum: Int
    private var aliases: [ByteBuffer: UInt16] = [:]

    /// The bytes that an alias adds to a message.
    private static let bytes = 3

    /// - Parameter maximum: the largest number that the peer takes.
    public init(maximum: UInt16) { self.maximum = Int(maximum) }

    /// Puts the number in place of the topic where the peer knows it, or teaches it the number.
    ///
    /// - Parameter maximumPacketSize: a message that would grow beyond it is left as it is.
    public mutating func apply(to publish: inout Publish, maximumPacketSize: Int?) {
        guard maximum > 0, publish.topic.readableBytes > Self.bytes else { return }
        if let alias = aliases[publish.topic] {
            publish.properties.append(.topicAlias(alias))
            publish.topic.clear()
        } else if aliases.count < maximum {
            if let limit = maximumPacketSize, publish.size(.v5) + Self.bytes + 1 > limit { return }
            let alias = UInt16(aliases.count + 1)
            aliases[ByteBuffer(bytes: publish.topic.readableBytesView)] = alias
            publish.properties.append(.topicAlias(alias))
        }
    }
}
