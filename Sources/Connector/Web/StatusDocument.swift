import ConnectorLane
package import ConnectorModel
package import ConnectorPipeline
import Resilience

/// `GET /api/status`: what the connector is doing now.
package struct StatusDocument: Encodable, Sendable {
    struct Source: Encodable, Sendable {
        var name: String
        var `protocol`: String
        var endpoint: String
        var status: String
        var reason: String?
        var tags: Int
        var recordsRead: Int
        /// Readings that conditioning made no row of, by reason; reasons that did not occur are left out.
        var suppressed: [String: Int]
        /// Tags that were renamed, as their path was another tag's.
        var pathCollisions: Int
        var reconnections: Int
        var lastValueAgeSeconds: Double?
        var items: Items?

        enum CodingKeys: String, CodingKey {
            case name, `protocol`, endpoint, status, reason, tags, suppressed, reconnections, items
            case pathCollisions = "path_collisions"
            case recordsRead = "records_read"
            case lastValueAgeSeconds = "last_value_age_seconds"
        }
    }

    /// What a source asked the other side for, and what came of it.
    struct Items: Encodable, Sendable {
        struct Failure: Encodable, Sendable {
            var item: String
            var reason: String
        }

        var wanted: Int
        var created: Int
        var failed: Int
        var failedByReason: [String: Int]
        var failures: [Failure]
        var subscriptions: Int
        var queueOverflows: Int
        var typeChanges: Int
        var elementsLeftOut: Int
        var incidents: [String: Int]
        var publishLatencySeconds: Double?

        enum CodingKeys: String, CodingKey {
            case wanted, created, failed, failures, subscriptions, incidents
            case failedByReason = "failed_by_reason"
            case queueOverflows = "queue_overflows"
            case typeChanges = "type_changes"
            case elementsLeftOut = "elements_left_out"
            case publishLatencySeconds = "publish_latency_seconds"
        }

        init(_ diagnostics: SourceDiagnostics) {
            wanted = diagnostics.itemsWanted
            created = diagnostics.itemsCreated
            failed = diagnostics.itemsFailed
            failedByReason = diagnostics.failedByReason
            failures = diagnostics.failures.map { Failure(item: $0.item, reason: $0.reason) }
            subscriptions = diagnostics.subscriptions
            queueOverflows = diagnostics.queueOverflows
            typeChanges = diagnostics.typeChanges
            elementsLeftOut = diagnostics.elementsLeftOut
            incidents = diagnostics.incidents
            publishLatencySeconds = diagnostics.publishLatencySeconds
        }
    }

    struct Target: Encodable, Sendable {
        var name: String
        var destination: String
        var state: String
        var reason: String?
        /// `closed`, `open` or `half_open`.
        var circuitBreakerState: String
        var streams: Int
        var recordsAcknowledged: Int
        var queueDepth: Int
        var journalBytes: Int
        /// Kept now, also from earlier runs.
        var deadLetters: Int

        enum CodingKeys: String, CodingKey {
            case name, destination, state, reason, streams
            case circuitBreakerState = "circuit_breaker_state"
            case deadLetters = "dead_letters"
            case recordsAcknowledged = "records_acknowledged"
            case queueDepth = "queue_depth"
            case journalBytes = "journal_bytes"
        }

        init(_ target: TargetSnapshot) {
            let lane = target.lane
            name = lane.name
            destination = target.destination
            state = lane.link
            reason = lane.state == "working" ? nil : lane.state
            circuitBreakerState = lane.breaker.rawValue
            streams = lane.streams
            recordsAcknowledged = lane.total.delivered
            queueDepth = lane.queuedRecords
            journalBytes = lane.journalBytes
            deadLetters = lane.letters.count
        }
    }

    var status: String
    var version: String
    var uptimeSeconds: Double
    var zerobusConnected: Bool
    /// The worst of all targets.
    var circuitBreakerState: String
    var sources: [Source]
    /// The default target, and beside it those of single sources.
    var target: Target?
    var targets: [Target]
    var tags: Int
    var recordsReceived: Int
    var recordsAcknowledged: Int
    var queueDepth: Int
    var journalBytes: Int

    enum CodingKeys: String, CodingKey {
        case status, version, sources, target, targets, tags
        case uptimeSeconds = "uptime_seconds"
        case zerobusConnected = "zerobus_connected"
        case circuitBreakerState = "circuit_breaker_state"
        case recordsReceived = "records_received"
        case recordsAcknowledged = "records_acknowledged"
        case queueDepth = "queue_depth"
        case journalBytes = "journal_bytes"
    }

    package init(_ pipeline: PipelineSnapshot, version: String, uptimeSeconds: Double, now: Timestamp) {
        status = pipeline.health.rawValue
        self.version = version
        self.uptimeSeconds = uptimeSeconds
        zerobusConnected = pipeline.isConnected
        circuitBreakerState = pipeline.breaker.rawValue
        sources = pipeline.sources.map { source in
            Source(
                name: source.identity.name, protocol: source.identity.protocolType, endpoint: source.identity.endpoint,
                status: source.phase.name, reason: source.phase.reason, tags: source.intake.tags,
                recordsRead: source.intake.counts.all, suppressed: source.intake.counts.suppressed.byReason,
                pathCollisions: source.intake.counts.renamedTags, reconnections: source.reconnections,
                lastValueAgeSeconds: source.intake.lastReceived.map {
                    Double(now.microseconds - $0.microseconds) / 1e6
                }, items: source.intake.diagnostics.map(Items.init))
        }
        targets = pipeline.lanes.map(Target.init)
        target = targets.first
        tags = pipeline.tags
        recordsReceived = pipeline.received
        recordsAcknowledged = pipeline.acknowledged
        queueDepth = pipeline.queuedRecords
        journalBytes = pipeline.journalBytes
    }
}

/// One tag with its last value, for the page.
struct ValueDocument: Encodable, Sendable {
    var source: String
    var tag: String
    /// The tag's normalised path; nil while normalisation is switched off.
    var path: String?
    var value: String?
    var unit: String?
    var quality: String
    var status: String
    /// UTC microseconds.
    var time: Int64?

    init?(_ last: LastValue, of source: SourceIdentity) {
        guard let reading = last.reading else { return nil }
        self.source = source.name
        tag = last.tag.address
        path = last.tag.metadata["tag_path"]
        value = reading.value.text.map(Self.shortened)
        unit = last.tag.unit
        quality = reading.status.quality.name
        status = reading.status == .noCommunication ? "BadNoCommunication" : source.statusName(reading.status.code)
        time = (reading.sourceTime ?? last.received)?.microseconds
    }

    /// Characters of a value that a page shows; the row in the table has all of it.
    static let valueCharactersMax = 200

    private static func shortened(_ text: String) -> String {
        // A text of so few bytes has no more characters.
        guard text.utf8.count > valueCharactersMax else { return text }
        let start = text.prefix(valueCharactersMax)
        return start.endIndex == text.endIndex ? text : start + "…"
    }
}
