import TestKit
import Testing

extension EndToEnd {
    /// The circuit breaker of a target, walked all the way round.
    @Suite struct Breaker {
        @Test func theBreakerGoesFromClosedToOpenToHalfOpenToClosed() async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    let tables = directory + "/tables"
                    let first = try await startTableService(data: tables)
                    let configuration =
                        """
                        sources:
                          - name: numbered
                            endpoint: \(broker.endpoint)
                            qos: 1
                            topics: ["plant/#"]

                        """ + zerobusSettings(first)
                            + """
                              retry: {initial_delay_ms: 50, max_delay_ms: 100}
                              circuit_breaker: {failure_threshold: 3, open_seconds: 1, success_threshold: 2}

                            """
                    try await withConnector(configuration: configuration, directory: directory) { connector in
                        try await waitUntilRunning(connector)
                        try await publish(broker, from: 0)
                        try await first.waitForRows(50, in: EndToEnd.table)
                        try await show("closed", 0, connector)

                        first.program.kill()
                        _ = try await first.program.waitForEnd()
                        try await show("open", 1, connector)
                        // What comes meanwhile is safe; what is probed meanwhile opens it again.
                        let failures = try await connector.status()["targets"].array.first
                        #expect(failures?["circuit_breaker_state"].text != nil)

                        let second = try await startTableService(
                            data: tables, grpcPort: first.grpcPort, httpPort: first.httpPort)
                        // A stream is open; nothing was acknowledged on it yet.
                        try await show("half_open", 2, connector)
                        try await publish(broker, from: 50)
                        try await second.waitForRows(100, in: EndToEnd.table)
                        try await show("closed", 0, connector)
                        await second.program.stop()
                    }
                }
            }
        }

        /// Waits until status, health and metric tell the same state.
        private func show(_ word: String, _ number: Int, _ connector: Connector) async throws {
            let sample = "connector_circuit_breaker_state{target=\"\(EndToEnd.table)\"} \(number)"
            try await connector.program.whileAlive("the breaker is \(word)") {
                let status = try await connector.status()
                let health = try await connector.http.json("/health")
                let metrics = try await connector.metrics.get("/metrics").text
                let all = [
                    status["circuit_breaker_state"].text, health["zerobus"]["circuit_breaker_state"].text,
                    status["targets"].array.first?["circuit_breaker_state"].text,
                ]
                return all.allSatisfy { $0 == word } && metrics.contains(sample) ? () : nil
            }
        }

        private func publish(_ broker: Mosquitto, from first: Int) async throws {
            _ = try await runPeer(
                "Tests/Interop/peers/mqtt_publisher.py",
                ["--port", "\(broker.port)", "--first", "\(first)", "--count", "50", "--qos", "1"])
        }
    }
}
