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
                        numberedSource(broker) + zerobusSettings(first)
                            + """
                              retry: {initial_delay_ms: 50, max_delay_ms: 100}
                              circuit_breaker: {failure_threshold: 3, open_seconds: 1, success_threshold: 2}

                            """
                    try await withConnector(configuration: configuration, directory: directory) { connector in
                        try await waitUntilRunning(connector)
                        let walk = await Walk(connector)
                        try await publish(broker, from: 0)
                        try await first.waitForRows(50, in: EndToEnd.table)
                        try await show("closed", 0, connector)

                        first.program.kill()
                        _ = try await first.program.waitForEnd()
                        try await show("open", 1, connector)
                        let second = try await startTableService(
                            data: tables, grpcPort: first.grpcPort, httpPort: first.httpPort)
                        // A stream is open; nothing was acknowledged on it yet.
                        try await show("half_open", 2, connector)
                        try await publish(broker, from: 50)
                        try await second.waitForRows(100, in: EndToEnd.table)
                        try await show("closed", 0, connector)
                        let words = try await walk.end()
                        #expect(words.first == "closed" && words.last == "closed", "\(words)")
                        let steps = zip(words, words.dropFirst()).map { "\($0) → \($1)" }
                        let allowed: Set = [
                            "closed → open", "open → half_open", "half_open → open", "half_open → closed",
                        ]
                        #expect(Set(steps).isSubset(of: allowed), "\(words)")
                        #expect(steps.count { $0 == "closed → open" } == 1, "\(words)")
                        await second.program.stop()
                    }
                }
            }
        }

        /// Every state that the API shows, one after the other.
        private actor Walk {
            private var words: [String] = []
            private var isOver = false
            private var reading: Task<Void, any Error>?

            init(_ connector: Connector) async {
                reading = Task {
                    while !isOver {
                        let word = try await connector.status()["circuit_breaker_state"].text ?? "none"
                        if words.last != word { words.append(word) }
                    }
                }
            }

            func end() async throws -> [String] {
                isOver = true
                try await reading?.value
                return words
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
