import TestKit
import Testing

extension EndToEnd {
    /// Bad input gets one clear line and an exit code, or a source state that says why; nothing crashes.
    @Suite struct BadInput {
        @Test(arguments: [
            ("sources: [\n  - name: x\n", "penstock.yaml:", "did not find expected"),
            (
                "sources:\n  - name: a\n    endpont: mqtt://127.0.0.1:1\n", "penstock.yaml:3: sources[0].endpont",
                "endpoint"
            ),
            ("web_ui: {port: 99999}\n", "web_ui.port", "out of range"),
            ("sources: [{name: a, endpoint: \"ftp://x\"}]\n", "sources[0].endpoint", "ftp://x"),
        ])
        func aBrokenConfigurationIsOneClearLine(text: String, place: String, hint: String) async throws {
            try await withTemporaryDirectory { directory in
                let file = directory + "/penstock.yaml"
                try write(text, to: file)
                for command in [["run", "--config", file, "--state", directory + "/state"], ["check", file]] {
                    let (ending, output) = try await run(.program("penstock", command))
                    #expect(ending == .exited(code: 1), "\(command[0]): \(output)")
                    let lines = output.split(separator: "\n")
                    #expect(lines.count == 1, "\(output)")
                    #expect(output.contains(place) && output.contains(hint), "\(output)")
                }
            }
        }

        /// Where it runs a variable must be there; where it is checked that is a warning.
        @Test func aMissingVariableStopsTheStartAndWarnsTheCheck() async throws {
            try await withTemporaryDirectory { directory in
                let file = directory + "/penstock.yaml"
                try write("zerobus: {auth: {client_secret: \"${env:NOT_THERE}\"}}\n", to: file)
                let place = "zerobus.auth.client_secret: the environment variable NOT_THERE is not set"
                let start = ["run", "--config", file, "--state", directory + "/state"]
                for (command, code, sign) in [
                    (start, Int32(1), "penstock: "), (["check", file], 0, "warning"),
                    (["check", file, "--strict"], 1, "warning"),
                ] {
                    let (ending, output) = try await run(.program("penstock", command))
                    #expect(ending == .exited(code: code), "\(command): \(output)")
                    #expect(output.contains(place) && output.lowercased().contains(sign), "\(command): \(output)")
                }
            }
        }

        @Test func aMissingFileAndAnUnknownFlagAreSaid() async throws {
            let (missing, said) = try await run(.program("penstock", ["run", "--config", "/nowhere/penstock.yaml"]))
            #expect(missing == .exited(code: 1))
            #expect(said.contains("/nowhere/penstock.yaml") && said.split(separator: "\n").count == 1)
            let (unknown, _) = try await run(.program("penstock", ["run", "--colour", "blue"]))
            #expect(unknown != .exited(code: 0))
        }

        @Test func anUnreachableHostAndARefusedPortAreSourceStates() async throws {
            try await withTemporaryDirectory { directory in
                let closed = try FreePorts.next()
                let configuration = """
                    sources:
                      - {name: a, endpoint: "opc.tcp://127.0.0.1:\(closed)/"}
                      - {name: b, endpoint: "mqtt://127.0.0.1:\(closed)", topics: ["#"]}
                      - {name: c, endpoint: "modbus://127.0.0.1:\(closed)", registers: [{address: 0}]}
                      - {name: d, endpoint: "mqtt://no-such-host.invalid:1883", topics: ["#"]}

                    """
                try await withConnector(configuration: configuration, directory: directory) { connector in
                    let reasons = try await connector.program.whileAlive("all say why they wait") {
                        let sources = try await connector.status()["sources"].array
                        let reasons = sources.compactMap { $0["reason"].text }
                        return reasons.count == 4 ? reasons : nil
                    }
                    for reason in reasons.prefix(3) { #expect(reason.contains("\(closed)"), "\(reason)") }
                    #expect(reasons[3].contains("no-such-host.invalid"), "\(reasons[3])")
                    #expect(try await connector.http.get("/health/live").status == 200)
                    #expect(try await connector.http.get("/health/ready").status == 200)
                }
            }
        }

        @Test func aPortInUseIsOneClearLine() async throws {
            try await withTemporaryDirectory { directory in
                try await withConnector(configuration: "sources: []\n", directory: directory) { connector in
                    let (ending, output) = try await run(
                        .program(
                            "penstock",
                            [
                                "run", "--config", directory + "/penstock.yaml", "--state", directory + "/other",
                                "--web-port", "\(connector.webPort)", "--metrics-port", "\(try FreePorts.next())",
                            ]))
                    #expect(ending == .exited(code: 1))
                    #expect(output.contains("\(connector.webPort)"), "\(output)")
                }
            }
        }

        @Test func aSecondProcessOnTheSameStateIsRefused() async throws {
            try await withTemporaryDirectory { directory in
                try await withConnector(configuration: "sources: []\n", directory: directory) { connector in
                    let (ending, output) = try await run(
                        .program(
                            "penstock",
                            [
                                "run", "--config", directory + "/penstock.yaml", "--state", connector.state,
                                "--web-port", "\(try FreePorts.next())", "--metrics-port", "\(try FreePorts.next())",
                            ]))
                    #expect(ending == .exited(code: 1))
                    #expect(output.contains(connector.state), "\(output)")
                }
            }
        }
    }
}
