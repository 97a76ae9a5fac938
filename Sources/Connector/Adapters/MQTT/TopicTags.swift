package import ConnectorModel
package import MQTTCore
package import NIOCore

/// The tags of a source by topic: strings and definitions are paid for once per tag.
///
/// What makes a tag: the topic, the address below it, the unit, and with what QoS and retain flag messages come.
package struct TopicTags: Sendable {
    /// With which promises a message came.
    package struct Delivery: Hashable, Sendable {
        fileprivate let bits: UInt8

        package init(qos: QoS, retain: Bool) {
            bits = qos.rawValue | (retain ? 4 : 0)
        }

        var metadata: [String: String] {
            ["qos": String(bits & 3), "retain": bits & 4 == 0 ? "false" : "true"]
        }
    }

    private struct Variant: Hashable {
        var delivery: Delivery
        var unit: String?
    }

    /// The tags of one address; nearly always one.
    private struct Variants {
        var latest: Variant
        var tag: TagID
        var others: [Variant: TagID] = [:]
    }

    private struct Topic {
        var name: String
        var own: Variants?
        var below: [String: Variants] = [:]
    }

    /// Topics and tags are named by the other side, so that their number needs a limit.
    private let limit: Int
    private var indexes: [ByteBuffer: Int] = [:]
    private var topics: [Topic] = []
    package private(set) var count = 0

    /// - Parameter limit: how many tags are defined at most.
    package init(limit: Int) {
        self.limit = limit
    }

    /// The number of a topic; nil when it is new and there is no room for another.
    package mutating func index(of topic: ByteBuffer) -> Int? {
        if let known = indexes[topic] { return known }
        guard topics.count < limit else { return nil }
        // A copy: the topic is a slice of all that was read from the socket.
        indexes[ByteBuffer(bytes: topic.readableBytesView)] = topics.count
        topics.append(Topic(name: String(buffer: topic)))
        return topics.count - 1
    }

    /// The tag of an address below a topic; nil when it is new and there is no room for another.
    /// - Parameter define: called once for each new tag.
    package mutating func tag(
        topic index: Int, key: String?, unit: String?, _ delivery: Delivery, define: (TagDefinition) -> TagID
    ) -> TagID? {
        let wanted = Variant(delivery: delivery, unit: unit)
        let known = key.map { topics[index].below[$0] } ?? topics[index].own
        guard var variants = known else {
            guard let tag = new(topic: index, key, wanted, define) else { return nil }
            store(Variants(latest: wanted, tag: tag), topic: index, key)
            return tag
        }
        if variants.latest == wanted { return variants.tag }
        guard let tag = variants.others[wanted] ?? new(topic: index, key, wanted, define) else { return nil }
        variants.others[variants.latest] = variants.tag
        variants.latest = wanted
        variants.tag = tag
        store(variants, topic: index, key)
        return tag
    }

    private mutating func store(_ variants: Variants, topic index: Int, _ key: String?) {
        if let key { topics[index].below[key] = variants } else { topics[index].own = variants }
    }

    private mutating func new(
        topic index: Int, _ key: String?, _ variant: Variant, _ define: (TagDefinition) -> TagID
    ) -> TagID? {
        guard count < limit else { return nil }
        count += 1
        let topic = topics[index].name
        return define(
            TagDefinition(
                address: key.map { "\(topic)/\($0)" } ?? topic, unit: variant.unit,
                metadata: variant.delivery.metadata))
    }
}
