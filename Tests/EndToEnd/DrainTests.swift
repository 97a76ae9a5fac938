import TestKit
import Testing

extension EndToEnd {
    /// A clean stop delivers what it holds, and a connector without a workspace has a table of its own.
    @Suite struct Drain {
        @Test func sigtermDeliversWhatWasTakenAndEndsWithZero() async throws {
            try await withTemporaryDirectory { directory in
                try await withTableService(data: directory + "/tables") { service in
                    try await withSimulator(arguments: ["--scale", "5"]) { simulator in
                        let configuration = try await plantSources(simulator) + zerobusSettings(service)
                        let connector = try await startConnector(configuration: configuration, directory: directory)
                        try await waitUntilRunning(connector)
                        try await service.waitForRows(500, in: EndToEnd.table)
                        connector.program.terminate()
                        #expect(try await connector.program.waitForEnd() == .exited(code: 0))
                        let taken = try #require(lastCount(connector.program.output, "received"))
                        let delivered = try #require(lastCount(connector.program.output, "acknowledged"))
                        #expect(taken == delivered, "\(connector.program.lastLines(3))")
                        #expect(try await service.count(EndToEnd.table) == delivered)
                    }
                }
            }
        }

        @Test func withoutAWorkspaceRowsGoToALocalTable() async throws {
            try await withTemporaryDirectory { directory in
                try await withSimulator { simulator in
                    let configuration = try await plantSources(simulator)
                    try await withConnector(configuration: configuration, directory: directory) { connector in
                        let metrics = try await connector.program.whileAlive("three sources and rows acknowledged") {
                            let count = try await connector.status()["records_acknowledged"].integer ?? 0
                            let metrics = try await connector.metrics.get("/metrics").text
                            return count >= 200 && metrics.contains("connector_connected_sources 3") ? metrics : nil
                        }
                        #expect(
                            metrics.contains("connector_events_ingested_total{source=\"plant-mqtt\",protocol=\"mqtt\"}")
                        )
                        let page = try await connector.http.get("/")
                        #expect(page.status == 200 && page.text.contains("<title>Penstock</title>"))
                        #expect(page.headers["content-security-policy"]?.contains("unsafe-inline") == false)
                    }
                    #expect(try await rowsOfLocalTable(connectorState: directory + "/state") >= 200)
                }
            }
        }

        /// `… received 1234, acknowledged 1234 …` in the last line that the connector prints.
        private func lastCount(_ output: String, _ word: String) -> Int? {
            let words = (output.split(separator: "\n").last ?? "").split(whereSeparator: { " ,".contains($0) })
            guard let index = words.firstIndex(of: Substring(word)), index + 1 < words.count else { return nil }
            return Int(words[index + 1])
        }

        private func rowsOfLocalTable(connectorState: String) async throws -> Int {
            let (ending, output) = try await run(
                Launch(
                    name: "sqlite3", path: try Workplace.systemProgram("sqlite3"),
                    arguments: [connectorState + "/tables/local.sqlite", "SELECT count(*) FROM raw_events"]))
            #expect(ending == .exited(code: 0), "\(output)")
            return Int(output.filter(\.isNumber)) ?? 0
        }
    }
}
