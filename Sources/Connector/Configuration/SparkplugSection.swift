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
        let hostID = section.string("host_id", about: "says under spBv1.0/STATE that this host is there")
        let block = section.optionalSection("sparkplug", about: "payloads of Sparkplug B").map { read($0) }
        var options = block ?? SparkplugOptions()
        options.hostID = hostID
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
        if !isSparkplug, block != nil { section.report("needs payload: sparkplug", at: "sparkplug") }
        return isSparkplug ? options : nil
    }

    private static func read(_ block: consuming Section) -> SparkplugOptions {
        var options = SparkplugOptions()
        options.requestsRebirth = block.boolean(
            "rebirth", default: options.requestsRebirth, about: "asks edge nodes for births that are missing")
        options.rebirthIntervalMilliseconds = block.integer(
            "rebirth_interval_ms", default: options.rebirthIntervalMilliseconds, in: 0...86_400_000,
            about: "between two requests to an edge node")
        options.reorderTimeoutMilliseconds = block.integer(
            "reorder_timeout_ms", default: options.reorderTimeoutMilliseconds, in: 0...600_000,
            about: "how long messages wait for one that was overtaken")
        options.reorderWindow = block.integer(
            "reorder_window", default: options.reorderWindow, in: SparkplugOptions.reorderWindowRange,
            about: "messages of an edge node that wait")
        block.finish()
        return options
    }
}
