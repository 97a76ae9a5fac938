import Foundation
import TestKit
import Testing

extension ForeignPeers {
    /// `penstock` on asyncua's server with structures, enumerations, arrays, units and a tree that changes.
    @Suite struct ConnectorOPCUAModel {
        private static let table = "main.plant.raw_events"

        private func withPeer(
            nodes: Int = 0, source: String, _ body: (RunningProgram, TableService, Connector) async throws -> Void
        ) async throws {
            try await withTemporaryDirectory { directory in
                let port = try FreePorts.next()
                let script = try Launch.peer(
                    "Tests/Interop/peers/opcua_model_server.py", ["--port", "\(port)", "--nodes", "\(nodes)"])
                try await withProgram(script) { peer in
                    _ = try await peer.line(containing: "ready")
                    try await withTableService(data: directory + "/tables") { service in
                        let configuration = """
                            sources:
                              - name: peer
                                endpoint: opc.tcp://127.0.0.1:\(port)/peer/
                                publishing_interval_ms: 100
                            \(source)

                            """
                        try await withConnector(
                            configuration: configuration + zerobusSettings(service), directory: directory
                        ) { try await body(peer, service, $0) }
                    }
                }
            }
        }

        /// The last row of each address.
        private func latest(_ service: TableService) async throws -> [String: JSONValue] {
            var latest: [String: JSONValue] = [:]
            for row in try await service.rows(Self.table, limit: 100_000) {
                latest[try #require(row["topic_or_path"].text)] = row
            }
            return latest
        }

        @Test func everyKindOfValueIsReadable() async throws {
            let source = """
                    expand_arrays: true
                    exclude: ["**/power.*"]
                """
            try await withPeer(source: source) { _, service, connector in
                let expected: [(address: String, text: String, number: Double?, type: String)] = [
                    ("model/mode", "Running", 2, "Int32"),
                    (
                        "model/machine",
                        #"{"Name":"press","Position":{"X":1.5,"Y":-2.0},"Mode":"Running","Counts":[1,2],"Comment":"ok"}"#,
                        nil, "ExtensionObject"
                    ),
                    (
                        "model/machines[1]", #"{"Name":"drill","Position":{"X":0.0,"Y":0.0},"Mode":"Off","Counts":[]}"#,
                        nil, "ExtensionObject"
                    ),
                    ("model/vector", "[1.5,2.5]", nil, "Double"), ("model/vector[1]", "2.5", 2.5, "Double"),
                    ("model/matrix", "[[1,2,3],[4,5,6]]", nil, "Int32"), ("model/matrix[1][2]", "6", 6, "Int32"),
                    ("model/nan", "NaN", nil, "Double"), ("model/infinite", "-Infinity", nil, "Float"),
                    ("model/bytes", "AQL/", nil, "ByteString"), ("model/text", "Störung", nil, "LocalizedText"),
                    ("model/old", "1969-07-20T20:17:00.000000Z", nil, "DateTime"),
                    ("model/name", "3:q", nil, "QualifiedName"), ("model/node", "ns=3;s=x", nil, "NodeId"),
                    ("model/mixed", #"[1,"b"]"#, nil, "Variant"),
                    ("model/power", "12.5", 12.5, "Double"), ("model/state", "Open", 1, "UInt32"),
                ]
                try await service.waitForRows(expected.count, in: Self.table)
                try await connector.program.whileAlive("all values") {
                    try await latest(service)["model/mixed"] != nil ? () : nil
                }
                let rows = try await latest(service)
                for (address, text, number, type) in expected {
                    let row = try #require(rows[address], "\(address) is missing")
                    #expect(row["value"].text == text, "\(address)")
                    #expect(row["value_num"].double == number, "\(address)")
                    #expect(row["value_type"].text == type, "\(address)")
                    #expect(row["status"].text == "Good", "\(address)")
                }
                let power = try #require(rows["model/power"])["metadata"]
                #expect(power["unit"].text == "kW" && power["eu_low"].text == "0.0" && power["eu_high"].text == "50.0")
            }
        }

        @Test func nodesByURIPathAndRecursionAreRead() async throws {
            let source = """
                    nodes:
                      - "nsu=urn:peer:model;s=model/power"
                      - /Objects/model/vector
                      - {browse_path: "/Objects/nsu=urn:peer:model;shelf100", recursive: true}
                      - "nsu=urn:peer:nowhere;s=x"
                """
            try await withPeer(nodes: 150, source: source) { _, service, connector in
                try await service.waitForRows(53, in: Self.table)
                let rows = try await latest(service)
                #expect(rows["model/power"]?["value"].text == "12.5")
                #expect(rows["model/vector"]?["value"].text == "[1.5,2.5]")
                #expect(rows.keys.count(where: { $0.hasPrefix("shelf100/v") }) == 50)
                #expect(rows["nsu=urn:peer:nowhere;s=x"]?["status"].text == "BadNodeIdUnknown")
                let items = try await connector.status()["sources"].array.first?["items"]
                #expect(items?["wanted"].integer == 53 && items?["created"].integer == 52)
                #expect(items?["failed_by_reason"]["BadNodeIdUnknown"].integer == 1)
                #expect(
                    try await connector.metrics.get("/metrics").text.contains(
                        #"connector_source_items{source="peer",state="failed"} 1"#))
            }
        }

        @Test func pollingReadsTheSame() async throws {
            let source = """
                    mode: polling
                    poll_interval_ms: 100
                    nodes: ["nsu=urn:peer:model;s=model/power", "nsu=urn:peer:model;s=model/mode"]
                """
            try await withPeer(source: source) { _, service, _ in
                // What does not change is read all the same.
                try await service.waitForRows(10, in: Self.table)
                let rows = try await latest(service)
                #expect(rows["model/power"]?["value"].text == "12.5" && rows["model/mode"]?["value"].text == "Running")
            }
        }

        @Test func tagsFollowTheServersModel() async throws {
            try await withPeer(source: "    include: [\"model/**\"]") { peer, service, connector in
                try await connector.program.whileAlive("the model") {
                    try await latest(service)["model/power"] != nil ? () : nil
                }
                peer.send(signal: SIGUSR1)
                try await connector.program.whileAlive("the added variable") {
                    try await latest(service)["model/late"]?["value"].text == "7.0" ? () : nil
                }
                peer.send(signal: SIGUSR1)
                try await connector.program.whileAlive("the end of the deleted variable") {
                    try await latest(service)["model/late"]?["status"].text == "BadNodeIdUnknown" ? () : nil
                }
                #expect(try await latest(service)["model/power"]?["status"].text == "Good")
            }
        }

        @Test func aLargeServerIsFoundWhole() async throws {
            try await withPeer(nodes: 10_000, source: "    include: [\"shelf*/**\"]") { _, service, connector in
                try await service.waitForRows(10_000, in: Self.table)
                let items = try await connector.status()["sources"].array.first?["items"]
                #expect(items?["wanted"].integer == 10_000 && items?["created"].integer == 10_000)
            }
        }
    }
}
