import TestKit
import Testing

extension ForeignPeers {
    /// `penstock` on Debian's mosquitto, to which paho publishes.
    @Suite struct ConnectorMQTT {
        private static let table = "main.plant.raw_events"
        private static let start: Int64 = 1_700_000_000_000_000

        @Test func everyMessageArrivesAlsoThoseOfAnAbsence() async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    try await withTableService(data: directory + "/tables") { service in
                        let configuration =
                            """
                            sources:
                              - name: peer
                                endpoint: \(broker.endpoint)
                                qos: 1
                                topics: ["plant/#"]

                            """ + zerobusSettings(service)
                        try await withConnector(configuration: configuration, directory: directory) { connector in
                            try await waitUntilRunning(connector)
                            try await publish(broker, first: 0, count: 500, qos: ["0", "1"])
                            try await service.waitForRows(1_000, in: Self.table)
                        }
                        // The broker keeps QoS 1 messages for a session that comes back.
                        try await publish(broker, first: 500, count: 200, qos: ["1"])
                        try await withConnector(configuration: configuration, directory: directory) { connector in
                            try await service.waitForRows(1_200, in: Self.table)
                            try await publish(broker, first: 700, count: 100, qos: ["1"])
                            try await service.waitForRows(1_300, in: Self.table)
                            await connector.program.stop()
                        }
                        let rows = try await service.rows(Self.table, limit: 100_000)
                        try judge(rows, stream: "qos0", numbers: 0..<500)
                        try judge(rows, stream: "qos1", numbers: 0..<800)
                    }
                }
            }
        }

        private func publish(_ broker: Mosquitto, first: Int, count: Int, qos: [String]) async throws {
            let published = try await runPeer(
                "Tests/Interop/peers/mqtt_publisher.py",
                ["--port", "\(broker.port)", "--first", "\(first)", "--count", "\(count)", "--qos"] + qos)
            #expect(published["published"].integer == Int64(count * qos.count))
        }

        private func judge(_ rows: [JSONValue], stream: String, numbers: Range<Int>) throws {
            let topic = "plant/line1/\(stream)/value"
            let own = rows.filter { $0["topic_or_path"].text == topic }
            let times = try own.map { try #require($0["event_time"].integer) }
            let missing = Set(numbers.map { Self.start + Int64($0) * 1_000 }).subtracting(times)
            #expect(missing.sorted().map { ($0 - Self.start) / 1_000 } == [], "missing numbers on \(topic)")
            #expect(own.count == numbers.count, "rows of \(topic)")
            #expect(times == times.sorted(), "\(topic) in order")
            for (row, time) in zip(own, times) {
                #expect(row["value_num"].double == Double((time - Self.start) / 1_000) / 4)
                #expect(row["protocol_type"].text == "mqtt")
                #expect(row["status"].text == "Good")
            }
        }
    }
}

/// Waits until the first source of the connector says that it runs.
func waitUntilRunning(_ connector: Connector) async throws {
    try await connector.program.whileAlive("the source runs") {
        let sources = try await connector.status()["sources"].array
        return sources.first?["status"].text == "running" ? () : nil
    }
}
