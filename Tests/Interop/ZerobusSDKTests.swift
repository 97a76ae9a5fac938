import Foundation
import TestKit
import Testing

extension ForeignPeers {
    /// The official Zerobus SDK ingesting into `zerobus-local`.
    @Suite struct ZerobusSDK {
        private static let rows = 10_000

        /// A way to send: record format and rows per call.
        private static let ways: [(format: String, batch: Int)] = [
            ("protobuf", 1), ("protobuf", 100), ("json", 1), ("json", 100),
        ]

        @Test(arguments: ways) func theOfficialSDKIngests(format: String, batch: Int) async throws {
            try await withTemporaryDirectory { directory in
                try await withTableService(data: directory + "/tables") { service in
                    let table = "main.peer.\(format)_\(batch)"
                    if format == "json" {
                        // JSON rows bring no description with them: the table is declared first.
                        try await declare(table, service)
                    }
                    let sent = try await runPeer(
                        "Tests/Interop/peers/zerobus_ingest.py",
                        [
                            "--endpoint", service.grpcEndpoint, "--workspace", service.workspace, "--table", table,
                            "--format", format, "--batch", "\(batch)", "--rows", "\(Self.rows)",
                        ])
                    #expect(sent["sent"].integer == Int64(Self.rows))
                    #expect(sent["last_offset"].integer == Int64(Self.rows / batch - 1))
                    #expect(sent["unacknowledged"].integer == 0)

                    #expect(try await service.count(table) == Self.rows)
                    let rows = try await service.rows(table, limit: Self.rows, order: "number")
                    #expect(rows.count == Self.rows)
                    for (index, row) in rows.enumerated() where row != expectedRow(index) {
                        #expect(row == expectedRow(index), "row \(index)")
                        break
                    }
                    let first = try await service.rows(table, limit: 3)
                    #expect(first.map { $0["number"].integer } == [0, 1, 2], "insertion order by default")
                    let last = try await service.rows(table, limit: 2, order: "-number")
                    #expect(last.map { $0["number"].integer } == [Int64(Self.rows - 1), Int64(Self.rows - 2)])
                    let asked = try await service.query("SELECT count(*) AS n, max(value_num) AS m FROM \(table)")
                    #expect(asked.first?["n"].integer == Int64(Self.rows))
                    #expect(asked.first?["m"].double == Double(Self.rows - 2) / 8 - 100)
                }
            }
        }

        private func declare(_ table: String, _ service: TableService) async throws {
            let answer = try await service.http.post(
                "/tables",
                """
                CREATE TABLE \(table) (number BIGINT, event_time TIMESTAMP, tag STRING, value_num DOUBLE,
                  quality INT, running BOOLEAN, payload BINARY, metadata MAP<STRING, STRING>)
                """, contentType: "application/sql")
            #expect((200..<300).contains(answer.status), "\(answer.text)")
        }

        /// Row `index` as the peer script makes it and the service shows it: times as integers, bytes in base64.
        private func expectedRow(_ index: Int) -> JSONValue {
            .object([
                "number": .integer(Int64(index)),
                "event_time": .integer(1_700_000_000_000_000 + Int64(index) * 1_000),
                "tag": .string("plant/pump" + String(format: "%03d", index % 20) + "/flöw"),
                "value_num": index % 10 == 9 ? .null : numberValue(Double(index) / 8 - 100),
                "quality": .integer(index % 3 == 0 ? 0 : 192),
                "running": .bool(index % 2 == 1),
                "payload": .string(Data([UInt8(index % 256), 0, 255]).base64EncodedString()),
                "metadata": .object(["unit": .string("m3/h"), "n": .string("\(index)")]),
            ])
        }

        /// As JSON is read here: a number without a fraction is an integer.
        private func numberValue(_ value: Double) -> JSONValue {
            value == value.rounded() ? .integer(Int64(value)) : .number(value)
        }
    }
}
