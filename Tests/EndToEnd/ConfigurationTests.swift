import Foundation
import TestKit
import Testing

extension EndToEnd {
    /// Configurations of the field run as they are, and bad ones do not disturb what runs.
    @Suite struct Configurations {
        private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Connector/Configuration/Field").standardizedFileURL

        private static let environment = [
            "PRESS_PASSWORD": "a", "PACKAGING_PASSWORD": "b", "GATEWAY_CLIENT_ID": "c", "GATEWAY_CLIENT_SECRET": "d",
        ]

        /// Nothing of the plant is there; each comes up, says of every source what is the matter, and stops in order.
        @Test func eachOfTheFieldComesUpAndStops() async throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
                .filter { $0.hasSuffix(".yaml") && !$0.hasSuffix(".expected.yaml") }.sorted()
            #expect(names.count >= 7)
            for name in names {
                try await withTemporaryDirectory { directory in
                    // What a file says of folders and files holds in a folder of the test.
                    let text = try read(Self.folder.appendingPathComponent(name).path)
                        .replacing("path: spool", with: "path: \(directory)/spool")
                    let count =
                        text.matches(of: /(?m)^  - name:/).count
                        + text.matches(of: /(?m)^(opcua|mqtt|modbus|rest|database):/).count
                    let off = text.matches(of: /(?m)^    enabled: false/).count
                    let connector = try await startConnector(
                        configuration: text, directory: directory, environment: Self.environment)
                    try await connector.program.whileAlive("\(name): all say why they wait") {
                        let sources = try await connector.status()["sources"].array
                        return sources.count == count - off && sources.allSatisfy { $0["reason"].text != nil }
                            ? () : nil
                    }
                    connector.program.terminate()
                    let ending = try await connector.program.waitForEnd()
                    #expect(ending == .exited(code: 0), "\(name): \(connector.program.output.suffix(500))")
                }
            }
        }

        /// So do the examples, whose plants are elsewhere.
        @Test func eachExampleComesUpAndStops() async throws {
            let folder = Self.folder.appendingPathComponent("../../../../examples").standardizedFileURL.path
            let names = try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
                .filter { $0.hasSuffix(".yaml") && !$0.hasPrefix("simulator-") && !$0.hasPrefix("scenarios/") }
            #expect(names.count >= 9)
            for name in names {
                try await withTemporaryDirectory { directory in
                    let connector = try await startConnector(
                        configuration: try read("\(folder)/\(name)"), directory: directory,
                        environment: Self.environment)
                    let sources = try await connector.status()["sources"].array
                    #expect(!sources.isEmpty, "\(name)")
                    connector.program.terminate()
                    let ending = try await connector.program.waitForEnd()
                    #expect(ending == .exited(code: 0), "\(name): \(connector.program.output.suffix(500))")
                }
            }
        }

        /// A source of a protocol that is not in this build is there, failed, and says so.
        @Test func aProtocolThatIsNotBuiltIsASourceState() async throws {
            try await withTemporaryDirectory { directory in
                let configuration = "sources: [{name: w, base_url: \"https://127.0.0.1:1\", endpoints: [/now]}]\n"
                try await withConnector(configuration: configuration, directory: directory) { connector in
                    let reason = try await connector.program.whileAlive("it says why") {
                        try await connector.status()["sources"].array.first?["reason"].text
                    }
                    #expect(reason.contains("this build has no REST sources"))
                }
            }
        }

        @Test func whatCannotBeIsRefusedAndTheOldOneRunsOn() async throws {
            try await withTemporaryDirectory { directory in
                let good = "sources: [{name: plc, endpoint: \"127.0.0.1:1\", registers: [{address: 0}]}]\n"
                try await withConnector(configuration: good, directory: directory) { connector in
                    var noise = Data((0..<4096).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) })
                    noise.append(0)
                    let texts: [Data] = [
                        Data("sources: [{name: plc, endpont: x}]\n".utf8), Data("sources: [\n".utf8),
                        Data("a: &a [*a]\n".utf8), Data("web_ui: {port: 70000}\n".utf8), noise,
                        Data(String(repeating: "- ", count: 1_000_000).utf8),
                        Data(String(repeating: "[", count: 1_000_000).utf8),
                        Data(String(repeating: "# remark\n", count: 1_200_000).utf8),
                        Data("web_ui: {port: \"${env:NOT_THERE}\"}\n".utf8),
                    ]
                    for (index, text) in texts.enumerated() {
                        try text.write(to: URL(fileURLWithPath: directory + "/penstock.yaml"))
                        connector.program.send(signal: SIGHUP)
                        try await connector.program.whileAlive("refusal \(index + 1)") {
                            connector.program.output.components(separatedBy: "the old one stays").count == index + 2
                                ? () : nil
                        }
                    }
                    let names = try await connector.status()["sources"].array.map { $0["name"].text }
                    #expect(names == ["plc"])
                    try write(good.replacing("plc", with: "drive"), to: directory + "/penstock.yaml")
                    connector.program.send(signal: SIGHUP)
                    try await connector.program.whileAlive("the good one is taken") {
                        try await connector.status()["sources"].array.first?["name"].text == "drive" ? () : nil
                    }
                }
            }
        }
    }
}
