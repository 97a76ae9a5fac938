import ConnectorModel
import MQTTAdapter
import YAMLSupport

/// The keys of an MQTT source.
extension SourceSection {
    static func mqtt(
        _ name: String, _ endpoint: String, _ section: inout Section
    ) -> SourceSettings.Adapter? {
        acceptOtherNamesOfMQTT(&section)
        let qos = section.integer("qos", default: MQTTSourceConfiguration.defaultQoS, in: 0...2)
        let clientID = section.string("client_id")
        let cleanSession = section.boolean("clean_session", default: false)
        let keepAlive = section.integer("keep_alive_seconds", default: 60, in: 0...65_535)
        let username = section.string("username")
        let password = section.string("password")
        let tagLimit = section.integer(
            "variable_limit", default: MQTTSourceConfiguration.defaultTagLimit, in: 1...10_000_000)
        section.accept(words: ["5.0": "5", "311": "3.1.1", "4": "3.1.1"], in: "version")
        let version = section.choice(
            "version", default: MQTTSourceConfiguration.Version.automatic,
            [("auto", .automatic), ("5", .v5), ("3.1.1", .v311)])
        let options = mqttOptions(&section)
        let topics = section.sections("topics", plain: "topic").map { topic($0, options) }
        let sparkplug = SparkplugSection.read(&section, topics: topics, form: options.payload.form)
        do {
            return .mqtt(
                try MQTTSourceConfiguration(
                    name: name, endpoint: endpoint, topics: topics, qos: qos, clientID: clientID,
                    cleanSession: cleanSession, keepAliveSeconds: keepAlive, username: username, password: password,
                    version: version, tagLimit: tagLimit, options: options, sparkplug: sparkplug))
        } catch {
            section.report(error.problem, at: error.key)
            return nil
        }
    }

    private static func mqttOptions(_ section: inout Section) -> MQTTSourceOptions {
        var options = MQTTSourceOptions()
        options.endpoints = section.strings("endpoints")
        options.payload = payload(&section, PayloadOptions())
        options.template = template(&section)
        if section.has("tls") { options.tls = TLSKeys(section.section("tls")) }
        options.will = section.has("will") ? will(section.section("will")) : nil
        options.sessionExpirySeconds = section.integer(
            "session_expiry_seconds", default: options.sessionExpirySeconds, in: 0...Int(UInt32.max))
        options.receiveMaximum = section.integer("receive_maximum", default: options.receiveMaximum, in: 1...65_535)
        options.topicAliasMaximum = section.integer(
            "topic_alias_maximum", default: options.topicAliasMaximum, in: 0...65_535)
        options.maximumAgeSeconds = section.optionalInteger("max_age_s", in: 1...1_000_000_000)
        return options
    }

    private static func topic(
        _ section: consuming Section, _ options: MQTTSourceOptions
    ) -> MQTTSourceConfiguration.Topic {
        let filter = section.requiredString("topic")
        let qos = section.optionalInteger("qos", in: 0...2)
        let payload = payload(&section, options.payload)
        let template = template(&section)
        section.finish()
        return MQTTSourceConfiguration.Topic(filter: filter, qos: qos, payload: payload, template: template)
    }

    /// How payloads are read; what is not said here is as in `outer`.
    private static func payload(_ section: inout Section, _ outer: PayloadOptions) -> PayloadOptions {
        var options = outer
        options.form = section.choice(
            "payload", default: outer.form, PayloadOptions.Form.allCases.map { ($0.rawValue, $0) })
        options.valueField = place("value_field", &section) ?? outer.valueField
        options.timeField = place("time_field", &section) ?? outer.timeField
        options.pointer = place("pointer", &section) ?? outer.pointer
        if section.has("fields") {
            options.fields = section.texts("fields").compactMap { name, text in
                place(text, "fields", section).map { PayloadOptions.Field(name: name, place: $0) }
            }
        }
        options.coerce = section.boolean("coerce", default: outer.coerce)
        return options
    }

    private static func place(_ key: String, _ section: inout Section) -> JSONPlace? {
        section.string(key).flatMap { place($0, key, section) }
    }

    private static func place(_ text: String, _ key: String, _ section: borrowing Section) -> JSONPlace? {
        do {
            return try JSONPlace(text)
        } catch {
            section.report(error.description, at: key)
            return nil
        }
    }

    private static func template(_ section: inout Section) -> TopicTemplate? {
        guard let text = section.string("topic_template") else { return nil }
        do {
            return try TopicTemplate(text)
        } catch {
            section.report(error.description, at: "topic_template")
            return nil
        }
    }

    private static func will(_ section: consuming Section) -> MQTTWill {
        let will = MQTTWill(
            topic: section.requiredString("topic"), payload: section.string("payload") ?? "",
            qos: section.integer("qos", default: 0, in: 0...2), retain: section.boolean("retain", default: false),
            delaySeconds: section.integer("delay_seconds", default: 0, in: 0...Int(UInt32.max)))
        section.finish()
        return will
    }
}
