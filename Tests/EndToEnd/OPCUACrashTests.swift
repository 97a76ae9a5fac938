import TestKit
import Testing

extension EndToEnd {
    /// The connector is killed between delivery and durability: the server still holds what was not acknowledged, and
    /// the next run takes the subscription over and asks for it.
    @Suite struct OPCUACrash {
        private static let kills = 8

        @Test func killsLoseNoValueOfASubscription() async throws { _ = try await kill(Self.kills) }

        /// With a disk so slow that at any moment values have been received and are not yet on it: what the journal never
        /// held comes again by Republish.
        @Test func valuesReceivedButNotYetOnDiskComeAgain() async throws {
            try await withTemporaryDirectory { directory in
                let disk = try await SlowDisk(milliseconds: 250, directory: directory)
                let logs = try await kill(3, disk.environment)
                let takenOver = logs.filter { $0.contains("of an earlier run") }
                #expect(
                    takenOver.count == 3, "every run but the first goes on with the subscriptions of the one before")
            }
        }

        /// Kills a connector some times; everything that the simulator served must be in the table.
        /// - Returns: what each run of the connector printed.
        private func kill(_ kills: Int, _ environment: [String: String] = [:]) async throws -> [String] {
            try await withTemporaryDirectory { directory in
                let truthFile = directory + "/truth.ndjson"
                return try await withTableService(data: directory + "/tables") { service in
                    let logs = try await withSimulator(arguments: ["--truth", truthFile]) { simulator in
                        let configuration = """
                            sources:
                              - name: plant
                                endpoint: \(simulator.opcuaEndpoint)
                                publishing_interval_ms: 100
                                sampling_interval_ms: 0
                                queue_size: 1000
                                reconnect: {initial_delay_ms: 50, max_delay_ms: 200}

                            """
                        func start() async throws -> Connector {
                            try await startConnector(
                                configuration: configuration + zerobusSettings(service), directory: directory,
                                environment: environment)
                        }
                        var logs: [String] = []
                        var connector = try await start()
                        var generator = SystemRandomNumberGenerator()
                        for _ in 0..<kills {
                            try await waitUntilRunning(connector)
                            try await Task.sleep(for: .milliseconds(Int.random(in: 300...1200, using: &generator)))
                            connector.program.kill()
                            _ = try await connector.program.waitForEnd()
                            logs.append(connector.program.output)
                            connector = try await start()
                        }
                        try await waitUntilRunning(connector)
                        try await Task.sleep(for: .seconds(2))
                        await connector.program.stop()
                        return logs + [connector.program.output]
                    }
                    try await compare(service, try Truth(path: truthFile))
                    return logs
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
            print("\(changes) changes served, \(missing.count) missing, \(count) rows")
            #expect(changes > 30)
            #expect(missing == [])
        }
    }
}
