import TestKit
import Testing

extension EndToEnd {
    /// Sources that are down at boot or go away in mid-run come back by themselves.
    @Suite struct Restart {
        @Test func aPlantThatIsDownAtBootAndRestartsIsReadAgain() async throws {
            try await withTemporaryDirectory { directory in
                try await withTableService(data: directory + "/tables") { service in
                    // A first run only tells the map of registers and reserves the ports.
                    let first = try await startSimulator()
                    let configuration = try await plantSources(first) + zerobusSettings(service)
                    await first.program.stop()
                    try await withConnector(configuration: configuration, directory: directory) { connector in
                        try await connector.program.whileAlive("all sources say that they wait") {
                            let sources = try await connector.status()["sources"].array
                            let waiting = sources.filter { $0["status"].text == "backing off" }
                            return waiting.count == 3 && waiting.allSatisfy { $0["reason"].text != nil } ? () : nil
                        }
                        #expect(try await rowsByProtocol(service) == [:])

                        let second = try await simulator(onPortsOf: first)
                        try await rowsGrow(service, connector)
                        second.program.kill()
                        _ = try await second.program.waitForEnd()

                        let third = try await simulator(onPortsOf: first)
                        try await rowsGrow(service, connector)
                        await third.program.stop()
                    }
                }
            }
        }

        /// Waits until each protocol has at least 40 more good rows than now.
        private func rowsGrow(_ service: TableService, _ connector: Connector) async throws {
            let before = try await rowsByProtocol(service)
            try await connector.program.whileAlive("rows by each protocol", within: .seconds(60)) {
                let now = try await rowsByProtocol(service)
                let grown = protocols.allSatisfy { now[$0, default: 0] >= before[$0, default: 0] + 40 }
                return grown ? () : nil
            }
        }

        private func simulator(onPortsOf other: Simulator) async throws -> Simulator {
            let program = try TestKit.start(
                .program(
                    "ot-simulator",
                    [
                        "run", "--opcua-port", "\(other.opcuaPort)", "--mqtt-port", "\(other.mqttPort)",
                        "--modbus-port", "\(other.modbusPort)", "--web-port", "\(other.webPort)",
                    ]))
            var simulator = other
            simulator.program = program
            let http = simulator.http
            try await program.whileAlive("ot-simulator is healthy") {
                try await http.get("/health").status == 200 ? () : nil
            }
            return simulator
        }

        @Test func theTableServiceMayDieRightAfterAnAcknowledgement() async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    let tables = directory + "/tables"
                    let first = try await startTableService(data: tables)
                    let configuration =
                        numberedSource(broker) + zerobusSettings(first)
                        + "  retry: {initial_delay_ms: 100, max_delay_ms: 500}\n"
                    try await withConnector(configuration: configuration, directory: directory) { connector in
                        try await waitUntilRunning(connector)
                        try await publish(broker, from: 0, count: 300)
                        try await connector.program.whileAlive("everything is acknowledged") {
                            try await connector.status()["records_acknowledged"].integer == 300 ? () : nil
                        }
                        first.program.kill()
                        _ = try await first.program.waitForEnd()
                        #expect(try await query("SELECT * FROM \(EndToEnd.table)", data: tables).count == 300)

                        // What comes while the table is away waits in the journal.
                        try await publish(broker, from: 300, count: 300)
                        let second = try await startTableService(
                            data: tables, grpcPort: first.grpcPort, httpPort: first.httpPort)
                        try await second.waitForRows(600, in: EndToEnd.table)
                        await second.program.stop()
                    }
                }
            }
        }

        private func publish(_ broker: Mosquitto, from first: Int, count: Int) async throws {
            _ = try await runPeer(
                "Tests/Interop/peers/mqtt_publisher.py",
                ["--port", "\(broker.port)", "--first", "\(first)", "--count", "\(count)", "--qos", "1"])
        }
    }
}
