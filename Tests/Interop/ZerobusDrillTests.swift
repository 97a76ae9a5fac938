import Foundation
import TestKit
import Testing

extension ForeignPeers {
    /// The official Zerobus SDK against a `zerobus-local` that misbehaves or speaks TLS.
    @Suite struct ZerobusDrills {
        private static let rows = 4000

        /// Runs `serve` with its own switches; TLS keeps the kit's plain HTTP from asking, so its lines are waited for.
        private func withService(
            data: String, _ switches: [String], _ body: (_ grpc: Int, _ http: Int) async throws -> Void
        ) async throws {
            let (grpc, http) = (try FreePorts.next(), try FreePorts.next())
            let arguments = ["serve", "--grpc-port", "\(grpc)", "--http-port", "\(http)", "--data", data] + switches
            try await withProgram(.program("zerobus-local", arguments)) { program in
                try await program.whileAlive("zerobus-local listens") { program.output.contains("data in") ? () : nil }
                try await body(grpc, http)
            }
        }

        private func ingest(
            _ grpc: String, _ http: String, _ table: String, _ more: [String], environment: [String: String] = [:]
        ) async throws -> JSONValue {
            try await runPeer(
                "Tests/Interop/peers/zerobus_ingest.py",
                ["--endpoint", grpc, "--workspace", http, "--table", table, "--rows", "\(Self.rows)"] + more,
                environment: environment)
        }

        @Test(arguments: ["protobuf", "json"]) func overTLSWithAPrivateAuthority(format: String) async throws {
            try await withTemporaryDirectory { directory in
                let certificates = directory + "/certificates"
                _ = try await runPeer("Tests/Interop/peers/private_authority.py", [certificates])
                let switches = [
                    "--tls-cert", certificates + "/server.pem", "--tls-key", certificates + "/server.key",
                ]
                let data = directory + "/tables"
                try await withService(data: data, switches) { grpc, http in
                    for batch in [1, 100] {
                        let table = "main.tls.\(format)_\(batch)"
                        let sent = try await ingest(
                            "https://localhost:\(grpc)", "https://localhost:\(http)", table,
                            ["--format", format, "--batch", "\(batch)"],
                            environment: ["SSL_CERT_FILE": certificates + "/ca.pem"])
                        #expect(sent["sent"].integer == Int64(Self.rows))
                        let counted = try await query("SELECT count(*) AS n FROM \(table)", data: data)
                        #expect(counted.first?["n"].integer == Int64(Self.rows))
                    }
                }
            }
        }

        /// Three streams die one after the other; the SDK opens the next and sends again what was not acknowledged.
        @Test(arguments: ["protobuf", "json"]) func theSDKRecoversFromStreamsThatDie(format: String) async throws {
            try await withTemporaryDirectory { directory in
                let data = directory + "/tables"
                let switches = ["--die-at", "9", "--drill-streams", "3", "--ack-delay", "5"]
                try await withService(data: data, switches) { grpc, http in
                    let table = "main.drill.\(format)"
                    let sent = try await ingest(
                        "http://127.0.0.1:\(grpc)", "http://127.0.0.1:\(http)", table,
                        ["--format", format, "--batch", "100", "--recovery"])
                    #expect(sent["unacknowledged"].integer == 0)
                    let counted = try await query(
                        "SELECT count(*) AS n, count(DISTINCT number) AS d FROM \(table)", data: data)
                    #expect(counted.first?["d"].integer == Int64(Self.rows))
                    let streams = try await LocalHTTP(port: http).json("/streams")
                    #expect(streams["count"].integer == 4)
                    let ends = streams["streams"].array.map { $0["end"].text ?? "" }
                    #expect(ends.filter { $0.contains("--die-at") }.count == 3)
                }
            }
        }
    }
}
