import MQTTAdapter
import Testing
import YAMLSupport

@testable import ConnectorConfiguration

/// The keys of an MQTT source whose payloads are Sparkplug B.
@Suite struct SparkplugSectionTests {
    private func source(_ keys: String) throws -> MQTTSourceConfiguration? {
        let text = "sources:\n  - {name: a, endpoint: \"mqtt://broker\", \(keys)}\n"
        let settings = try ConfigurationReader(file: "penstock.yaml", environment: [:]).read(text)
        guard case .mqtt(let mqtt)? = settings.sources.first?.adapter else { return nil }
        return mqtt
    }

    @Test func defaultsReadEverythingAndPublishNothing() throws {
        let source = try #require(try source("payload: sparkplug"))
        #expect(source.topics.map(\.filter) == ["spBv1.0/#"])
        let options = try #require(source.sparkplug)
        #expect(options.hostID == nil && !options.requestsRebirth && !source.cleanSession)
        #expect(options == SparkplugOptions())
        #expect(options.rebirthIntervalMilliseconds == 30_000 && options.reorderTimeoutMilliseconds == 2000)
        #expect(options.reorderWindow == 64)
    }

    @Test func eachKeyChangesSomething() throws {
        let host = try #require(try source("payload: sparkplug, host_id: h, topics: [\"spBv1.0/g/#\"]"))
        #expect(host.sparkplug?.hostID == "h" && host.cleanSession)
        #expect(host.topics.map(\.filter) == ["spBv1.0/g/#", "spBv1.0/STATE/h"])
        #expect(try host.forALook().sparkplug?.hostID == nil)
        func options(_ keys: String) throws -> SparkplugOptions? {
            try source("payload: sparkplug, sparkplug: {\(keys)}")?.sparkplug
        }
        #expect(try options("rebirth: true")?.requestsRebirth == true)
        #expect(try options("rebirth_interval_ms: 5")?.rebirthIntervalMilliseconds == 5)
        #expect(try options("reorder_timeout_ms: 0")?.reorderTimeoutMilliseconds == 0)
        #expect(try options("reorder_window: 127")?.reorderWindow == 127)
    }

    @Test func topicsDecideWhenThePayloadIsNotNamed() throws {
        #expect(try source("topics: [\"spBv1.0/#\"]")?.sparkplug == SparkplugOptions())
        #expect(try source("topics: [\"spBv1.0/#\", \"plant/#\"]")?.sparkplug == nil)
        #expect(try source("payload: auto, topics: [\"plant/#\"]")?.sparkplug == nil)
    }

    @Test(arguments: [
        ("payload: sparkplug, host_id: a/b", "host_id"), ("topics: [a], host_id: h", "host_id"),
        ("topics: [a], sparkplug: {rebirth: true}", "sparkplug"),
        ("payload: sparkplug, sparkplug: {reorder_window: 128}", "sparkplug.reorder_window"),
        ("payload: sparkplug, sparkplug: {reorder_window: 0}", "sparkplug.reorder_window"),
        ("payload: sparkplug, sparkplug: {rebirth_interval_ms: -1}", "sparkplug.rebirth_interval_ms"),
        ("payload: sparkplug, sparkplug: {reorder_timeout_ms: -1}", "sparkplug.reorder_timeout_ms"),
        ("payload: sparkplug, sparkplug: {rebirths: true}", "sparkplug.rebirths"),
        ("payload: sparklug", "payload"),
    ])
    func mistakesNameTheKey(keys: String, key: String) throws {
        let error = #expect(throws: ConfigurationError.self) { _ = try source(keys) }
        #expect(error?.findings.map(\.description).joined().contains(key) == true)
    }
}
