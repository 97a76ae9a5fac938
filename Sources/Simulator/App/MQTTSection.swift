import SimulatorExposures
import YAMLSupport

/// The block `mqtt` of the simulator's configuration.
struct MQTTSection: Equatable {
    var port: Int?
    /// Set when the payload is `sparkplug`.
    var sparkplug: SparkplugSettings?

    /// Reads `port`, `payload`, `broker` and `sparkplug`.
    static func read(_ mqtt: consuming Section) -> MQTTSection {
        var read = MQTTSection(port: mqtt.optionalInteger("port", in: 0...65_535))
        let isSparkplug = mqtt.choice("payload", default: false, [("json", false), ("sparkplug", true)])
        let broker = mqtt.string("broker")
        let hasBlock = mqtt.has("sparkplug")
        var block = mqtt.section("sparkplug")
        var settings = SparkplugSettings(
            group: block.string("group") ?? SparkplugSettings.defaultGroup, primaryHost: block.string("primary_host"))
        if let fault = SparkplugSettings.fault(inName: settings.group) { block.report(fault, at: "group") }
        if let host = settings.primaryHost, let fault = SparkplugSettings.fault(inName: host) {
            block.report(fault, at: "primary_host")
        }
        block.finish()
        settings.broker = broker
        if let fault = broker.flatMap(SparkplugSettings.fault(inBroker:)) { mqtt.report(fault, at: "broker") }
        if isSparkplug {
            read.sparkplug = settings
        } else {
            if broker != nil { mqtt.report("needs payload: sparkplug", at: "broker") }
            if hasBlock { mqtt.report("needs payload: sparkplug", at: "sparkplug") }
        }
        mqtt.finish()
        return read
    }
}
