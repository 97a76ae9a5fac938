import TestKit
import Testing

extension EndToEnd {
    /// `dev/demo` as a newcomer runs it, on other ports.
    @Suite struct Demo {
        @Test func everySensorArrivesThroughEachProtocol() async throws {
            try await withTemporaryDirectory { directory in
                var environment = ["PENSTOCK_DEMO_DATA": directory + "/demo", "PENSTOCK_DEMO_SECONDS": "20"]
                for name in ["OPCUA", "MQTT", "MODBUS", "SIMULATOR", "GRPC", "TABLES", "WEB", "METRICS"] {
                    environment["PENSTOCK_DEMO_\(name)_PORT"] = "\(try FreePorts.next())"
                }
                let demo = Launch(
                    name: "demo", path: Workplace.repository + "/dev/demo", environment: environment,
                    directory: Workplace.repository)
                let (ending, output) = try await run(demo, within: .seconds(120))
                #expect(ending == .exited(code: 0), "\(output)")
                let rows = try await query(
                    """
                    SELECT protocol_type, count(DISTINCT topic_or_path) AS tags FROM \(EndToEnd.table) \
                    WHERE status = 'Good' GROUP BY 1 ORDER BY 1
                    """, data: directory + "/demo/tables")
                #expect(rows.map { $0["protocol_type"].text } == protocols)
                for row in rows { #expect((row["tags"].integer ?? 0) >= 17, "\(row)") }
            }
        }
    }
}
