import ConnectorModel
package import ConnectorPipeline

/// `GET /api/status`: what the connector is doing now.
struct StatusDocument: Encodable, Sendable {
    struct Source: Encodable, Sendable {
        var name: String
        var `protocol`: String
        var endpoint: String
        var status: String
        var reason: String?
        var tags: Int
        var records_read: Int
        var reconnections: Int
        var last_value_age_seconds: Double?
    }

    struct Target: Encodable, Sendable {
        var name: String
        var destination: String
        var state: String
        var reason: String?
    }

    var status: String
    var version: String
    var uptime_seconds: Double
    var zerobus_connected: Bool
    var circuit_breaker_state: String
    var sources: [Source]
    var target: Target
    var tags: Int
    var records_received: Int
    var records_acknowledged: Int
    var queue_depth: Int
    var journal_bytes: Int
}
