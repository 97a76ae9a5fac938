import TestKit
import Testing

extension EndToEnd {
    /// Whatever is wrong with flags, files and ports of `ot-simulator` is one clear line and an exit code.
    @Suite struct SimulatorMistakes {
        /// Runs the program to its end; it must end with an error and one line on it.
        private func complaint(_ arguments: [String], in directory: String? = nil) async throws -> String {
            let (ending, output) = try await run(.program("ot-simulator", arguments, directory: directory))
            #expect(ending == .exited(code: 1) || ending == .exited(code: 64), "\(arguments): \(ending) \(output)")
            // What was said before an endpoint could not be opened is no complaint.
            let lines = output.split(separator: "\n").filter {
                $0.hasPrefix("ot-simulator: ") && !$0.contains("a tick every")
            }
            #expect(lines.count == 1, "\(arguments): \(output)")
            return lines.last.map { String($0.dropFirst("ot-simulator: ".count)) } ?? ""
        }

        @Test(arguments: [
            (["--colour", "blue"], "Unknown option '--colour'"),
            (["plant.yaml"], "Unexpected argument 'plant.yaml'"),
            (["--seed", "x"], "The value 'x' is invalid for '--seed"),
            (["--speed", "0.05"], "the speed must lie between 0.1 and 1000, not 0.05"),
            (["--speed", "1001"], "the speed must lie between 0.1 and 1000, not 1001.0"),
            (["--speed", "nan"], "the speed must lie between 0.1 and 1000"),
            (["--interval-ms", "9"], "the tick interval must lie between 10 and 3600000 ms, not 9"),
            (["--scale", "0"], "the scale must lie between 1 and 2020, not 0"),
            (["--tags", "1000001"], "the number of tags must lie between 1 and 1000000, not 1000001"),
            (["--tags", "5", "--scale", "2"], "give --scale or --tags, not both"),
            (["--industries", "mining,moon"], "unknown industry 'moon'; known: mining, utilities,"),
            (["--protocols", "bacnet"], "unknown protocol 'bacnet'; known: opcua, mqtt, modbus, all, none"),
            (["--start", "yesterday"], "--start must be a time from 1970 to 2099 such as 2026-05-01T06:00:00Z"),
            (["--start", "2100-01-01T00:00:00Z"], "--start must be a time from 1970 to 2099"),
            (["--web-port", "70000"], "--web-port must lie between 0 (any free port) and 65535, not 70000"),
            (["--host", ""], "--host must not be empty"),
            (["--assets", "/nowhere"], "/nowhere is no folder"),
            (["--truth", "/nowhere/truth"], "cannot write the truth log '/nowhere/truth': check the folder"),
            (["--scenario", "nothing"], "'nothing' is no file and no scenario; known: bearing_failure,"),
            (["--scenario", "/tmp"], "cannot read the scenario in '/tmp'"),
            (["--replay", "/nowhere.csv"], "cannot read the recording in '/nowhere.csv'"),
            (["--config", "/nowhere.yaml"], "cannot read the configuration /nowhere.yaml"),
            (["--config", "/tmp"], "cannot read the configuration /tmp"),
        ])
        func aWrongFlagIsNamed(flags: [String], sentence: String) async throws {
            let said = try await complaint(
                ["run"] + flags
                    + ["--protocols", "none", "--web-port", "0"].filter { _ in
                        !flags.contains("--protocols") && !flags.contains("--web-port")
                    })
            #expect(said.hasPrefix(sentence), "\(said)")
        }

        @Test(arguments: [
            (["report", "--hours", "0"], "--hours must lie between 1 and 8760"),
            (["report", "--step", "3601"], "--step must lie between 1 and 3600"),
            (["report", "--industries", "moon"], "unknown industry 'moon'"),
            (["report", "--config", "/nowhere.yaml"], "cannot read the configuration /nowhere.yaml"),
            (["document"], "Missing expected argument '--out <out>'"),
            (["dance"], "Unexpected argument 'dance'"),
        ])
        func otherCommandsAreAsStrict(arguments: [String], sentence: String) async throws {
            let said = try await complaint(arguments)
            #expect(said.hasPrefix(sentence), "\(said)")
        }

        /// Each key wrong once, on line 2; the line and the key are named.
        @Test(arguments: [
            ("plant", "seed: -1", "plant.seed: -1 is out of range; 0 to 9223372036854775807 is possible"),
            ("plant", "speed: fast", "plant.speed: a number is expected, found 'fast'"),
            ("plant", "speed: 1001", "plant.speed: 1001 is out of range; 0.1 to 1000 is possible"),
            ("plant", "scale: 0", "plant.scale: 0 is out of range"),
            ("plant", "scale: 5000", "plant.scale: the scale must lie between 1 and 2020, not 5000"),
            ("plant", "tags: 1000001", "plant.tags: 1000001 is out of range; 1 to 1000000 is possible"),
            ("plant", "interval_ms: 9", "plant.interval_ms: 9 is out of range; 10 to 3600000 is possible"),
            ("plant", "industries: [moon]", "plant.industries: unknown industry 'moon'"),
            ("plant", "files: [no.txt]", "plant.files: cannot read the sensors in 'no.txt'"),
            ("plant", "scenarios: [no.yaml]", "plant.scenarios: cannot read the scenario in 'no.yaml'"),
            ("plant", "sede: 1", "plant.sede: unknown key; did you mean 'seed'?"),
            ("opcua", "port: x", "opcua.port: a whole number is expected, found 'x'"),
            (
                "opcua", "security: {policies: [Basic512]}",
                "opcua.security.policies: 'Basic512' is not possible; one of:"
            ),
            ("opcua", "security: {modes: [Seal]}", "opcua.security.modes: 'Seal' is not possible; one of:"),
            ("opcua", "security: {folder: [a]}", "opcua.security.folder: "),
            ("opcua", "security: {trust: maybe}", "opcua.security.trust: 'maybe' is not possible; one of: listed, all"),
            ("opcua", "security: {anonymous: 7}", "opcua.security.anonymous: "),
            ("opcua", "users: [{name: u}]", "opcua.users[0].password: is missing"),
            ("mqtt", "port: 65536", "mqtt.port: 65536 is out of range; 0 to 65535 is possible"),
            ("mqtt", "payload: xml", "mqtt.payload: 'xml' is not possible; one of: json, kepware, sparkplug"),
            ("mqtt", "interval_ms: 1", "mqtt.interval_ms: 1 is out of range; 10 to 3600000 is possible"),
            ("mqtt", "broker: ftp://x", "mqtt.broker: the endpoint \"ftp://x\" has the scheme ftp://"),
            ("mqtt", "username: u", "mqtt.username: is for another broker, named by broker"),
            ("mqtt", "tls: {certificate: a.pem}", "mqtt.tls.private_key: is missing"),
            ("mqtt", "users: [{password: p}]", "mqtt.users[0].name: is missing"),
            ("mqtt", "sparkplug: {group: g}", "mqtt.sparkplug: needs payload: sparkplug"),
            ("modbus", "port: -1", "modbus.port: -1 is out of range; 0 to 65535 is possible"),
            ("web", "host: \"\"", "web.host: must not be empty"),
            ("web", "port: 1.5", "web.port: a whole number is expected, found '1.5'"),
            ("webb", "port: 1", "webb: unknown key; did you mean 'web'?"),
        ])
        func aWrongKeyIsNamedWithItsLine(block: String, key: String, sentence: String) async throws {
            try await withTemporaryDirectory { directory in
                try write("\(block):\n  \(key)\n", to: directory + "/plant.yaml")
                let said = try await complaint(["run", "--config", "plant.yaml"], in: directory)
                // The unknown block itself stands on line 1.
                #expect(said.hasPrefix("plant.yaml:\(block == "webb" ? 1 : 2): \(sentence)"), "\(said)")
            }
        }

        @Test(arguments: ["[1,2", "- 1", "just text", "plant: &a [*a]", "a\u{1}b"])
        func whatIsNoConfigurationIsSaid(text: String) async throws {
            try await withTemporaryDirectory { directory in
                try write(text + "\n", to: directory + "/plant.yaml")
                let said = try await complaint(["run", "--config", "plant.yaml"], in: directory)
                #expect(said.hasPrefix("plant.yaml:"), "\(said)")
            }
        }

        /// A port that another program has: the first simulator goes on, the second says which one and ends.
        @Test func aTakenPortEndsTheStart() async throws {
            try await withSimulator { first in
                for (flag, port) in [
                    ("--opcua-port", first.opcuaPort), ("--mqtt-port", first.mqttPort),
                    ("--modbus-port", first.modbusPort), ("--web-port", first.webPort),
                ] {
                    var flags = ["--opcua-port": 0, "--mqtt-port": 0, "--modbus-port": 0, "--web-port": 0]
                    flags[flag] = port
                    let said = try await complaint(["run"] + flags.flatMap { [$0.key, "\($0.value)"] })
                    #expect(said.contains("cannot listen on 127.0.0.1:\(port)") && said.contains("in use"), "\(said)")
                }
                let health = try await first.http.json("/health")["status"].text
                #expect(health == "healthy")
            }
        }
    }
}
