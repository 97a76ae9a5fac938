import ConnectorModel
import MQTTAdapter
import YAMLSupport

/// The keys of an MQTT source.
extension SourceSection {
    static func mqtt(
        _ name: String, _ endpoint: String, _ section: inout Section
    ) -> SourceSettings.Adapter? {
        acceptOtherNamesOfMQTT(&section)
        let qos = section.integer(
            "qos", default: MQTTSourceConfiguration.defaultQoS, in: 0...2, about: "of topics without one")
        let clientID = section.string("client_id", about: "without it penstock-<name>")
        let cleanSession = section.boolean(
            "clean_session", default: false, about: "true: the broker keeps nothing while the connector is away")
        let keepAlive = section.integer(
            "keep_alive_seconds", default: 60, in: 0...65_535, about: "a silent link is asked; 0 never asks")
        let username = section.string("username", about: "of the connector at the broker")
        let password = section.string("password", about: "of the connector at the broker; better a reference")
        let tagLimit = section.integer(
            "variable_limit", default: MQTTSourceConfiguration.defaultTagLimit, in: 1...10_000_000,
            about: "the most tags; a warning tells")
        section.accept(words: ["5.0": "5", "311": "3.1.1", "4": "3.1.1"], in: "version")
        let version = section.choice(
            "version", default: MQTTSourceConfiguration.Version.automatic,
            [("auto", .automatic), ("5", .v5), ("3.1.1", .v311)], about: "of MQTT; auto: 5, else 3.1.1")
        let options = mqttOptions(&section)
        let topics = section.sections("topics", plain: "topic", about: "filters of topics")
            .map { topic($0, options) }
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
        options.endpoints = section.strings(
            "endpoints", about: "tried in this order when the first cannot be reached")
        options.payload = payload(&section, PayloadOptions())
        options.template = template(&section)
        if let tls = section.optionalSection("tls", about: "of the connection") { options.tls = TLSKeys(tls) }
        options.will = section.optionalSection("will", about: "published by the broker when the source is lost")
            .map { will($0) }
        options.sessionExpirySeconds = section.integer(
            "session_expiry_seconds", default: options.sessionExpirySeconds, in: 0...Int(UInt32.max),
            about: "for which the broker keeps what an absent source misses")
        options.receiveMaximum = section.integer(
            "receive_maximum", default: options.receiveMaximum, in: 1...65_535,
            about: "messages that may wait for the journal")
        options.topicAliasMaximum = section.integer(
            "topic_alias_maximum", default: options.topicAliasMaximum, in: 0...65_535,
            about: "topics that the broker may replace by numbers")
        options.maximumAgeSeconds = section.optionalInteger(
            "max_age_s", in: 1...1_000_000_000, about: "older values are uncertain")
        return options
    }

    private static func topic(
        _ section: consuming Section, _ options: MQTTSourceOptions
    ) -> MQTTSourceConfiguration.Topic {
        let filter = section.requiredString("topic", about: "filter, with + and #")
        let qos = section.optionalInteger("qos", in: 0...2, about: "if not the source's")
        let payload = payload(&section, options.payload)
        let template = template(&section)
        section.finish()
        return MQTTSourceConfiguration.Topic(filter: filter, qos: qos, payload: payload, template: template)
    }

    /// How payloads are read; what is not said here is as in `outer`.
    private static func payload(_ section: inout Section, _ outer: PayloadOptions) -> PayloadOptions {
        var options = outer
        options.form = section.choice(
            "payload", default: outer.form, PayloadOptions.Form.allCases.map { ($0.rawValue, $0) },
            about: "what messages are")
        options.valueField = place("value_field", "JSON: member or pointer of the value", &section) ?? outer.valueField
        options.timeField = place("time_field", "JSON: member or pointer of the time", &section) ?? outer.timeField
        options.pointer = place("pointer", "JSON: where the readings begin", &section) ?? outer.pointer
        if section.has("fields") {
            options.fields = section.texts("fields", about: "JSON: tags and the places of their values").compactMap {
                name, text in
                place(text, "fields", section).map { PayloadOptions.Field(name: name, place: $0) }
            }
        }
        options.coerce = section.boolean(
            "coerce", default: outer.coerce, about: "text that looks like a number is one")
        return options
    }

    private static func place(_ key: String, _ about: String, _ section: inout Section) -> JSONPlace? {
        section.string(key, about: about).flatMap { place($0, key, section) }
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
        guard let text = section.string("topic_template", about: "names the parts of a topic: {site}/{tag_name}")
        else { return nil }
        do {
            return try TopicTemplate(text)
        } catch {
            section.report(error.description, at: "topic_template")
            return nil
        }
    }

    private static func will(_ section: consuming Section) -> MQTTWill {
        let will = MQTTWill(
            topic: section.requiredString("topic", about: "where it is published"),
            payload: section.string("payload", default: "", about: "the text"),
            qos: section.integer("qos", default: 0, in: 0...2, about: "of the message"),
            retain: section.boolean("retain", default: false, about: "the broker keeps it"),
            delaySeconds: section.integer(
                "delay_seconds", default: 0, in: 0...Int(UInt32.max), about: "the broker waits with it; MQTT 5"))
        section.finish()
        return will
    }
}
