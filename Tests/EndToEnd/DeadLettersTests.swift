import TestKit
import Testing

extension EndToEnd {
    /// Rows that the table refuses: found, kept, shown, and brought into the table when it takes them.
    @Suite struct DeadLetters {
        private static let good = 10_000

        /// A connector's surroundings: a broker, and a table that refuses something.
        private struct Site {
            var directory: String
            var broker: Mosquitto
            var service: TableService
            var configuration: String

            func connector() async throws -> Connector {
                let connector = try await startConnector(configuration: configuration, directory: directory)
                try await waitUntilRunning(connector)
                return connector
            }

            func publish(_ values: [String]) async throws {
                try write(values.joined(separator: "\n") + "\n", to: directory + "/values")
                let publisher = try Workplace.systemProgram("mosquitto_pub")
                let line = "\(publisher) -p \(broker.port) -t hall/force -q 1 -l < \(directory)/values"
                let (ending, output) = try await run(
                    Launch(name: "publish", path: "/bin/sh", arguments: ["-c", line]))
                try #require(ending == .exited(code: 0), "\(output)")
            }

            func command(_ words: [String]) async throws -> (Ending, String) {
                try await run(
                    .program(
                        "penstock",
                        words + ["--config", directory + "/penstock.yaml", "--state", directory + "/state"]))
            }

            /// From now on another table on the same address takes everything.
            mutating func replaceTable() async throws {
                await service.program.stop()
                service = try await startTableService(
                    data: directory + "/other", grpcPort: service.grpcPort, httpPort: service.httpPort)
            }
        }

        /// The table is the one that `penstock tables` prints, but for one part of the text.
        private func withSite(
            replacing part: String, with other: String, columns: String = "auto",
            _ body: (inout Site) async throws -> Void
        ) async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    let service = try await startTableService(data: directory + "/tables", arguments: ["--strict"])
                    let configuration = """
                        sources:
                          - name: press
                            endpoint: \(broker.endpoint)
                            qos: 1
                            topics: ["hall/#"]
                            reconnect: {initial_delay_ms: 100, max_delay_ms: 500}
                        \(zerobusSettings(service))    columns: \(columns)
                          retry: {initial_delay_ms: 100, max_delay_ms: 500}

                        """
                    let file = directory + "/tables.yaml"
                    try write(configuration, to: file)
                    let (ending, sql) = try await run(.program("penstock", ["tables", "--config", file]))
                    try #require(ending == .exited(code: 0), "\(sql)")
                    let range = try #require(sql.ranges(of: part).first)
                    let changed = String(sql[..<range.lowerBound]) + other + String(sql[range.upperBound...])
                    let made = try await service.http.post("/tables", changed, contentType: "text/plain")
                    try #require(made.status < 300, "\(made.text)")
                    var site = Site(
                        directory: directory, broker: broker, service: service, configuration: configuration)
                    do {
                        try await body(&site)
                    } catch {
                        await site.service.program.stop()
                        throw error
                    }
                    await site.service.program.stop()
                }
            }
        }

        private func letters(_ connector: Connector, count: Int64) async throws -> [JSONValue] {
            try await connector.program.whileAlive("\(count) dead letters") {
                let list = try await connector.http.json("/api/deadletters")
                return list["count"].integer == count ? list["deadletters"].array : nil
            }
        }

        private func values(_ service: TableService) async throws -> [String?] {
            try await service.rows(EndToEnd.table, limit: 10).map { $0["value"].text }
        }

        @Test func onePoisonousRowAmongTenThousandIsKeptAndComesBack() async throws {
            try await withSite(replacing: "value_num DOUBLE", with: "value_num DOUBLE NOT NULL") { site in
                let connector = try await site.connector()
                let half = Self.good / 2
                try await site.publish(
                    (0..<half).map(String.init) + ["\"poison\""] + (half..<Self.good).map(String.init))
                try await site.service.waitForRows(Self.good, in: EndToEnd.table)
                let letter = try #require(try await letters(connector, count: 1).first)
                #expect(try await site.service.count(EndToEnd.table) == Self.good)
                #expect(letter["stage"].text == "target" && letter["source"].text == "press")
                #expect(letter["reason"].text?.contains("value_num") == true, "\(letter)")
                #expect(letter["record"]["value"].text == "poison")
                let metrics = try await connector.metrics.get("/metrics").text
                let metric = "connector_deadletters_total{source=\"press\",target=\"\(EndToEnd.table)\"} 1\n"
                #expect(metrics.contains(metric))
                try await lookAt(letter, site)

                // It is refused again as long as the table is the same.
                let answer = try await connector.http.post("/api/deadletters/retry", #"{"all":true}"#)
                #expect(answer.text == #"{"kept":0,"retried":1,"status":"ok"}"#)
                let again = try #require(try await letters(connector, count: 1).first)
                #expect(again["id"] != letter["id"])

                try await site.replaceTable()
                let last = try await connector.http.post("/api/deadletters/retry", #"{"all":true}"#)
                #expect(last.status == 200, "\(last.text)")
                try await site.service.waitForRows(1, in: EndToEnd.table)
                #expect(try await values(site.service) == ["poison"])
                #expect(try await letters(connector, count: 0).isEmpty)
                await connector.program.stop()
                let (ending, said) = try await site.command(["deadletters"])
                #expect(ending == .exited(code: 0) && said == "there are no dead letters\n")
            }
        }

        /// What the commands say of one letter while the connector runs.
        private func lookAt(_ letter: JSONValue, _ site: Site) async throws {
            let id = try #require(letter["id"].text)
            let (listed, line) = try await site.command(["deadletters", "ls"])
            #expect(listed == .exited(code: 0))
            #expect(line.hasPrefix("\(id) \(EndToEnd.table) ") && line.contains(" target press: "), "\(line)")
            let (printed, text) = try await site.command(["deadletters", "cat", id])
            #expect(printed == .exited(code: 0))
            let record = try JSONValue.parse(text)
            #expect(record["value"].text == "poison" && record["record_id"] == letter["record_id"])
            // Nothing of it can be read on the disk.
            let search = "grep -rl poison \(site.directory)/state || true"
            let (_, found) = try await run(Launch(name: "grep", path: "/bin/sh", arguments: ["-c", search]))
            #expect(found.isEmpty, "\(found)")
            for (words, hint) in [
                (["deadletters", "cat", "000000000000"], "there is no dead letter 000000000000"),
                (["deadletters", "retry", id], "is in use by process"),
                (["deadletters", "purge", "--all"], "is in use by process"),
                (["deadletters", "ls", "--lane", "other"], "there is no lane 'other'"),
                (["deadletters", "retry"], "name ids, or say --all"),
            ] {
                let (ending, said) = try await site.command(words)
                #expect(ending != .exited(code: 0) && said.contains(hint), "\(words): \(said)")
                #expect(said.split(separator: "\n").count == 1, "\(said)")
            }
        }

        @Test func aStoppedConnectorsLettersAreRetriedAndPurgedByCommand() async throws {
            try await withSite(replacing: "value_num DOUBLE", with: "value_num DOUBLE NOT NULL") { site in
                let first = try await site.connector()
                try await site.publish(["1", "\"first\"", "2", "\"second\"", "3"])
                let found = try await letters(first, count: 2)
                try await site.service.waitForRows(3, in: EndToEnd.table)
                await first.program.stop()

                let id = try #require(found.first?["id"].text)
                let (purged, deleted) = try await site.command(["deadletters", "purge", id])
                #expect(purged == .exited(code: 0) && deleted == "1 dead letters deleted\n")
                let (retried, said) = try await site.command(["deadletters", "retry", "--all"])
                #expect(retried == .exited(code: 0) && said == "1 records will be sent again at the next start\n")
                let (_, waiting) = try await site.command(["journal", "ls"])
                #expect(waiting.contains("1 records wait"), "\(waiting)")
                let (_, printed) = try await site.command(["journal", "cat"])
                #expect(try JSONValue.parse(printed)["value"].text == "second")
                let (verified, sound) = try await site.command(["journal", "verify"])
                #expect(verified == .exited(code: 0) && sound == "\(EndToEnd.table): 1 records can be read\n")

                try await site.replaceTable()
                let second = try await site.connector()
                try await site.service.waitForRows(1, in: EndToEnd.table)
                #expect(try await values(site.service) == ["second"])
                await second.program.stop()
            }
        }

        /// The table lacks a column that must be sent, or demands one that no record has: that is no matter of single
        /// rows, so nothing is given up.
        @Test(
            arguments: [
                ("another_name STRING", "[event_time, value, value_type, metadata]", "value_type"),
                ("value_type STRING, demanded STRING NOT NULL", "auto", "demanded"),
            ])
        func aRefusedSchemaPausesTheLaneUntilTheTableIsRight(
            column: String, sent: String, hint: String
        ) async throws {
            try await withSite(replacing: "value_type STRING", with: column, columns: sent) { site in
                let connector = try await site.connector()
                try await site.publish((0..<100).map(String.init))
                try await connector.program.whileAlive("the target says why") {
                    let target = try await connector.status()["target"]
                    let isWaiting = target["state"].text?.contains(hint) == true
                    return isWaiting && target["queue_depth"].integer == 100 ? () : nil
                }
                #expect(try await connector.http.json("/api/deadletters")["count"].integer == 0)
                try await site.replaceTable()
                try await site.service.waitForRows(100, in: EndToEnd.table)
                await connector.program.stop()
            }
        }
    }
}
