/// The columns that a tag list may have; only `address` must be there.
package enum TagListColumns {
    /// For every protocol, in the order in which they are written.
    package static let common = [
        "address", "name", "unit", "enterprise", "site", "level", "area", "line", "equipment", "signal_type", "enabled",
        "scale", "offset", "clamp_low", "clamp_high", "deadband", "report", "sdt_deviation", "sdt_min_interval_ms",
        "sdt_max_interval_ms", "heartbeat_ms",
    ]
    package static let modbus = ["type", "data_type", "count", "byte_order", "bits", "unit_id", "poll_interval_ms"]
    package static let opcua = ["sampling_interval_ms", "publishing_interval_ms", "poll_interval_ms"]

    /// The columns that only the lists of a protocol may have.
    package static func own(_ protocolType: String) -> [String] {
        switch protocolType {
        case "modbus": modbus
        case "opcua": opcua
        default: []
        }
    }
}
