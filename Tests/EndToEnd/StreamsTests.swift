import TestKit
import Testing

extension EndToEnd {
    /// Several streams into one table, each with troubles of its own.
    @Suite struct Streams {
        private static let topics = 8
        private static let messages = 250

        /// Streams rotate every second, and three of them die in the middle: every tag stays in order, and nothing
        /// is missing.
        @Test func tagsStayInOrderOverSeveralStreams() async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    let drill = [
                        "--close-after", "1", "--close-grace", "2", "--die-at", "7", "--drill-streams", "9",
                        "--ack-delay", "20",
                    ]
                    try await withTableService(data: directory + "/tables", arguments: drill) { service in
                        let configuration =
                            numberedSource(broker) + zerobusSettings(service)
                                + """
                                    streams: 3
                                  batch: {max_records: 20}
                                  retry: {initial_delay_ms: 50, max_delay_ms: 100}

                                """
                        try await withConnector(configuration: configuration, directory: directory) { connector in
                            try await waitUntilRunning(connector)
                            let first = try await connector.status()["targets"].array.first
                            #expect(first?["streams"].integer == 3)
                            try await withThrowingTaskGroup(of: Void.self) { group in
                                for topic in 0..<Self.topics {
                                    group.addTask { try await publish(broker, topic) }
                                }
                                try await group.waitForAll()
                            }
                            try await connector.program.whileAlive("everything is acknowledged") {
                                try await connector.status()["records_acknowledged"].integer
                                    == Int64(Self.topics * Self.messages) ? () : nil
                            }
                        }
                        let rows = try await service.query(
                            "SELECT topic_or_path AS t, value_num AS v, json_extract(metadata, '$.record_id') AS i "
                                + "FROM \(EndToEnd.table) ORDER BY rowid")
                        var seen: Set<String> = []
                        var values: [String: [Double]] = [:]
                        for row in rows where seen.insert(row["i"].text ?? "").inserted {
                            values[row["t"].text ?? "", default: []].append(row["v"].double ?? -1)
                        }
                        #expect(values.count == Self.topics)
                        let expected = (0..<Self.messages).map { Double($0) / 4 }
                        for (topic, values) in values { #expect(values == expected, "\(topic)") }
                        let streams = try await service.http.json("/streams")["streams"].array
                        #expect(streams.count { $0["end"].text?.contains("--die-at") == true } >= 3)
                        #expect(streams.count { $0["messages"].integer ?? 0 > 0 } >= 6)
                    }
                }
            }
        }

        private func publish(_ broker: Mosquitto, _ topic: Int) async throws {
            _ = try await runPeer(
                "Tests/Interop/peers/mqtt_publisher.py",
                [
                    "--port", "\(broker.port)", "--count", "\(Self.messages)", "--qos", "1", "--topic",
                    "plant/\(topic)", "--pause", "0.01", "--client", "publisher-\(topic)",
                ])
        }
    }
}
