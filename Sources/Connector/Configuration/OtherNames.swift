import YAMLSupport

/// Names that files in use have for blocks and keys of the root (the table of other names).
enum OtherNames {
    static func accept(_ root: inout Section) {
        // Both blocks may stand there, each with a part.
        root.hoist("databricks", into: "zerobus")
        root.accept("memory_queue.max_size", "pipeline.queue_max_size", for: "backpressure.memory.max_records")
        root.accept("pipeline.drop_policy", for: "backpressure.drop_policy")
        root.accept("pipeline.batch_size", for: "zerobus.batch.max_records")
        root.accept("pipeline.flush_interval_ms", for: "zerobus.batch.timeout_seconds", as: .millisecondsAsSeconds)
        root.accept("pipeline.max_send_records_per_sec", for: "zerobus.rate_limit.records_per_second")
        root.accept("web_port", for: "web_ui.port")
        if root.isSurvey || root.hasBlock("web_gui") { root.hoist("web_gui", into: "web_ui") }
        root.accept("web_gui", for: "web_ui.port")
        root.accept("metrics_port", for: "monitoring.prometheus.port")
        root.accept("log_level", for: "logging.level")
    }

    /// Of the block `zerobus`, which may have been called `databricks`.
    static func accept(zerobus section: inout Section) {
        section.accept("target", for: "default_target")
        acceptAuthentication(&section)
        section.accept("batch_size", for: "batch.max_records")
        section.accept(
            "batch_timeout_ms", "flush_interval_ms", "batch.batch_timeout_ms", "batch.flush_interval_ms",
            for: "batch.timeout_seconds", as: .millisecondsAsSeconds)
        section.accept("batch.batch_size", for: "batch.max_records")
        section.accept("stream.recovery_backoff_ms", for: "retry.initial_delay_ms")
    }

    /// Of a block that says who we are to the service.
    static func acceptAuthentication(_ section: inout Section) {
        for key in ["client_id", "client_secret"] {
            section.accept(key, for: "auth.\(key)")
            section.accept("\(key)_env", "auth.\(key)_env", for: "auth.\(key)", as: .nameOfVariable)
        }
    }

    /// Of the block `backpressure`.
    static func accept(backpressure section: inout Section) {
        section.accept("max_queue_size", for: "memory.max_records")
        section.accept("disk_spool.path", "disk_spool.spool_dir", "spool_dir", for: "disk_spool.directory")
    }

    /// Other words for what happens to rows that find no room.
    static let dropPolicies = ["oldest": "drop_oldest", "newest": "drop_newest", "reject_new": "reject"]

    /// Of a source, whatever its protocol.
    static func accept(source section: inout Section) {
        section.accept("protocol_type", "type", for: "protocol")
        section.accept(
            words: [
                "opc-ua": "opcua", "opc_ua": "opcua", "modbus-tcp": "modbus", "modbus_tcp": "modbus",
                "modbus-rtu": "modbus", "modbus_rtu": "modbus", "http": "rest", "database": "sql",
            ], in: "protocol")
        for kind in SourceSection.Kind.allCases { section.hoist(kind.rawValue) }
        section.accept("server_url", for: "endpoint")
    }

    /// Times of a source or of one of its tags.
    static func accept(intervals section: inout Section) {
        section.accept("polling_interval_ms", for: "poll_interval_ms")
        section.accept("poll_interval", "polling_interval", for: "poll_interval_ms", as: .secondsAsMilliseconds)
        section.accept("poll_interval_seconds", for: "poll_interval_ms", as: .secondsAsMilliseconds)
        section.accept("sampling_interval", for: "sampling_interval_ms", as: .secondsAsMilliseconds)
        section.accept("publishing_interval", for: "publishing_interval_ms", as: .secondsAsMilliseconds)
    }
}
