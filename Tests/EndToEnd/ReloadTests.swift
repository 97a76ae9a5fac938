import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// The configuration changes while the connector runs.
    @Suite struct Reload {
        /// One target of two changes, twice: the other's stream is not opened again, and nothing is lost.
        @Test func aTargetChangesWithoutTouchingTheOther() async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    try await withTableService(data: directory + "/tables") { service in
                        func configuration(_ target: String) -> String {
                            let sources = ["a", "b"].map { name in
                                "  - {name: \(name), endpoint: \"\(broker.endpoint)\", qos: 1, topics: [\"\(name)/#\"]}\n"
                            }
                            return "sources:\n" + sources.joined() + zerobusSettings(service, table: "main.plant.t_b")
                                + "  source_targets:\n    a: {\(target)}\n"
                        }
                        let file = directory + "/penstock.yaml"
                        try await withConnector(configuration: configuration("table: t_a"), directory: directory) {
                            connector in
                            func reload(_ text: String, until said: String) async throws {
                                try write(text, to: file)
                                let before = connector.program.output.components(separatedBy: said).count
                                connector.program.send(signal: SIGHUP)
                                try await connector.program.whileAlive(said) {
                                    connector.program.output.components(separatedBy: said).count > before ? () : nil
                                }
                            }
                            try await waitUntilRunning(connector)
                            for topic in ["a", "b"] { try await publish(broker, topic, from: 0) }
                            try await service.waitForRows(60, in: "main.plant.t_a")
                            try await service.waitForRows(60, in: "main.plant.t_b")

                            try await reload(
                                configuration("table: t_a, record_format: json"), until: "configuration read again")
                            for topic in ["a", "b"] { try await publish(broker, topic, from: 60) }
                            try await service.waitForRows(120, in: "main.plant.t_a")

                            try await reload(configuration("table: t_new"), until: "configuration read again")
                            try await waitUntilRunning(connector)
                            for topic in ["a", "b"] { try await publish(broker, topic, from: 120) }
                            try await service.waitForRows(60, in: "main.plant.t_new")
                            try await service.waitForRows(180, in: "main.plant.t_b")

                            // What cannot be is refused whole, and everything runs on.
                            try await reload(configuration("tabel: t"), until: "the old one stays")
                            try await publish(broker, "a", from: 180)
                            try await service.waitForRows(120, in: "main.plant.t_new")
                        }
                        let expected = (0..<240).map { Double($0) / 4 }
                        let first = try await values(service, "main.plant.t_a")
                        let second = try await values(service, "main.plant.t_new")
                        #expect(first + second == expected)
                        #expect(try await values(service, "main.plant.t_b") == Array(expected.prefix(180)))
                        let streams = try await service.http.json("/streams")["streams"].array
                        func count(_ table: String) -> Int { streams.count { $0["table"].text == table } }
                        #expect(count("main.plant.t_b") == 1)
                        #expect(count("main.plant.t_a") == 2 && count("main.plant.t_new") == 1)
                        #expect(
                            streams.filter { $0["table"].text == "main.plant.t_a" }.map { $0["records"].text }
                                == ["proto", "json"])
                    }
                }
            }
        }

        /// In the order of arrival; what was sent twice counts once.
        private func values(_ service: TableService, _ table: String) async throws -> [Double] {
            var seen: Set<String> = []
            return try await service.rows(table, limit: 1000)
                .filter { seen.insert($0["metadata"]["record_id"].text ?? "").inserted }
                .compactMap { $0["value_num"].double }
        }

        private func publish(_ broker: Mosquitto, _ topic: String, from first: Int) async throws {
            _ = try await runPeer(
                "Tests/Interop/peers/mqtt_publisher.py",
                [
                    "--port", "\(broker.port)", "--first", "\(first)", "--count", "60", "--qos", "1", "--topic",
                    "\(topic)/counter",
                ])
        }
    }
}
