import TestKit
import Testing

extension EndToEnd {
    /// A service that ends its streams and lets its tokens expire, as the real one does, only faster.
    @Suite struct Rotation {
        /// Streams last a second, tokens two: nothing is lost, nothing comes twice, and nobody is alarmed.
        @Test func rotationIsNeitherAGapNorAnAlarm() async throws {
            try await withTemporaryDirectory { directory in
                let drill = ["--close-after", "1", "--close-grace", "2", "--expire-tokens", "2", "--ack-delay", "20"]
                try await withTableService(data: directory + "/tables", arguments: drill) { service in
                    try await withSimulator { simulator in
                        // The same plant by three roads: its paths collide, which is an alarm of another kind.
                        let paths = "normalization: {enabled: false}\n"
                        let configuration = try await plantSources(simulator) + zerobusSettings(service) + paths
                        let connector = try await startConnector(configuration: configuration, directory: directory)
                        try await connector.program.whileAlive("eight streams") {
                            try await service.http.json("/streams")["count"].integer ?? 0 >= 8 ? () : nil
                        }
                        let metrics = try await connector.metrics.get("/metrics").text
                        connector.program.terminate()
                        #expect(try await connector.program.waitForEnd() == .exited(code: 0))
                        // The first start makes a data key and says where it is.
                        let alarms = connector.program.output.split(separator: "\n").filter {
                            ($0.contains("warning") || $0.contains("error")) && !$0.contains("a new data key")
                        }
                        #expect(alarms.isEmpty)
                        #expect(!metrics.contains("connector_errors_total{error_type=\"target\"} 1"))
                        let identity = "json_extract(metadata, '$.record_id')"
                        let counted = try await service.query(
                            "SELECT count(*) AS n, count(DISTINCT \(identity)) AS d FROM \(EndToEnd.table)")
                        #expect(counted.first?["n"].integer ?? 0 > 100)
                        #expect(counted.first?["n"].integer == counted.first?["d"].integer)
                        let ends = try await service.http.json("/streams")["streams"].array
                        #expect(ends.allSatisfy { $0["end"].text == "OK" }, "\(ends)")
                    }
                }
            }
        }
    }
}
