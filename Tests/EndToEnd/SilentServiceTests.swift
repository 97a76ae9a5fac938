import TestKit
import Testing

extension EndToEnd {
    /// A service that stores what it gets and never says so, and then comes to its senses.
    @Suite struct SilentService {
        private static let count = 100

        /// The stream without acknowledgements is given up when its time is over, what it carried goes out once more on
        /// the next one, and nothing is lost.
        @Test func aStreamWithoutAcknowledgementsIsMadeAnew() async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    let drill = ["--ack-never", "--drill-streams", "2"]
                    try await withTableService(data: directory + "/tables", arguments: drill) { service in
                        let configuration =
                            """
                            sources:
                              - {name: press, endpoint: "\(broker.endpoint)", qos: 1, topics: ["plant/#"]}

                            """ + zerobusSettings(service)
                                + """
                                  stream: {server_lack_of_ack_timeout_ms: 1500}
                                  retry: {initial_delay_ms: 100, max_delay_ms: 200}

                                """
                        try await withConnector(configuration: configuration, directory: directory) { connector in
                            try await waitUntilRunning(connector)
                            _ = try await runPeer(
                                "Tests/Interop/peers/mqtt_publisher.py",
                                ["--port", "\(broker.port)", "--count", "\(Self.count)", "--qos", "1"])
                            // Stored at once, and once more with each stream.
                            try await service.waitForRows(Self.count, in: EndToEnd.table)
                            #expect(try await connector.status()["records_acknowledged"].integer == 0)
                            try await service.waitForRows(3 * Self.count, in: EndToEnd.table)
                            try await connector.program.whileAlive("everything is acknowledged") {
                                try await connector.status()["records_acknowledged"].integer == Int64(Self.count)
                                    ? () : nil
                            }
                            #expect(connector.program.output.contains("no acknowledgement for 1.5 seconds"))
                        }
                        let identity = "json_extract(metadata, '$.record_id')"
                        let rows = try await service.query(
                            "SELECT count(*) AS n, count(DISTINCT \(identity)) AS d, count(DISTINCT value_num) AS v "
                                + "FROM \(EndToEnd.table)")
                        // Duplicates of the first kind: each row has one identity, however often it was sent.
                        #expect(rows.first?["n"].integer == Int64(3 * Self.count))
                        #expect(rows.first?["d"].integer == Int64(Self.count))
                        #expect(rows.first?["v"].integer == Int64(Self.count))
                        let streams = try await service.http.json("/streams")["streams"].array
                        #expect(streams.count == 3 && streams.prefix(2).allSatisfy { $0["acknowledged"].integer == -1 })
                    }
                }
            }
        }
    }
}
