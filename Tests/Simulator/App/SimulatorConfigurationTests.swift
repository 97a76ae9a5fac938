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

    @Test func theExampleOfModbusIsValid() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../examples/simulator-modbus.yaml").standardizedFileURL
        let configuration = try read(try String(contentsOf: file, encoding: .utf8))
        #expect(
            configuration.modbus
                == ModbusSection(
                    line: SerialLine(device: "/dev/ttyUSB0", baud: 19_200, parity: "even"), unitID: 17, map: nil))
        #expect(configuration.mdns == AnnouncingSettings(isEnabled: true, name: "Practice plant"))
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
            modbus:
              port: 3
              unit_id: 17
              map: registers.csv
              serial: {device: /dev/ttyS1, baud: 19200, parity: even, stop_bits: 2, data_bits: 8, rs485: true}
            mdns: {enabled: false, name: Hall 3, interfaces: [eth0, 10.0.0.7]}
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
                    modbus: ModbusSection(
                        port: 3,
                        line: SerialLine(device: "/dev/ttyS1", baud: 19_200, parity: "even", stopBits: 2, rs485: true),
                        unitID: 17, map: "registers.csv"),
                    mdns: AnnouncingSettings(
                        isEnabled: false, name: "Hall 3", interfaces: ["eth0", "10.0.0.7"]), webPort: 4))
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
        ("plant: {speed: 0}", "plant.yaml:1: plant.speed: 0 is out of range; 0.1 to 1000 is possible"),
        ("web: {host: \"\"}", "plant.yaml:1: web.host: must not be empty"),
        ("modbus: {serial: {baud: 9600}}", "plant.yaml:1: modbus.serial.device: is missing"),
        (
            "modbus: {serial: {device: /dev/x, baud: 9601}}",
            "plant.yaml:1: modbus.serial.baud: 9601 is not possible; one of: 300, 600, 1200, 2400, 4800, 9600, 19200, "
                + "38400, 57600, 115200, 230400, 460800, 921600"
        ),
        (
            "modbus: {serial: {device: /dev/x, data_bits: 7}}",
            "plant.yaml:1: modbus.serial.data_bits: 7 is out of range; 8 to 8 is possible"
        ),
        ("mdns: {name: \"\"}", "plant.yaml:1: mdns.name: has 1 to 63 bytes"),
        ("mdns: {enable: true}", "plant.yaml:1: mdns.enable: unknown key; did you mean 'enabled'?"),
        ("modbus: {unit_id: 248}", "plant.yaml:1: modbus.unit_id: 248 is out of range; 1 to 247 is possible"),
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

    /// Files are looked for beside the configuration, wherever the program was started.
    @Test func theFilesOfAConfigurationStandBesideIt() throws {
        try withFolder { folder in
            try write(
                "industry bakery\nmachine oven_1 cycle 60\n temp temperature °C 20 300 180 1 load", "a.txt", folder)
            try write("events: [{kind: stuck, sensor: bakery/oven_1_temp}]", "more/s.yaml", folder)
            let absolute = folder + "/a.txt"
            try write(
                "plant: {files: [a.txt], scenarios: [more/s.yaml], industries: [bakery]}\nmodbus: {map: m.csv}",
                "plant.yaml", folder)
            var read = try SimulatorConfiguration.load(folder + "/plant.yaml")
            #expect(read.modbus.map == folder + "/m.csv")
            #expect(read.files == [absolute] && read.scenarios == [folder + "/more/s.yaml"])
            try write("plant: {files: [\(absolute)]}", "more/plant.yaml", folder)
            read = try SimulatorConfiguration.load(folder + "/more/plant.yaml")
            #expect(read.files == [absolute])
        }
    }

    /// What a file names that cannot be had is named with its line and key.
    @Test(arguments: [
        ("files: [no.txt]", "files: cannot read the sensors in '*no.txt'"),
        ("files: [more]", "files: cannot read the sensors in '*more'"),
        ("files: [noise.bin]", "files: '*noise.bin' is no text"),
        ("files: [wrong.txt]", "files: catalogue *wrong.txt, line 2: machine 'oven_1' needs 'cycle'"),
        ("scenarios: [no.yaml]", "scenarios: cannot read the scenario in '*no.yaml'"),
        ("scenarios: [wrong.txt]", "scenarios: *wrong.txt:1: a block of keys is expected here"),
        ("industries: [moon]", "industries: unknown industry 'moon'; known: mining, utilities,"),
        ("industries: []", "industries: at least one is needed"),
        ("scale: 5000", "scale: the scale must lie between 1 and 2020, not 5000"),
    ])
    func whatAFileNamesMustBeThere(text: String, finding: String) throws {
        try withFolder { folder in
            try write("industry bakery\nmachine oven_1", "wrong.txt", folder)
            try write("a\u{0}b", "noise.bin", folder)
            try write("", "more/empty", folder)
            try write("plant:\n  \(text)\n", "plant.yaml", folder)
            let expected = folder + "/plant.yaml:2: plant." + finding.replacing("*", with: folder + "/")
            #expect {
                try SimulatorConfiguration.load(folder + "/plant.yaml")
            } throws: {
                ($0 as? ConfigurationError)?.findings.first?.description.hasPrefix(expected) == true
            }
        }
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "plant-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/more", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func write(_ text: String, _ name: String, _ folder: String) throws {
        try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
    }
}
