import Foundation
import SimulatorExposures
import Testing
import YAMLSupport

@testable import SimulatorApp

@Suite struct SimulatorConfigurationTests {
    private func read(_ text: String) throws -> SimulatorConfiguration {
        try SimulatorConfiguration.read(text, file: "plant.yaml", environment: ["PORT": "4"])
    }

    @Test func theSecuredExampleIsValid() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../examples/simulator-secured.yaml").standardizedFileURL
        let configuration = try read(try String(contentsOf: file, encoding: .utf8))
        #expect(configuration.opcuaAccess.modes == ["SignAndEncrypt"] && configuration.opcuaAccess.policies.count == 3)
    }

    @Test func theExampleOfSparkplugIsValid() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../examples/simulator-sparkplug.yaml").standardizedFileURL
        let configuration = try read(try String(contentsOf: file, encoding: .utf8))
        #expect(
            configuration.mqtt.settings
                == MQTTSettings(
                    payload: .sparkplug(SparkplugSettings(group: "plant-1", primaryHost: "penstock")),
                    destination: .other(MQTTSettings.OtherBroker(endpoint: "mqtt://broker.example:1883"))))
    }

    @Test func theExampleOfMQTTIsValid() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../examples/simulator-mqtt.yaml").standardizedFileURL
        let mqtt = try read(try String(contentsOf: file, encoding: .utf8)).mqtt
        #expect(mqtt.port == 8883 && mqtt.settings.payload == .kepware && mqtt.settings.intervalMilliseconds == 5000)
        guard case .own(let broker) = mqtt.settings.destination else {
            Issue.record("not its own broker")
            return
        }
        #expect(broker.users == [.init(name: "penstock", password: "practice-only")])
    }

    @Test func everyKeyIsTaken() throws {
        let configuration = try read(
            """
            plant: {seed: 9, speed: 2.5, scale: 3, interval_ms: 50, industries: [mining], files: [a.txt], scenarios: [s.yaml]}
            opcua:
              port: 1
              security: {policies: [none, Basic256Sha256], modes: [sign], folder: p, trust: all, anonymous: false}
              users: [{name: u, password: "${PORT}"}]
            mqtt: {port: 2}
            modbus: {port: 3}
            web: {host: 0.0.0.0, port: "${PORT}"}
            """)
        #expect(
            configuration
                == SimulatorConfiguration(
                    seed: 9, speed: 2.5, scale: 3, tags: nil, intervalMilliseconds: 50, industries: ["mining"],
                    files: ["a.txt"], scenarios: ["s.yaml"], host: "0.0.0.0", opcuaPort: 1,
                    opcuaAccess: OPCUAAccess(
                        policies: ["None", "Basic256Sha256"], modes: ["Sign"], folder: "p", trustsAll: true,
                        admitsAnonymous: false, users: [OPCUAAccess.User(name: "u", password: "4")]),
                    mqtt: MQTTSection(port: 2),
                    modbusPort: 3, webPort: 4))
        #expect(try read("") == SimulatorConfiguration())
    }

    @Test(arguments: [
        ("plant: {sede: 1}", "plant.yaml:1: plant.sede: unknown key; did you mean 'seed'?"),
        ("plant: {scale: 2, tags: 5}", "plant.yaml:1: plant.tags: give scale or tags, not both"),
        (
            "opcua: {security: {modes: [Seal]}}",
            "plant.yaml:1: opcua.security.modes: 'Seal' is not possible; one of: Sign, SignAndEncrypt"
        ),
        (
            "opcua: {security: {anonymous: false}}",
            "plant.yaml:1: opcua.users: without anonymous users there must be others"
        ),
        ("opcua: {users: [{name: u}]}", "plant.yaml:1: opcua.users[0].password: is missing"),
        ("web: {port: 70000}", "plant.yaml:1: web.port: 70000 is out of range; 0 to 65535 is possible"),
        (
            "plant: {industries: [[1]]}",
            "plant.yaml:1: plant.industries[0]: text is expected"
        ),
    ])
    func aMistakeNamesItsPlace(text: String, finding: String) {
        #expect {
            try read(text)
        } throws: { ($0 as? ConfigurationError)?.findings.first?.description == finding }
    }
}
