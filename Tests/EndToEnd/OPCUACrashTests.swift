import TestKit
import Testing

extension EndToEnd {
    /// The connector is killed between delivery and durability: the server still holds what was not acknowledged, and
    /// the next run takes the subscription over and asks for it.
    @Suite struct OPCUACrash {
        private static let kills = 8

        @Test func killsLoseNoValueOfASubscription() async throws {
            try await withTemporaryDirectory { directory in
                let truthFile = directory + "/truth.ndjson"
                try await withTableService(data: directory + "/tables") { service in
                    try await withSimulator(arguments: ["--truth", truthFile]) { simulator in
                        let configuration = """
                            sources:
                              - name: plant
                                endpoint: \(simulator.opcuaEndpoint)
                                publishing_interval_ms: 100
                                sampling_interval_ms: 0
                                queue_size: 1000
                                reconnect: {initial_delay_ms: 50, max_delay_ms: 200}

                            """
                        var connector = try await startConnector(
                            configuration: configuration + zerobusSettings(service), directory: directory)
                        var generator = SystemRandomNumberGenerator()
                        for _ in 0..<Self.kills {
                            try await waitUntilRunning(connector)
                            try await Task.sleep(for: .milliseconds(Int.random(in: 300...1200, using: &generator)))
                            connector.program.kill()
                            _ = try await connector.program.waitForEnd()
                            connector = try await startConnector(
                                configuration: configuration + zerobusSettings(service), directory: directory)
                        }
                        try await waitUntilRunning(connector)
                        try await Task.sleep(for: .seconds(2))
                        await connector.program.stop()
                    }
                    try await compare(service, try Truth(path: truthFile))
                }
            }
        }

        /// Every change that was served between the first and the last row of a sensor is a row.
        private func compare(_ service: TableService, _ truth: Truth) async throws {
            let rows = try await service.query(
                "SELECT metadata, event_time FROM \(EndToEnd.table) WHERE status = 'Good' AND value_num IS NOT NULL")
            var seen: [String: Set<Int64>] = [:]
            var count = 0
            for row in rows {
                let metadata = try row["metadata"].text.map(JSONValue.parse) ?? row["metadata"]
                guard let node = metadata["node_id"].text, let time = row["event_time"].integer else { continue }
                seen[String(node.dropFirst("ns=2;s=".count)), default: []].insert(time)
                count += 1
            }
            let served = Dictionary(grouping: truth.entries, by: \.key.path)
            var changes = 0
            var missing: [String] = []
            for (path, times) in seen {
                guard let first = times.min(), let last = times.max() else { continue }
                var before: Double?
                for (key, entry) in (served[path] ?? []).sorted(by: { $0.key.timestamp < $1.key.timestamp }) {
                    defer { before = number(entry.value) }
                    guard key.timestamp > first, key.timestamp < last, number(entry.value) != before else { continue }
                    changes += 1
                    if !times.contains(key.timestamp) { missing.append("\(path) at \(key.timestamp)") }
                }
            }
            print("\(Self.kills) kills: \(changes) changes served, \(missing.count) missing, \(count) rows")
            #expect(changes > 100)
            #expect(missing == [])
        }
    }
}
