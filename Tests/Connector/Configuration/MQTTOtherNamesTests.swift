import MQTTAdapter
import Testing
import YAMLSupport

@testable import ConnectorConfiguration

/// The names that files in use have for keys of MQTT sources, against the canonical ones.
@Suite struct MQTTOtherNamesTests {
    private func source(
        _ keys: String, _ environment: [String: String] = [:]
    ) throws -> (MQTTSourceConfiguration, warnings: [String]) {
        let settings = try ConfigurationReader(file: "penstock.yaml", environment: environment)
            .read("sources:\n  - {name: a, \(keys)}\n")
        let warnings = settings.warnings.map { $0.keyPath.replacing("sources[0].", with: "") }
        guard case .mqtt(let mqtt)? = settings.sources.first?.adapter else { throw NoMQTTSource() }
        return (mqtt, warnings)
    }

    private struct NoMQTTSource: Error {}

    @Test(arguments: [
        ("topic: a/#", "topics: [a/#]", ["topic"]),
        ("mqtt: {topics: [a, {topic: b, qos: 2}]}", "topics: [a, {topic: b, qos: 2}]", ["mqtt.topics"]),
        ("topics: [a], mqtt: {qos: 2}", "topics: [a], qos: 2", ["mqtt.qos"]),
        (
            "topics: [a], mqtt: {client_id: x, clean_session: true, username: u, password: p}",
            "topics: [a], client_id: x, clean_session: true, username: u, password: p",
            ["mqtt.client_id", "mqtt.clean_session", "mqtt.username", "mqtt.password"]
        ),
        ("topics: [a], keep_alive: 30", "topics: [a], keep_alive_seconds: 30", ["keep_alive"]),
        ("topics: [a], keep_alive: 1500ms", "topics: [a], keep_alive_seconds: 2", ["keep_alive"]),
        ("topics: [a], mqtt: {keep_alive: 2m}", "topics: [a], keep_alive_seconds: 120", ["mqtt.keep_alive"]),
        ("topics: [a], use_tls: true", "topics: [a], tls: {enabled: true}", ["use_tls"]),
        (
            "topics: [a], mqtt: {tls: {enabled: true, ca: /ca, min_version: \"1.3\", verify: false}}",
            "topics: [a], tls: {enabled: true, ca: /ca, min_version: \"1.3\", verify: false}",
            ["mqtt.tls.enabled", "mqtt.tls.ca", "mqtt.tls.min_version", "mqtt.tls.verify"]
        ),
        (
            "topics: [a], use_tls: true, security: {ca_cert_path: /ca, client_cert_path: /c, client_key_path: /k}",
            "topics: [a], tls: {enabled: true, ca: /ca, certificate: /c, private_key: /k}",
            ["use_tls", "security.ca_cert_path", "security.client_cert_path", "security.client_key_path"]
        ),
        (
            "topics: [a], tls: {enabled: true, client_cert_path: /c}, client_key_path: /k",
            "topics: [a], tls: {enabled: true, certificate: /c, private_key: /k}",
            ["tls.client_cert_path", "client_key_path"]
        ),
    ])
    func keys(other: String, canonical: String, warned: [String]) throws {
        let (read, warnings) = try source("endpoint: \"mqtt://b:1884\", " + other)
        let (expected, none) = try source("endpoint: \"mqtt://b:1884\", " + canonical)
        #expect(read == expected)
        #expect(warnings == warned && none.isEmpty)
    }

    @Test(arguments: [
        ("broker_host: b, broker_port: 1884", "mqtt://b:1884", ["broker_host", "broker_port"]),
        ("mqtt: {broker_host: b, broker_port: 1884}", "mqtt://b:1884", ["mqtt.broker_host", "mqtt.broker_port"]),
        ("broker_host: b", "mqtt://b", ["broker_host"]),
        ("broker_host: \"fe80::1\", broker_port: 1884", "mqtt://[fe80::1]:1884", ["broker_host", "broker_port"]),
        ("broker_host: \"${HOST}\", broker_port: \"${PORT}\"", "mqtt://plant:1885", ["broker_host", "broker_port"]),
        ("broker_host: b, tls: {enabled: true}", "mqtts://b", ["broker_host"]),
        (
            "broker_host: b, broker_port: 8884, use_tls: true", "mqtts://b:8884",
            ["broker_host", "broker_port", "use_tls"]
        ),
        ("broker_host: b, use_tls: false", "mqtt://b", ["broker_host", "use_tls"]),
        ("endpoint: mqtt://B, broker_host: b, broker_port: 1883", "mqtt://B", ["broker_host", "broker_port"]),
    ])
    func hostAndPortMakeTheEndpoint(other: String, endpoint: String, warned: [String]) throws {
        let (read, warnings) = try source("topics: [a], " + other, ["HOST": "plant", "PORT": "1885"])
        #expect(read.endpoint == endpoint)
        #expect(warnings == warned)
    }

    @Test(arguments: [
        ("endpoint: mqtt://b, topics: [a], topic: b", "sources[0].topic: says otherwise than 'topics' in line 2"),
        (
            "endpoint: mqtt://b, topics: [a], broker_host: c",
            "sources[0].broker_host: says otherwise than 'endpoint' in line 2"
        ),
        (
            "endpoint: mqtt://b, topics: [a], broker_host: b, broker_port: 1884",
            "sources[0].broker_host: says otherwise than 'endpoint'"
        ),
        ("topics: [a], broker_port: 1884", "sources[0].broker_port: needs 'broker_host' beside it"),
        (
            "endpoint: mqtts://b, topics: [a], tls: {ca: /x}, security: {ca_cert_path: /y}",
            "sources[0].security.ca_cert_path: says otherwise than 'tls.ca'"
        ),
        (
            "endpoint: mqtts://b, topics: [a], mqtt: {tls: {ca: /x}}, security: {ca_cert_path: /y}",
            "sources[0].security.ca_cert_path: says otherwise than 'mqtt.tls.ca'"
        ),
        ("endpoint: mqtts://b, topics: [a], mqtt: {tls: {cipher: x}}", "sources[0].mqtt.tls.cipher: unknown key"),
        ("endpoint: mqtt://b, topics: [a], security: {policy: x}", "sources[0].security.policy: unknown key"),
        ("endpoint: mqtt://b, topics: [a], use_tls: maybe", "sources[0].use_tls: true or false is expected"),
        ("broker_host: b, broker_port: 70000, topics: [a]", "sources[0].broker_host: the endpoint"),
    ])
    func whatCannotBeIsNamedAsTheFileSpellsIt(keys: String, sentence: String) {
        let error = #expect(throws: (any Error).self) { try source(keys) }
        #expect(error.map { "\($0)".contains(sentence) } == true, "\(String(describing: error))")
    }
}
