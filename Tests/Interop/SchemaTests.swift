import Foundation
import TestKit
import Testing

extension ForeignPeers {
    /// The JSON Schema of the configuration, read by an implementation of JSON Schema that is not ours.
    @Suite struct Schema {
        /// All that the reader takes it takes, and a slip of the hand it takes no more than the reader does.
        @Test func theSchemaTakesWhatTheReaderTakes() async throws {
            try await withTemporaryDirectory { directory in
                let (ending, text) = try await run(.program("penstock", ["check", "--schema"]))
                #expect(ending == .exited(code: 0))
                let schema = directory + "/schema.json"
                try write(text, to: schema)
                let files = try ["examples", "docs/configuration", "Tests/Connector/Configuration/Field"]
                    .flatMap { folder in
                        try FileManager.default.subpathsOfDirectory(atPath: Workplace.repository + "/" + folder)
                            .map { "\(Workplace.repository)/\(folder)/\($0)" }
                    }
                    .filter { $0.hasSuffix(".yaml") && !$0.contains("/simulator-") && !$0.contains("/scenarios/") }
                    .sorted()
                let result = try await runPeer("Tests/Interop/peers/schema_check.py", [schema] + files)
                #expect(result["draft"].text == "https://json-schema.org/draft/2020-12/schema")
                #expect("\(result["faults"])" == "\(try JSONValue.parse("{}"))")
                #expect(result["valid"].array.count == files.count && files.count >= 25)
                #expect((result["mutations"].integer ?? 0) >= 300)
                #expect(result["missed"].array.compactMap(\.text) == [])
            }
        }
    }
}
