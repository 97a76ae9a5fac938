import ConnectorModel
import MQTTCore
import NIOCore

/// Reads messages into the batch that one read from the socket becomes.
struct BatchReader: Sendable {
    /// A reading whose tag is known.
    struct Entry: Sendable {
        var tag: TagID
        var reading: Reading
        var metadata: [(key: String, value: String)] = []
    }

    struct Batch: Sendable {
        var entries: [Entry] = []
        /// The last message of QoS 1 or 2.
        var last: DeliveryToken?
        var hasUnassured = false
        var counts = MQTTCounts()
    }

    /// The address under which readings go whose topic or key is beyond the limit; their own address is metadata.
    static let overflowAddress = "(beyond the limit)"

    private(set) var tags: TopicTags
    private var mapper = PayloadMapper()
    private var batch = Batch()
    private var overflow: TagID?

    init(tags: TopicTags) {
        self.tags = tags
    }

    /// Adds the readings of a message to the batch.
    /// - Returns: whether this is the first message with a tag beyond the limit.
    mutating func read(
        _ publish: Publish, token: DeliveryToken?, define: (TagDefinition) -> TagID
    ) -> Bool {
        batch.counts.messages += 1
        if publish.isDuplicate { batch.counts.redelivered += 1 }
        if let token { batch.last = token } else { batch.hasUnassured = true }
        publish.payload.withUnsafeReadableBytes { mapper.map($0) }

        let hadOverflow = overflow != nil
        let topic = tags.index(of: publish.topic)
        let delivery = TopicTags.Delivery(qos: publish.qos, retain: publish.retain)
        for mapped in mapper.readings {
            let reading = Reading(
                mapped.value, mapped.type,
                status: MQTTStatus.status(mapped.quality, isRetained: publish.retain), at: mapped.time)
            if let topic,
                let tag = tags.tag(topic: topic, key: mapped.key, unit: mapped.unit, delivery, define: define)
            {
                batch.entries.append(Entry(tag: tag, reading: reading))
            } else {
                append(reading, of: mapped, in: publish, define)
            }
        }
        return !hadOverflow && overflow != nil
    }

    private mutating func append(
        _ reading: Reading, of mapped: MappedReading, in publish: Publish, _ define: (TagDefinition) -> TagID
    ) {
        let tag = overflow ?? define(TagDefinition(address: Self.overflowAddress))
        overflow = tag
        let topic = publish.topicText
        var metadata: [(key: String, value: String)] = [("address", mapped.key.map { "\(topic)/\($0)" } ?? topic)]
        if let unit = mapped.unit { metadata.append(("unit", unit)) }
        batch.entries.append(Entry(tag: tag, reading: reading, metadata: metadata))
    }

    /// The batch so far; a new one begins.
    mutating func takeBatch() -> Batch {
        defer { batch = Batch() }
        return batch
    }

    /// Takes the memory of a batch that was delivered back into use.
    mutating func giveBack(_ delivered: inout Batch) {
        guard batch.entries.isEmpty else { return }
        delivered.entries.removeAll(keepingCapacity: true)
        swap(&batch.entries, &delivered.entries)
    }
}
