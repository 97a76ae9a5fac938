import ConnectorConfiguration
import ConnectorModel
import MQTTAdapter
import Testing
import YAMLSupport

@Suite struct MQTTSectionTests {
    private func read(_ source: String) throws -> MQTTSourceConfiguration? {
        let lines = source.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        let text = "sources:\n  - name: s\n    endpoint: mqtts://broker\n" + lines
        let reader = ConfigurationReader(file: "penstock.yaml", environment: [:])
        let settings = try reader.read(text)
        guard case .mqtt(let mqtt)? = settings.sources.first?.adapter else { return nil }
        // What is printed as effective is read back the same.
        let again = try reader.read(EffectiveText.text(of: reader.inspect(text).keys))
        guard case .mqtt(let second)? = again.sources.first?.adapter else { return nil }
        // What holds for all topics is printed with each of them.
        var options = second.options
        (options.payload, options.template) = (mqtt.options.payload, mqtt.options.template)
        #expect(options == mqtt.options && second.version == mqtt.version && second.tagLimit == mqtt.tagLimit)
        #expect(
            zip(second.topics, mqtt.topics).allSatisfy {
                ($0.payload ?? second.options.payload) == ($1.payload ?? mqtt.options.payload)
                    && ($0.template ?? second.options.template) == ($1.template ?? mqtt.options.template)
            })
        return mqtt
    }

    private func problem(_ source: String) -> String {
        do {
            _ = try read(source)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func defaults() throws {
        let mqtt = try #require(try read("topics: [a/#]"))
        #expect(mqtt.options == MQTTSourceOptions())
        #expect(mqtt.version == .automatic && mqtt.qos == 1 && mqtt.tagLimit == 10_000)
    }

    /// Every key changes what it is for.
    @Test func everyKey() throws {
        let mqtt = try #require(
            try read(
                """
                version: "3.1.1"
                variable_limit: 5
                endpoints: ["wss://second/mqtt", "mqtt://third:1884"]
                session_expiry_seconds: 60
                receive_maximum: 10
                topic_alias_maximum: 0
                max_age_s: 30
                tls: {enabled: true, ca: /ca.pem, certificate: /c.pem, private_key: /k.pem, min_version: "1.3", verify: false}
                will: {topic: status/s, payload: gone, qos: 1, retain: true, delay_seconds: 5}
                payload: json
                value_field: v
                time_field: /meta/at
                coerce: true
                topic_template: "{site}/{tag_name}"
                topics:
                  - a/#
                  - {topic: b, qos: 2, payload: text, coerce: false, value_field: w, topic_template: "{tag_name}"}
                  - {topic: c, pointer: /data, fields: {power: /p/active, voltage: u}}
                """))
        #expect(mqtt.version == .v311 && mqtt.tagLimit == 5)
        let options = mqtt.options
        #expect(options.endpoints == ["wss://second/mqtt", "mqtt://third:1884"])
        #expect(options.sessionExpirySeconds == 60 && options.receiveMaximum == 10 && options.topicAliasMaximum == 0)
        #expect(options.maximumAgeSeconds == 30)
        #expect(
            options.tls
                == TLSKeys(
                    enabled: true, ca: "/ca.pem", certificate: "/c.pem", privateKey: "/k.pem", minVersion: "1.3",
                    verify: false))
        #expect(
            options.will == MQTTWill(topic: "status/s", payload: "gone", qos: 1, retain: true, delaySeconds: 5))
        let payload = PayloadOptions(
            form: .json, valueField: try JSONPlace("v"), timeField: try JSONPlace("/meta/at"), coerce: true)
        #expect(options.payload == payload)
        #expect(options.template == (try TopicTemplate("{site}/{tag_name}")))
        #expect(mqtt.topics.map(\.filter) == ["a/#", "b", "c"])
        #expect(mqtt.topics[0].payload == payload && mqtt.topics[0].template == nil)
        var second = payload
        second.form = .text
        second.coerce = false
        second.valueField = try JSONPlace("w")
        #expect(mqtt.topics[1].payload == second && mqtt.topics[1].qos == 2)
        #expect(mqtt.topics[1].template == (try TopicTemplate("{tag_name}")))
        var third = payload
        third.pointer = try JSONPlace("/data")
        third.fields = [
            .init(name: "power", place: try JSONPlace("/p/active")), .init(name: "voltage", place: try JSONPlace("u")),
        ]
        #expect(mqtt.topics[2].payload == third)
    }

    @Test func oneTopicNeedsNoList() throws {
        #expect(try read("topics: a/#")?.topics.map(\.filter) == ["a/#"])
        #expect(try read("topic: a/#")?.topics.map(\.filter) == ["a/#"])
    }

    @Test(arguments: [
        ("topics: [a]\nvalue_field: /a~2", "value_field"), ("topics: [a]\npayload: xml", "payload"),
        ("topics: [a]\ntopic_template: plant", "topic_template"), ("topics: [a]\nversion: 4.0", "version"),
        ("topics: [{topic: a, fields: [x]}]", "topics[0].fields"), ("topics: [a]\nwill: {payload: x}", "will.topic"),
        ("topics: [a]\nreceive_maximum: 0", "receive_maximum"),
        ("topics: [a]\ntls: {certificate: x}", "tls.private_key"),
        ("topics: [a]\nendpoints: [\"http://x\"]", "endpoints[0]"), ("topics: [a]\nvalue_feild: x", "value_field"),
    ]) func mistakesAreNamed(_ source: String, _ key: String) {
        #expect(problem(source).contains(key), "\(problem(source))")
    }
}
