import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// The layout of a target changes while rows of the old one wait.
    @Suite struct LayoutChange {
        private static let count = 200

        /// The rows that waited keep their lane: whoever changed the layout is told at the start and by `journal ls`, and
        /// when the layout is as it was they are delivered.
        @Test func rowsOfTheOldLayoutAreKeptNamedAndDelivered() async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    let (grpcPort, httpPort) = (try FreePorts.next(), try FreePorts.next())
                    func configuration(layout: String, topic: String) -> String {
                        """
                        sources:
                          - {name: press, endpoint: "\(broker.endpoint)", qos: 1, topics: ["\(topic)/#"]}
                        zerobus:
                          workspace_host: http://127.0.0.1:\(httpPort)
                          zerobus_endpoint: http://127.0.0.1:\(grpcPort)
                          auth: {client_id: a, client_secret: b}
                          default_target: {catalog: main, schema: plant, table: \(layout), layout: \(layout)}
                          retry: {initial_delay_ms: 100, max_delay_ms: 500}

                        """
                    }
                    // Nobody answers: everything stays in the journal of the lane.
                    let old = configuration(layout: "raw_events", topic: "plant")
                    try await withConnector(configuration: old, directory: directory) { connector in
                        try await waitUntilRunning(connector)
                        try await publish(broker, "plant")
                        try await connector.program.whileAlive("everything is in the journal") {
                            try await connector.status()["queue_depth"].integer == Int64(Self.count) ? () : nil
                        }
                        connector.program.kill()
                        _ = try await connector.program.waitForEnd()
                    }

                    let service = try await startTableService(
                        data: directory + "/tables", grpcPort: grpcPort, httpPort: httpPort)
                    let lane = "main.plant.raw_events"
                    let new = configuration(layout: "normalized_tags", topic: "other")
                    try await withConnector(configuration: new, directory: directory) { connector in
                        try await waitUntilRunning(connector)
                        try await publish(broker, "other")
                        try await service.waitForRows(Self.count, in: "main.plant.normalized_tags")
                        let output = connector.program.output
                        #expect(
                            output.contains("\(Self.count) records wait in the journal \(lane), and the configuration"),
                            "\(output)")
                        #expect(output.contains("they are kept and not sent"), "\(output)")
                    }
                    let (ending, listed) = try await run(
                        .program(
                            "penstock",
                            [
                                "journal", "ls", "--config", directory + "/penstock.yaml", "--state",
                                directory + "/state",
                            ]))
                    #expect(ending == .exited(code: 0))
                    #expect(listed.contains("\(lane): \(Self.count) records wait"), "\(listed)")
                    #expect(listed.contains("main.plant.normalized_tags.normalized_tags: 0 records wait"), "\(listed)")

                    try await withConnector(configuration: old, directory: directory) { _ in
                        try await service.waitForRows(Self.count, in: lane)
                    }
                    let rows = try await service.query(
                        "SELECT count(*) AS n, count(DISTINCT value_num) AS d FROM \(lane)")
                    #expect(rows.first?["n"].integer == Int64(Self.count))
                    #expect(rows.first?["d"].integer == Int64(Self.count))
                    await service.program.stop()
                }
            }
        }

        private func publish(_ broker: Mosquitto, _ topic: String) async throws {
            _ = try await runPeer(
                "Tests/Interop/peers/mqtt_publisher.py",
                [
                    "--port", "\(broker.port)", "--count", "\(Self.count)", "--qos", "1", "--topic", "\(topic)/value",
                    "--client", "publisher-\(topic)",
                ])
        }
    }
}
