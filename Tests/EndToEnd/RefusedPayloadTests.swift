import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// Payloads of which no reading could be made, and can when the configuration says how.
    @Suite struct RefusedPayloads {
        private static func configuration(_ broker: Mosquitto, _ service: TableService, payload: String) -> String {
            """
            sources:
              - name: press
                endpoint: \(broker.endpoint)
                qos: 1
                topics: ["hall/#"]
                payload: \(payload)

            """ + zerobusSettings(service)
        }

        @Test func retriedAfterAChangeOfTheConfigurationTheyBecomeRows() async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    try await withTableService(data: directory + "/tables") { service in
                        let json = Self.configuration(broker, service, payload: "json")
                        try await withConnector(configuration: json, directory: directory) { connector in
                            try await waitUntilRunning(connector)
                            try await publish(["1", "RUNNING", "2", "STOPPED"], broker)
                            try await service.waitForRows(2, in: EndToEnd.table)
                            let letters = try await letters(connector, count: 2)
                            #expect(
                                letters.allSatisfy { $0["stage"].text == "payload" && $0["source"].text == "press" })

                            // As long as they are to be JSON they are refused again.
                            try await retry(connector)
                            _ = try await self.letters(connector, count: 2)
                            #expect(try await service.count(EndToEnd.table) == 2)

                            try write(
                                Self.configuration(broker, service, payload: "text"), to: directory + "/penstock.yaml")
                            connector.program.send(signal: SIGHUP)
                            try await connector.program.whileAlive("the new configuration") {
                                connector.program.output.contains("configuration read again") ? () : nil
                            }
                            try await waitUntilRunning(connector)
                            try await retry(connector)
                            try await service.waitForRows(4, in: EndToEnd.table)
                            #expect(try await self.letters(connector, count: 0).isEmpty)
                            await connector.program.stop()
                        }
                        let rows = try await service.rows(EndToEnd.table, limit: 10)
                        #expect(rows.map { $0["value"].text } == ["1", "2", "RUNNING", "STOPPED"])
                        #expect(rows.allSatisfy { $0["topic_or_path"].text == "hall/state" })
                        // They keep the time at which they came.
                        let times = rows.compactMap { $0["event_time"].integer }
                        #expect(times.count == 4 && times[2] <= times[1] + 1_000_000)
                    }
                }
            }
        }

        private func retry(_ connector: Connector) async throws {
            let answer = try await connector.http.post("/api/deadletters/retry", #"{"all":true}"#)
            #expect(answer.text == #"{"kept":0,"retried":2,"status":"ok"}"#)
        }

        private func letters(_ connector: Connector, count: Int64) async throws -> [JSONValue] {
            try await connector.program.whileAlive("\(count) dead letters") {
                let list = try await connector.http.json("/api/deadletters")
                return list["count"].integer == count ? list["deadletters"].array : nil
            }
        }

        private func publish(_ values: [String], _ broker: Mosquitto) async throws {
            let publisher = try Workplace.systemProgram("mosquitto_pub")
            let text = values.joined(separator: "\\n")
            let line = "printf '\(text)\\n' | \(publisher) -p \(broker.port) -t hall/state -q 1 -l"
            let (ending, output) = try await run(Launch(name: "publish", path: "/bin/sh", arguments: ["-c", line]))
            try #require(ending == .exited(code: 0), "\(output)")
        }
    }
}
