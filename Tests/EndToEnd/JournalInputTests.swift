import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// What can be wrong with the place of the journal: one clear sentence, an exit code or a state, nothing lost.
    @Suite struct JournalInput {
        private static let count = 300

        /// A source of numbered messages, and a table that is reached or not.
        private func configuration(_ broker: Mosquitto, grpcPort: Int, httpPort: Int) -> String {
            """
            sources:
              - name: press
                endpoint: \(broker.endpoint)
                qos: 1
                topics: ["plant/#"]
                reconnect: {initial_delay_ms: 100, max_delay_ms: 500}
            backpressure: {disk_spool: {max_size_mb: 16}}
            zerobus:
              workspace_host: http://127.0.0.1:\(httpPort)
              zerobus_endpoint: http://127.0.0.1:\(grpcPort)
              auth: {client_id: a, client_secret: b}
              default_target: {catalog: main, schema: plant, table: raw_events}
              retry: {initial_delay_ms: 100, max_delay_ms: 500}

            """
        }

        private func publish(_ count: Int, from first: Int, _ broker: Mosquitto) async throws {
            let (ending, output) = try await run(
                .peer(
                    "Tests/Interop/peers/mqtt_publisher.py",
                    ["--port", "\(broker.port)", "--count", "\(count)", "--qos", "1", "--first", "\(first)"]))
            try #require(ending == .exited(code: 0), "\(output)")
        }

        private func distinctRows(_ service: TableService) async throws -> Int64 {
            guard try await service.count(EndToEnd.table) > 0 else { return 0 }
            let rows = try await service.query(
                "SELECT count(DISTINCT event_time) AS n FROM \(EndToEnd.table) WHERE status = 'Good'")
            return rows.first?["n"].integer ?? 0
        }

        private func runOnce(_ directory: String) async throws -> (Ending, String) {
            try await run(
                .program(
                    "penstock",
                    [
                        "run", "--config", directory + "/penstock.yaml", "--state", directory + "/state", "--web-port",
                        "0", "--metrics-port", "0",
                    ]))
        }

        @Test func aDirectoryThatCannotBeMadeIsOneClearLine() async throws {
            try await withTemporaryDirectory { directory in
                try write(
                    "backpressure: {disk_spool: {directory: /dev/null/journal}}\n", to: directory + "/penstock.yaml")
                let (ending, output) = try await runOnce(directory)
                #expect(ending == .exited(code: 1))
                let last = output.split(separator: "\n").last ?? ""
                #expect(last.hasPrefix("penstock: cannot create the directory /dev/null/journal"), "\(output)")
                #expect(last.contains("Not a directory") && last.contains("state_directory"), "\(output)")
            }
        }

        /// Fills a journal while the table cannot be reached, spoils something, sees the connector refuse it, repairs it
        /// and sees every message arrive.
        private func refused(
            _ hints: [String], spoil: (String) throws -> Void, repair: (String) throws -> Void
        ) async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    let (grpcPort, httpPort) = (try FreePorts.next(), try FreePorts.next())
                    let configuration = configuration(broker, grpcPort: grpcPort, httpPort: httpPort)
                    let first = try await startConnector(configuration: configuration, directory: directory)
                    try await waitUntilRunning(first)
                    try await publish(Self.count, from: 0, broker)
                    try await first.program.whileAlive("everything is in the journal") {
                        try await first.status()["queue_depth"].integer == Int64(Self.count) ? () : nil
                    }
                    first.program.kill()
                    _ = try await first.program.waitForEnd()

                    try spoil(directory + "/state")
                    let (ending, output) = try await runOnce(directory)
                    #expect(ending == .exited(code: 1))
                    for hint in hints { #expect(output.contains(hint), "\(output)") }
                    let (listed, said) = try await run(
                        .program("penstock", ["journal", "ls", "--state", directory + "/state"]))
                    #expect(listed == .exited(code: 1) && said.split(separator: "\n").count == 1, "\(said)")
                    for hint in hints { #expect(said.contains(hint), "\(said)") }
                    try repair(directory + "/state")

                    let service = try await startTableService(
                        data: directory + "/tables", grpcPort: grpcPort, httpPort: httpPort)
                    let second = try await startConnector(configuration: configuration, directory: directory)
                    try await service.waitForRows(Self.count, in: EndToEnd.table)
                    #expect(try await distinctRows(service) == Int64(Self.count))
                    await second.program.stop()
                    await service.program.stop()
                }
            }
        }

        @Test func anotherKeyIsRefusedAndTheRightOneReadsEverything() async throws {
            let files = FileManager.default
            try await refused(["is sealed with the key", "data.keys", "put the key file back"]) { state in
                try files.moveItem(atPath: state + "/keys", toPath: state + "/keys.aside")
            } repair: { state in
                // A key of its own would only hide that the right one is missing.
                #expect(!files.fileExists(atPath: state + "/keys"))
                try files.moveItem(atPath: state + "/keys.aside", toPath: state + "/keys")
            }
        }

        @Test func aSegmentOfANewerVersionIsRefusedAndLeftAlone() async throws {
            func setVersion(_ version: UInt8, _ state: String) throws {
                let path = "\(state)/journal/\(EndToEnd.table)/segment-0000000000000001"
                var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
                for copy in [0, 512] {
                    bytes[copy + 8] = version
                    let sum = Self.checksum(bytes[copy..<copy + 508])
                    for index in 0..<4 { bytes[copy + 508 + index] = UInt8(truncatingIfNeeded: sum >> (8 * index)) }
                }
                try Data(bytes).write(to: URL(fileURLWithPath: path))
            }
            try await refused(
                ["segment-0000000000000001 has format 2", "this program knows format 1", "run the newer program"]
            ) {
                try setVersion(2, $0)
            } repair: {
                try setVersion(1, $0)
            }
        }

        /// CRC-32C.
        private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
            var sum = ~UInt32(0)
            for byte in bytes {
                sum ^= UInt32(byte)
                for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0x82F6_3B78 }
            }
            return ~sum
        }

        /// Files may not grow beyond a limit that is lifted later: the same to the connector as a disk that is full, and
        /// no file system needs to be mounted for it.
        @Test func aFullDiskIsAStateThatPassesByItself() async throws {
            try await withTemporaryDirectory { directory in
                try await withMosquitto { broker in
                    try await withTableService(data: directory + "/tables") { service in
                        let configuration = configuration(
                            broker, grpcPort: service.grpcPort, httpPort: service.httpPort)
                        let connector = try await startLimited(configuration, directory)
                        try await waitUntilRunning(connector)
                        try await publish(Self.count, from: 0, broker)
                        try await connector.program.whileAlive("the journal says that it is full") {
                            let reason = try await connector.status()["target"]["reason"].text ?? ""
                            return reason.contains("journal fails") && reason.contains("free space") ? () : nil
                        }
                        let ready = try await connector.http.get("/health/ready")
                        #expect(ready.status == 503 && ready.text.contains("File too large"), "\(ready.text)")
                        #expect(try await connector.http.json("/health")["status"].text == "unhealthy")
                        #expect(try await connector.http.get("/health/live").status == 200)
                        #expect(try await service.count(EndToEnd.table) == 0)

                        try await limit(connector, to: "unlimited")
                        try await service.waitForRows(Self.count, in: EndToEnd.table)
                        try await connector.program.whileAlive("it is ready again") {
                            try await connector.http.get("/health/ready").status == 200 ? () : nil
                        }
                        // Once more in mid-run: the segment that is written now cannot be followed by another.
                        try await limit(connector, to: "1024")
                        try await publish(Self.count, from: Self.count, broker)
                        try await connector.program.whileAlive("the journal is full once more") {
                            try await connector.http.get("/health/ready").status == 503 ? () : nil
                        }
                        try await limit(connector, to: "unlimited")
                        try await connector.program.whileAlive("everything has arrived") {
                            try await distinctRows(service) == Int64(2 * Self.count) ? () : nil
                        }
                        await connector.program.stop()
                    }
                }
            }
        }

        private func startLimited(_ configuration: String, _ directory: String) async throws -> Connector {
            let file = directory + "/penstock.yaml"
            try write(configuration, to: file)
            let (webPort, metricsPort) = (try FreePorts.next(), try FreePorts.next())
            let line =
                "trap '' XFSZ; exec prlimit --fsize=262144:unlimited \(try Workplace.program("penstock")) run "
                + "--config \(file) --state \(directory)/state --web-port \(webPort) --metrics-port \(metricsPort)"
            let program = try start(Launch(name: "penstock", path: "/bin/sh", arguments: ["-c", line]))
            let connector = Connector(
                webPort: webPort, metricsPort: metricsPort, state: directory + "/state", program: program)
            try await program.whileAlive("penstock is ready") {
                try await connector.http.get("/health/ready").status == 200 ? () : nil
            }
            return connector
        }

        private func limit(_ connector: Connector, to bytes: String) async throws {
            let (ending, output) = try await run(
                Launch(
                    name: "prlimit", path: try Workplace.systemProgram("prlimit"),
                    arguments: ["--pid", "\(connector.program.processIdentifier)", "--fsize=\(bytes):unlimited"]))
            try #require(ending == .exited(code: 0), "\(output)")
        }
    }
}
