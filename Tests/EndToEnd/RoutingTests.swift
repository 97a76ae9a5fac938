import TestKit
import Testing

extension EndToEnd {
    /// Several targets: a source's rows reach its own table and no other.
    @Suite struct Routing {
        private static let rows = 60

        @Test func everySourceHasItsOwnTable() async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    try await withTableService(data: directory + "/tables") { service in
                        let sources = ["a", "b", "c"].map { name in
                            """
                              - name: \(name)
                                endpoint: \(broker.endpoint)
                                qos: 1
                                topics: ["\(name)/#"]
                            """
                        }
                        let configuration =
                            "sources:\n" + sources.joined(separator: "\n") + "\n"
                            + zerobusSettings(service, table: "main.plant.t_default")
                            + "  source_targets:\n    a: {table: t_a}\n    b: {table: t_b}\n"
                        try await withConnector(configuration: configuration, directory: directory) { connector in
                            try await waitUntilRunning(connector)
                            // Interleaved: ten of each, in turns.
                            for first in stride(from: 0, to: Self.rows, by: 10) {
                                for topic in ["a", "b", "c"] {
                                    _ = try await runPeer(
                                        "Tests/Interop/peers/mqtt_publisher.py",
                                        [
                                            "--port", "\(broker.port)", "--first", "\(first)", "--count", "10",
                                            "--qos", "1", "--topic", "\(topic)/counter",
                                        ])
                                }
                            }
                            for (topic, table) in [("a", "t_a"), ("b", "t_b"), ("c", "t_default")] {
                                let table = "main.plant.\(table)"
                                try await service.waitForRows(Self.rows, in: table)
                                let rows = try await service.rows(table, limit: 1000)
                                #expect(rows.allSatisfy { $0["source_name"].text == topic })
                                #expect(
                                    rows.compactMap { $0["value_num"].double } == (0..<Self.rows).map { Double($0) / 4 }
                                )
                            }
                            let targets = try await connector.status()["targets"].array
                            #expect(
                                Set(targets.compactMap { $0["name"].text })
                                    == ["main.plant.t_default", "main.plant.t_a", "main.plant.t_b"])
                            #expect(targets.allSatisfy { $0["records_acknowledged"].integer == Int64(Self.rows) })
                        }
                    }
                }
            }
        }
    }
}
