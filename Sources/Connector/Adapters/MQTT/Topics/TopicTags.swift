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
        var payload: PayloadOptions
        /// What the template calls the tag.
        var tagName: String?
        /// The other parts that the template names.
        var context: [String: String]
        var own: Variants?
        var below: [String: Variants] = [:]
    }

    /// Topics and tags are named by the other side, so that their number needs a limit.
    private let limit: Int
    private let rules: TopicRules
    private var indexes: [ByteBuffer: Int] = [:]
    private var topics: [Topic] = []
    package private(set) var count = 0

    /// - Parameters:
    ///   - limit: how many tags are defined at most.
    ///   - rules: how topics are read.
    package init(limit: Int, rules: TopicRules = TopicRules()) {
        self.limit = limit
        self.rules = rules
    }

    /// How the payloads of a topic are read; nil is a topic beyond the limit.
    func payload(of index: Int?, _ topic: ByteBuffer) -> PayloadOptions {
        if let index { return topics[index].payload }
        return rules.rule(for: topic)?.payload ?? PayloadOptions()
    }

    /// The number of a topic; nil when it is new and there is no room for another.
    package mutating func index(of topic: ByteBuffer) -> Int? {
        if let known = indexes[topic] { return known }
        guard topics.count < limit else { return nil }
        // A copy: the topic is a slice of all that was read from the socket.
        indexes[ByteBuffer(bytes: topic.readableBytesView)] = topics.count
        let name = String(buffer: topic)
        let rule = rules.rule(for: topic)
        var parts = rule?.template?.parts(of: name) ?? [:]
        let tagName = parts.removeValue(forKey: TopicTemplate.tagName)
        topics.append(
            Topic(name: name, payload: rule?.payload ?? PayloadOptions(), tagName: tagName, context: parts))
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
        let topic = topics[index]
        return define(
            TagDefinition(
                address: key.map { "\(topic.name)/\($0)" } ?? topic.name,
                name: topic.tagName.map { name in key.map { "\(name)/\($0)" } ?? name }, unit: variant.unit,
                metadata: topic.context.merging(variant.delivery.metadata) { $1 }))
    }
}
