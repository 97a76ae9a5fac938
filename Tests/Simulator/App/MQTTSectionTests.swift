import SimulatorExposures
import Testing
import YAMLSupport

@testable import SimulatorApp

/// Every key of the block `mqtt` of the simulator.
@Suite struct MQTTSectionTests {
    private func mqtt(_ keys: String) throws -> MQTTSection {
        try SimulatorConfiguration.read("mqtt: {\(keys)}\n", file: "s.yaml", environment: [:]).mqtt
    }

    @Test func defaults() throws {
        let read = try mqtt("port: 1")
        #expect(read == MQTTSection(port: 1, settings: MQTTSettings()))
        #expect(read.settings.payload == .json && read.settings.intervalMilliseconds == nil)
    }

    @Test func payloads() throws {
        #expect(try mqtt("payload: json").settings.payload == .json)
        #expect(try mqtt("payload: Kepware").settings.payload == .kepware)
        #expect(try mqtt("payload: sparkplug").settings.payload == .sparkplug(SparkplugSettings()))
        #expect(
            try mqtt("payload: sparkplug, sparkplug: {group: g, primary_host: h}").settings.payload
                == .sparkplug(SparkplugSettings(group: "g", primaryHost: "h")))
        #expect(try mqtt("interval_ms: 250").settings.intervalMilliseconds == 250)
    }

    @Test func theOwnBroker() throws {
        var own = MQTTSettings.OwnBroker(users: [.init(name: "u", password: "p")])
        own.useTLS(certificate: "/c", privateKey: "/k", clientCA: "/ca", isOnlyNewest: true)
        #expect(
            try mqtt(
                "tls: {certificate: /c, private_key: /k, client_ca: /ca, min_version: '1.3'}, users: [{name: u, password: p}]"
            ).settings.destination == .own(own))
    }

    @Test func anotherBroker() throws {
        var other = MQTTSettings.OtherBroker(endpoint: "mqtts://b:1", username: "u", password: "p")
        other.useTLS(ca: "/ca", certificate: "/c", privateKey: "/k", verify: false)
        #expect(
            try mqtt(
                "broker: 'mqtts://b:1', username: u, password: p, "
                    + "tls: {ca: /ca, certificate: /c, private_key: /k, verify: false}"
            ).settings.destination == .other(other))
    }

    @Test(arguments: [
        ("payload: xml", "mqtt.payload: 'xml' is not possible; one of: json, kepware, sparkplug"),
        ("broker: 'ftp://b'", "mqtt.broker: the endpoint"),
        ("sparkplug: {group: g}", "mqtt.sparkplug: needs payload: sparkplug"),
        ("payload: sparkplug, sparkplug: {group: a/b}", "mqtt.sparkplug.group"),
        ("payload: sparkplug, sparkplug: {primary_host: '#'}", "mqtt.sparkplug.primary_host"),
        ("interval_ms: 5", "mqtt.interval_ms: 5 is out of range"),
        ("broker: 'mqtt://b', port: 1883", "mqtt.port: is of the simulator's own broker"),
        ("broker: 'mqtt://b', users: [{name: u, password: p}]", "mqtt.users: are of the simulator's own broker"),
        ("broker: 'mqtt://b', tls: {ca: /x}", "mqtt.tls: has no effect"),
        ("broker: 'mqtts://b', tls: {certificate: /x}", "mqtt.tls.private_key: is missing"),
        ("broker: 'mqtt://b', password: p", "mqtt.password: needs a username"),
        ("username: u", "mqtt.username: is for another broker"),
        ("tls: {certificate: /c}", "mqtt.tls.private_key: is missing"),
        ("users: [{name: u, password: p}, {name: u, password: q}]", "mqtt.users: two users have the same name"),
        ("users: [{name: u}]", "mqtt.users[0].password: is missing"),
    ])
    func aMistakeNamesItsKey(keys: String, finding: String) {
        let error = #expect(throws: ConfigurationError.self) { try mqtt(keys) }
        #expect(error?.description.contains(finding) == true, "\(keys): \(String(describing: error))")
    }
}
