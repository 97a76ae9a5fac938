import ConnectorModel
import MQTTAdapter
import YAMLSupport

/// The names that files in use have for the keys of an MQTT source.
extension SourceSection {
    static func acceptOtherNamesOfMQTT(_ section: inout Section) {
        section.accept("topic", "mqtt.topics", "mqtt.topic", for: "topics")
        section.accept("mqtt.qos", for: "qos")
        section.accept("mqtt.client_id", for: "client_id")
        section.accept("mqtt.clean_session", for: "clean_session")
        section.accept("mqtt.keep_alive_seconds", for: "keep_alive_seconds")
        section.accept("keep_alive", "mqtt.keep_alive", for: "keep_alive_seconds", as: .wholeSeconds)
        section.accept("mqtt.username", for: "username")
        section.accept("mqtt.password", for: "password")
        TLSKeys.acceptOtherNames(&section)
    }

    /// Takes host and port of a broker for the endpoint; to be called before the endpoint is read.
    static func acceptBroker(_ section: inout Section) {
        for block in ["", "mqtt."] {
            let usesTLS = ["tls.enabled", "use_tls", "mqtt.use_tls", "mqtt.tls.enabled"]
                .contains { section.isTrue($0) }
            section.accept(
                parts: block + "broker_host", block + "broker_port", for: "endpoint",
                isSame: MQTTSourceConfiguration.isSameBroker
            ) {
                let host = $0[0] ?? ""
                // An IPv6 address needs brackets before a port; a reference brings its own.
                let isAddress = host.contains(":") && !host.contains("${") && !host.hasPrefix("[")
                return (usesTLS ? "mqtts://" : "mqtt://") + (isAddress ? "[\(host)]" : host)
                    + ($0[1].map { ":" + $0 } ?? "")
            }
        }
    }
}
