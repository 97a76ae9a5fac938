import TestKit
import Testing

extension ForeignPeers {
    /// `penstock` on asyncua's server.
    @Suite struct ConnectorOPCUA {
        private static let types = [
            "Boolean", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float", "Double",
            "String",
        ]
        private static let table = "main.plant.raw_events"

        @Test func everyBuiltInTypeArrivesFromNamedNodes() async throws {
            // One node that the server does not have stops none of the others.
            let nodes = (Self.types + ["NoSuchType"]).map { "      - \"ns=2;s=plant/\($0)\"" }.joined(separator: "\n")
            try await check(nodes: "    nodes:\n\(nodes)\n")
        }

        @Test func everyBuiltInTypeArrivesFromBrowsing() async throws {
            try await check(nodes: "")
        }

        private func check(nodes: String) async throws {
            try await withTemporaryDirectory { directory in
                let port = try FreePorts.next()
                let peer = try start(.peer("Tests/Interop/peers/opcua_server.py", ["--port", "\(port)"]))
                _ = try await peer.line(containing: "ready")
                try await withTableService(data: directory + "/tables") { service in
                    let configuration = """
                        sources:
                          - name: peer
                            endpoint: opc.tcp://127.0.0.1:\(port)/peer/
                            publishing_interval_ms: 100
                        \(nodes)
                        """
                    try await withConnector(
                        configuration: configuration + zerobusSettings(service), directory: directory
                    ) { connector in
                        try await service.waitForRows(Self.types.count * 15, in: Self.table)
                        peer.terminate()
                        let last = try #require(try await result(of: peer)["last"].integer)
                        try await connector.program.whileAlive("the last step of every type") {
                            let rows = try await goodRows(of: service)
                            let latest = Dictionary(grouping: rows, by: \.type).mapValues { $0.map(\.step).max() ?? 0 }
                            return latest.count == Self.types.count && latest.values.allSatisfy { $0 == last }
                                ? () : nil
                        }
                    }
                    try judge(try await goodRows(of: service))
                }
            }
        }

        private struct Row {
            var type: String
            var step: Int64
            var json: JSONValue
        }

        /// Rows that carry a value of the peer; those about the link itself have no value.
        private func goodRows(of service: TableService) async throws -> [Row] {
            try await service.rows(Self.table, limit: 100_000).compactMap { row in
                guard let status = row["status"].text, status == "Good" || status.hasPrefix("Uncertain") else {
                    return nil
                }
                let node = try #require(row["metadata"]["node_id"].text)
                let since = try #require(row["event_time"].integer) - 1_700_000_000_000_000
                try #require(since % 1_001 == 0, "the source time of \(node) is not one that the server gave")
                return Row(
                    type: node.split(separator: "/").last.map(String.init) ?? node, step: since / 1_001, json: row)
            }
        }

        /// Compares each row with the rule by which the peer makes its values.
        private func judge(_ rows: [Row]) throws {
            #expect(Set(rows.map(\.type)) == Set(Self.types))
            for row in rows {
                let (type, step, json) = (row.type, row.step, row.json)
                let signed = Double(step % 2 == 0 ? step % 100 : -(step % 100))
                let number: Double? =
                    switch type {
                    case "Boolean": Double(step % 2)
                    case "SByte", "Int16", "Int32", "Int64": signed
                    case "Byte", "UInt16", "UInt32", "UInt64": Double(step % 200)
                    case "Float": Double(step) * 0.25
                    case "Double": Double(step) / 7
                    default: nil
                    }
                #expect(json["value_num"].double == number, "\(type) at step \(step)")
                if type == "String" { #expect(json["value"].text == "step \(step) – ünïcode") }
                #expect(json["value_type"].text == type)
                #expect(json["status"].text == (step % 7 == 0 ? "UncertainLastUsableValue" : "Good"))
                #expect(json["status_code"].integer == (step % 7 == 0 ? 0x4090_0000 : 0))
                #expect(json["source_name"].text == "peer")
                #expect(json["protocol_type"].text == "opcua")
            }
            for (type, ofType) in Dictionary(grouping: rows, by: \.type) {
                #expect(ofType.map(\.step) == ofType.map(\.step).sorted(), "\(type) in order")
            }
        }
    }
}
