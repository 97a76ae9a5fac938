import ConnectorLane
import ConnectorModel
import ConnectorPipeline
import Resilience

/// `GET /health`: whether the connector works, in few words and stable shapes.
struct HealthDocument: Encodable, Sendable {
    struct Zerobus: Encodable, Sendable {
        var connected: Bool
        var circuitBreakerState: String

        enum CodingKeys: String, CodingKey {
            case connected
            case circuitBreakerState = "circuit_breaker_state"
        }
    }

    struct Source: Encodable, Sendable {
        var name: String
        var `protocol`: String
        var status: String
        var recordsRead: Int

        enum CodingKeys: String, CodingKey {
            case name, `protocol`, status
            case recordsRead = "records_read"
        }
    }

    struct Backpressure: Encodable, Sendable {
        var queueDepth: Int
        var spoolSizeMegabytes: Double
        var recordsDropped: Int

        enum CodingKeys: String, CodingKey {
            case queueDepth = "queue_depth"
            case spoolSizeMegabytes = "spool_size_mb"
            case recordsDropped = "records_dropped"
        }
    }

    var status: String
    var timestamp: String
    var version: String
    var zerobus: Zerobus
    var sources: [Source]
    var backpressure: Backpressure

    init(_ pipeline: PipelineSnapshot, version: String, now: Timestamp) {
        status = pipeline.health.rawValue
        timestamp = ISO8601.text(of: now)
        self.version = version
        zerobus = Zerobus(
            connected: pipeline.isConnected, circuitBreakerState: pipeline.breaker.rawValue)
        sources = pipeline.sources.map { source in
            Source(
                name: source.identity.name, protocol: source.identity.protocolType, status: source.phase.name,
                recordsRead: source.intake.counts.all)
        }
        backpressure = Backpressure(
            queueDepth: pipeline.queuedRecords,
            spoolSizeMegabytes: Double(pipeline.journalBytes) / 1_048_576,
            recordsDropped: pipeline.dropped)
    }
}
