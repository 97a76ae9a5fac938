import ConnectorModel
import MQTTAdapter

extension EffectiveConfiguration {
    /// The lines of an MQTT source, without its name.
    static func lines(of mqtt: MQTTSourceConfiguration) -> [String] {
        var lines = [
            "    protocol: mqtt", "    endpoint: \(quoted(mqtt.endpoint))",
            "    client_id: \(quoted(mqtt.clientID))", "    clean_session: \(mqtt.cleanSession)",
            "    keep_alive_seconds: \(mqtt.keepAliveSeconds)",
        ]
        if let username = mqtt.username { lines.append("    username: \(quoted(username))") }
        if mqtt.password != nil { lines.append("    password: \"\(mask)\"") }
        let words: [MQTTSourceConfiguration.Version: String] = [.automatic: "auto", .v5: "\"5\"", .v311: "3.1.1"]
        lines += [
            "    version: \(words[mqtt.version] ?? "auto")", "    variable_limit: \(mqtt.tagLimit)",
            "    session_expiry_seconds: \(mqtt.options.sessionExpirySeconds)",
            "    receive_maximum: \(mqtt.options.receiveMaximum)",
            "    topic_alias_maximum: \(mqtt.options.topicAliasMaximum)",
        ]
        if let age = mqtt.options.maximumAgeSeconds { lines.append("    max_age_s: \(age)") }
        if !mqtt.options.endpoints.isEmpty {
            lines.append("    endpoints: [\(mqtt.options.endpoints.map(quoted).joined(separator: ", "))]")
        }
        lines += self.lines(of: mqtt.options.tls)
        if let will = mqtt.options.will { lines += self.lines(of: will) }
        if let sparkplug = mqtt.sparkplug { lines += SparkplugSection.lines(of: sparkplug, quoted) }
        lines.append("    topics:")
        lines += mqtt.topics.map { topic in
            var parts = ["topic: \(quoted(topic.filter))", "qos: \(topic.qos ?? mqtt.qos)"]
            if mqtt.sparkplug == nil { parts += self.parts(of: topic.payload ?? mqtt.options.payload) }
            if let template = topic.template ?? mqtt.options.template {
                parts.append("topic_template: \(quoted(template.description))")
            }
            return "      - {\(parts.joined(separator: ", "))}"
        }
        return lines
    }

    private static func parts(of payload: PayloadOptions) -> [String] {
        var parts = ["payload: \(payload.form.rawValue)"]
        if let place = payload.valueField { parts.append("value_field: \(quoted(place.description))") }
        if let place = payload.timeField { parts.append("time_field: \(quoted(place.description))") }
        if let place = payload.pointer { parts.append("pointer: \(quoted(place.description))") }
        if !payload.fields.isEmpty {
            let fields = payload.fields.map { "\(quoted($0.name)): \(quoted($0.place.description))" }
            parts.append("fields: {\(fields.joined(separator: ", "))}")
        }
        if payload.coerce { parts.append("coerce: true") }
        return parts
    }

    private static func lines(of tls: TLSKeys) -> [String] {
        guard tls != TLSKeys() else { return [] }
        var lines = ["    tls:"]
        if let enabled = tls.enabled { lines.append("      enabled: \(enabled)") }
        if let ca = tls.ca { lines.append("      ca: \(quoted(ca))") }
        if let certificate = tls.certificate { lines.append("      certificate: \(quoted(certificate))") }
        if let key = tls.privateKey { lines.append("      private_key: \(quoted(key))") }
        if let version = tls.minVersion { lines.append("      min_version: \(quoted(version))") }
        if let verify = tls.verify { lines.append("      verify: \(verify)") }
        return lines
    }

    private static func lines(of will: MQTTWill) -> [String] {
        [
            "    will:", "      topic: \(quoted(will.topic))", "      payload: \(quoted(will.payload))",
            "      qos: \(will.qos)", "      retain: \(will.retain)",
            "      delay_seconds: \(will.delaySeconds)",
        ]
    }
}
