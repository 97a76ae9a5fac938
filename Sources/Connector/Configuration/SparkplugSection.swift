import MQTTAdapter
import YAMLSupport

/// The keys `host_id` and `sparkplug` of an MQTT source.
enum SparkplugSection {
    /// Reads them.
    ///
    /// - Parameters:
    ///   - topics: the topic filters of the source; with `payload: auto` they decide.
    ///   - form: the key `payload` of the source.
    /// - Returns: nil when the payloads are not those of Sparkplug B.
    static func read(
        _ section: inout Section, topics: [MQTTSourceConfiguration.Topic], form: PayloadOptions.Form
    ) -> SparkplugOptions? {
        let defaults = SparkplugOptions()
        let hostID = section.string("host_id")
        let hasBlock = section.has("sparkplug")
        var block = section.section("sparkplug")
        let options = SparkplugOptions(
            hostID: hostID, requestsRebirth: block.boolean("rebirth", default: defaults.requestsRebirth),
            rebirthIntervalMilliseconds: block.integer(
                "rebirth_interval_ms", default: defaults.rebirthIntervalMilliseconds, in: 0...86_400_000),
            reorderTimeoutMilliseconds: block.integer(
                "reorder_timeout_ms", default: defaults.reorderTimeoutMilliseconds, in: 0...600_000),
            reorderWindow: block.integer(
                "reorder_window", default: defaults.reorderWindow, in: SparkplugOptions.reorderWindowRange))
        block.finish()
        let isSparkplug =
            switch form {
            case .sparkplug: true
            case .auto: !topics.isEmpty && topics.allSatisfy { SparkplugOptions.isSparkplug($0.filter) }
            case .json, .text, .bytes: false
            }
        if !isSparkplug, topics.contains(where: { $0.payload?.form == .sparkplug }) {
            section.report("sparkplug is the payload of a whole source: set it beside the endpoint", at: "topics")
        }
        if !isSparkplug, hostID != nil { section.report("needs payload: sparkplug", at: "host_id") }
        if !isSparkplug, hasBlock { section.report("needs payload: sparkplug", at: "sparkplug") }
        return isSparkplug ? options : nil
    }

    /// The keys with their values, for the effective configuration.
    static func lines(of options: SparkplugOptions, _ quoted: (String) -> String) -> [String] {
        ["    payload: sparkplug"] + (options.hostID.map { ["    host_id: \(quoted($0))"] } ?? []) + [
            "    sparkplug:", "      rebirth: \(options.requestsRebirth)",
            "      rebirth_interval_ms: \(options.rebirthIntervalMilliseconds)",
            "      reorder_timeout_ms: \(options.reorderTimeoutMilliseconds)",
            "      reorder_window: \(options.reorderWindow)",
        ]
    }
}
