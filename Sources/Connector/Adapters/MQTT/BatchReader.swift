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
        var undecodable: [RefusedPayload] = []
        /// The first and the last message of QoS 1 or 2.
        var first: DeliveryToken?
        var last: DeliveryToken?
        var hasUnassured = false
        var counts = MQTTCounts()

        /// Hands the readings over, and what could not be decoded to the dead letters.
        func append(to builder: inout FrameBuilder) {
            for entry in entries { builder.append(entry.reading, of: entry.tag, metadata: entry.metadata) }
            for payload in undecodable {
                builder.refuse(payload.bytes, topic: payload.topic, reason: payload.reason)
            }
        }
    }

    /// The address under which readings go whose topic or key is beyond the limit; their own address is metadata.
    static let overflowAddress = "(beyond the limit)"

    private(set) var tags: TopicTags
    private var mapper = PayloadMapper()
    private var batch = Batch()
    private var overflow: TagID?
    /// Readings whose own time lies further back are uncertain; nil believes them.
    private let maximumAge: Duration?

    init(tags: TopicTags, maximumAge: Duration? = nil) {
        self.tags = tags
        self.maximumAge = maximumAge
    }

    /// Adds the readings of a message to the batch.
    /// - Returns: whether this is the first message with a tag beyond the limit.
    mutating func read(
        _ publish: Publish, token: DeliveryToken?, define: (TagDefinition) -> TagID
    ) -> Bool {
        batch.counts.messages += 1
        if publish.isDuplicate { batch.counts.redelivered += 1 }
        if let token {
            batch.first = batch.first ?? token
            batch.last = token
        } else {
            batch.hasUnassured = true
        }
        let topic = tags.index(of: publish.topic)
        let options = tags.payload(of: topic, publish.topic)
        if let reason = publish.payload.withUnsafeReadableBytes({ mapper.map($0, options) }) {
            batch.counts.undecodable += 1
            batch.undecodable.append(
                RefusedPayload(
                    topic: publish.topicText, reason: reason, bytes: Array(publish.payload.readableBytesView)))
            return false
        }
        let hadOverflow = overflow != nil
        let delivery = TopicTags.Delivery(qos: publish.qos, retain: publish.retain)
        let extra = publish.properties.isEmpty ? [] : UserProperties.metadata(publish.properties)
        for mapped in mapper.readings {
            let reading = Reading(
                mapped.value, mapped.type,
                status: MQTTStatus.status(mapped.quality, isOld: publish.retain || isOld(mapped.time)),
                at: mapped.time)
            if let topic,
                let tag = tags.tag(topic: topic, key: mapped.key, unit: mapped.unit, delivery, define: define)
            {
                batch.entries.append(Entry(tag: tag, reading: reading, metadata: extra))
            } else {
                append(reading, of: mapped, in: publish, extra, define)
            }
        }
        return !hadOverflow && overflow != nil
    }

    /// Reads a payload once more, past the batch: it is acknowledged already.
    mutating func readAgain(_ payload: RefusedPayload, define: (TagDefinition) -> TagID) -> Batch {
        let open = takeBatch()
        _ = read(
            Publish(topic: payload.topic, payload: ByteBuffer(bytes: payload.bytes)), token: nil, define: define)
        defer { batch = open }
        return batch
    }

    private func isOld(_ time: Timestamp?) -> Bool {
        guard let time, let maximumAge else { return false }
        let limit = maximumAge.components.seconds * 1_000_000
        return Timestamp.now().microseconds - time.microseconds > limit
    }

    private mutating func append(
        _ reading: Reading, of mapped: MappedReading, in publish: Publish,
        _ extra: [(key: String, value: String)], _ define: (TagDefinition) -> TagID
    ) {
        let tag = overflow ?? define(TagDefinition(address: Self.overflowAddress))
        overflow = tag
        let topic = publish.topicText
        var metadata: [(key: String, value: String)] = [("address", mapped.key.map { "\(topic)/\($0)" } ?? topic)]
        if let unit = mapped.unit { metadata.append(("unit", unit)) }
        batch.entries.append(Entry(tag: tag, reading: reading, metadata: metadata + extra))
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
