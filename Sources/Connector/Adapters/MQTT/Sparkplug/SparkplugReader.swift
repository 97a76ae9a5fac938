import ConnectorModel
import MQTTCore
import NIOCore
import SparkplugB

/// Reads messages of Sparkplug B into the batch that one read from the socket becomes.
struct SparkplugReader: Sendable {
    struct Batch: Sendable {
        var readings: [HostEvents.Reading] = []
        var refused: [HostEvents.Refusal] = []
        var rebirths: [EdgeNodeID] = []
        var republishesState = false
        /// The last message of QoS 1 or 2 before which nothing is open.
        var tokens: SettledMessages.Tokens?
        var hasUnassured = false
        var counts = MQTTCounts()
    }

    private(set) var host: HostApplication
    private var settled = SettledMessages()
    /// By the number of a metric.
    private(set) var tags: [TagID] = []
    private(set) var overflow: TagID?
    private var events = HostEvents()
    private var counts = MQTTCounts()
    private var hasUnassured = false

    init(_ settings: HostSettings) { host = HostApplication(settings) }

    /// A connection begins; what was open on the one before will come again.
    mutating func connected() {
        host.connected()
        settled.connected()
    }

    mutating func read(_ publish: Publish, token: DeliveryToken?, now: UInt64) {
        counts.messages += 1
        if publish.isDuplicate { counts.redelivered += 1 }
        if token == nil { hasUnassured = true }
        host.received(
            topic: publish.topic, payload: publish.payload, isRetained: publish.retain, isRepeated: publish.isDuplicate,
            message: settled.arrived(token), now: now, into: &events)
    }

    mutating func subscribed(now: UInt64) { host.subscribed(now: now, into: &events) }

    mutating func timePassed(now: UInt64) { host.deadlineReached(now: now, into: &events) }

    /// What came so far; a new batch begins.
    ///
    /// - Parameter define: called once for each new or changed metric.
    mutating func takeBatch(define: (TagDefinition) -> TagID) -> Batch {
        for metric in events.defined {
            let tag = define(Self.tag(host.definition(of: metric)))
            if metric < tags.count { tags[metric] = tag } else { tags.append(tag) }
        }
        if overflow == nil, events.readings.contains(where: { $0.metric == nil }) {
            overflow = define(TagDefinition(address: BatchReader.overflowAddress))
        }
        for message in events.settled { settled.settled(message) }
        let batch = Batch(
            readings: events.readings, refused: events.refused, rebirths: events.rebirths,
            republishesState: events.republishesState, tokens: settled.take(), hasUnassured: hasUnassured,
            counts: counts)
        events = HostEvents()
        counts = MQTTCounts()
        hasUnassured = false
        return batch
    }

    /// Adds the readings of a batch to a frame.
    func append(_ batch: Batch, to builder: inout FrameBuilder) {
        for reading in batch.readings {
            guard let tag = reading.metric.map({ tags[$0] }) ?? overflow else { continue }
            let (value, type) = SparkplugValue.reading(reading.value, reading.type)
            let time = reading.timestamp.flatMap(Self.time)
            builder.append(
                Reading(value, type, status: SparkplugStatus.status(reading.quality), at: time), of: tag,
                metadata: Self.metadata(reading))
        }
        for refusal in batch.refused {
            builder.refuse(
                Array(refusal.payload.readableBytesView), topic: refusal.topic, reason: refusal.reason.description)
        }
    }

    /// A payload that was refused before, once more. What its aliases meant then they may not mean now, so that its
    /// values are uncertain.
    mutating func readAgain(_ payload: RefusedPayload, now: UInt64) {
        host.received(
            topic: ByteBuffer(string: payload.topic), payload: ByteBuffer(bytes: payload.bytes), isRetained: true,
            message: settled.arrived(nil), now: now, into: &events)
    }

    /// Nearly always empty, and then free.
    private static func metadata(_ reading: HostEvents.Reading) -> [(key: String, value: String)] {
        guard reading.isHistorical || reading.isTransient || reading.address != nil else { return [] }
        var metadata: [(key: String, value: String)] = []
        if let address = reading.address { metadata.append(("address", address)) }
        if reading.isHistorical { metadata.append(("is_historical", "true")) }
        if reading.isTransient { metadata.append(("is_transient", "true")) }
        return metadata
    }

    /// Milliseconds as the connector's time; nil for what no clock shows, and the time of receipt stands in.
    private static func time(_ milliseconds: UInt64) -> Timestamp? {
        guard let signed = Int64(exactly: milliseconds) else { return nil }
        let (microseconds, overflow) = signed.multipliedReportingOverflow(by: 1000)
        return overflow ? nil : Timestamp(microseconds: microseconds)
    }

    /// What the host has met that was not in order, by reason.
    var diagnostics: SourceDiagnostics {
        var diagnostics = SourceDiagnostics()
        let counts = host.counts
        diagnostics.itemsWanted = host.metricCount
        diagnostics.itemsCreated = host.metricCount
        diagnostics.typeChanges = counts.typeMismatches
        diagnostics.subscriptions = host.nodesOnline
        let incidents = [
            "sequence_gap": counts.gaps, "out_of_order": counts.reordered, "late": counts.late,
            "unknown_alias": counts.unknownAliases, "unknown_name": counts.unknownNames,
            "no_sequence_number": counts.unnumbered, "bdseq_mismatch": counts.bdSeqMismatches,
            "missed_death": counts.missedDeaths, "rebirth_requested": counts.rebirthRequests,
            "not_understood": counts.refused,
        ]
        diagnostics.incidents = incidents.filter { $0.value > 0 }
        return diagnostics
    }

    private static func tag(_ metric: MetricDefinition) -> TagDefinition {
        var metadata = ["group": metric.node.group, "edge_node": metric.node.node]
        if let device = metric.device { metadata["device"] = device }
        if let type = metric.type { metadata["sparkplug_type"] = type.name }
        return TagDefinition(
            address: metric.address, name: metric.name, unit: metric.unit, metadata: metadata)
    }
}
