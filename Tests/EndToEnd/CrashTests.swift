import TestKit
import Testing

extension EndToEnd {
    /// The connector is killed in mid-run; nothing that a broker was told is safe may be missing.
    @Suite struct Crash {
        private static let messages = 6000
        private static let firstTime: Int64 = 1_700_000_000_000_000

        @Test func twentyKillsLoseNoMessage() async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    try await withTableService(data: directory + "/tables") { service in
                        try await killTwentyTimes(broker, service, directory)
                        let rows = try await service.query(
                            "SELECT event_time, count(*) AS n FROM \(EndToEnd.table) WHERE status = 'Good' GROUP BY 1")
                        let seen = Set(rows.compactMap { $0["event_time"].integer })
                        let missing = (0..<Self.messages).filter { !seen.contains(Self.firstTime + Int64($0) * 1000) }
                        #expect(missing == [], "numbers that are missing")
                        let duplicates = rows.reduce(0) { $0 + Int($1["n"].integer ?? 0) } - rows.count
                        print("20 kills, \(Self.messages) messages: \(missing.count) missing, \(duplicates) twice")
                        // At most one window of the protocol per kill may come twice.
                        #expect(duplicates <= 20 * 2000, "\(duplicates) duplicates")
                    }
                }
            }
        }

        private func killTwentyTimes(_ broker: Mosquitto, _ service: TableService, _ directory: String) async throws {
            let configuration =
                numberedSource(broker) + "    reconnect: {initial_delay_ms: 100, max_delay_ms: 500}\n"
                + zerobusSettings(service)
            // The session exists before the first message, so that the broker keeps all of them.
            var connector = try await startConnector(configuration: configuration, directory: directory)
            try await waitUntilRunning(connector)
            let publisher = try TestKit.start(
                .peer(
                    "Tests/Interop/peers/mqtt_publisher.py",
                    ["--port", "\(broker.port)", "--count", "\(Self.messages)", "--qos", "1", "--pause", "0.004"]))
            var generator = SystemRandomNumberGenerator()
            for _ in 0..<20 {
                try await Task.sleep(for: .milliseconds(Int.random(in: 100...900, using: &generator)))
                connector.program.kill()
                _ = try await connector.program.waitForEnd()
                connector = try await startConnector(configuration: configuration, directory: directory)
            }
            let published = try await result(of: publisher, within: .seconds(120))
            #expect(published["published"].integer == Int64(Self.messages), "the broker took every message")
            try await eventually("all numbers are in the table", within: .seconds(60)) {
                let rows = try await service.query(
                    "SELECT count(DISTINCT event_time) AS n FROM \(EndToEnd.table) WHERE status = 'Good'")
                return rows.first?["n"].integer == Int64(Self.messages)
            }
            await connector.program.stop()
        }
    }
}

/// Waits until every source of a connector is running.
func waitUntilRunning(_ connector: Connector) async throws {
    try await connector.program.whileAlive("all sources run") {
        let sources = try await connector.status()["sources"].array
        return !sources.isEmpty && sources.allSatisfy { $0["status"].text == "running" } ? () : nil
    }
}
