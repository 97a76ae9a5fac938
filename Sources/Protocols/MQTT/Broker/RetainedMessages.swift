import MQTTCore
import NIOCore

/// The last message of each topic that was published with the retain flag (MQTT 5.0 section 3.3.1.3).
struct RetainedMessages: Sendable {
    struct Retained: Sendable {
        var publish: Publish
        var expiry: NIODeadline?
    }

    private var messages: [String: Retained] = [:]
    private(set) var bytes = 0
    /// How many expire: there may be many messages and none of these.
    private var expiring = 0
    private let maximumMessages: Int
    private let maximumBytes: Int

    init(maximumMessages: Int, maximumBytes: Int) {
        self.maximumMessages = maximumMessages
        self.maximumBytes = maximumBytes
    }

    var count: Int { messages.count }

    /// Whether a message can be stored.
    func hasRoom(for publish: Publish) -> Bool {
        guard publish.payload.readableBytes > 0 else { return true }
        let old = messages[publish.topicText]
        let newBytes = bytes - (old.map { size($0.publish) } ?? 0) + size(publish)
        return newBytes <= maximumBytes && (old != nil || messages.count < maximumMessages)
    }

    /// Stores a message, or forgets the topic when the payload is empty.
    ///
    /// - Returns: false when there is no room.
    mutating func store(_ publish: Publish, topic: String, expiry: NIODeadline?) -> Bool {
        let old = messages[topic]
        let oldSize = old.map { size($0.publish) } ?? 0
        guard publish.payload.readableBytes > 0 else {
            messages[topic] = nil
            bytes -= oldSize
            if old?.expiry != nil { expiring -= 1 }
            return true
        }
        let newBytes = bytes - oldSize + size(publish)
        guard newBytes <= maximumBytes, old != nil || messages.count < maximumMessages else { return false }
        var kept = publish
        kept.packetID = 0
        kept.isDuplicate = false
        messages[topic] = Retained(publish: kept, expiry: expiry)
        expiring += (expiry == nil ? 0 : 1) - (old?.expiry == nil ? 0 : 1)
        bytes = newBytes
        return true
    }

    /// The messages that a new subscription gets, by topic.
    func matching(_ filter: TopicFilter, now: NIODeadline) -> [Retained] {
        let found: [Retained]
        if filter.hasWildcard {
            found = messages.filter { filter.matches($0.key) }.sorted { $0.key < $1.key }.map(\.value)
        } else {
            found = messages[filter.text].map { [$0] } ?? []
        }
        return found.filter { $0.expiry.map { $0 > now } ?? true }
    }

    /// Forgets what has expired.
    mutating func removeExpired(now: NIODeadline) {
        guard expiring > 0 else { return }
        for (topic, message) in messages {
            if let expiry = message.expiry, expiry <= now {
                bytes -= size(message.publish)
                expiring -= 1
                messages[topic] = nil
            }
        }
    }

    private func size(_ publish: Publish) -> Int { publish.topic.readableBytes + publish.payload.readableBytes }
}
