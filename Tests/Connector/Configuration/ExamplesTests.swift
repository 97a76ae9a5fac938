import ConnectorConfiguration
import Foundation
import Testing

@Suite struct ExamplesTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../examples").standardizedFileURL

    private static func files() throws -> [URL] {
        let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return (all?.allObjects as? [URL] ?? []).filter {
            // The simulator's own are tried with the simulator.
            $0.pathExtension == "yaml" && !$0.lastPathComponent.hasPrefix("simulator-")
        }
    }

    /// Every example is a configuration that the connector takes.
    @Test func everyExampleIsValid() throws {
        let files = try Self.files()
        #expect(files.count >= 5)
        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            let settings = try ConfigurationReader(
                file: file.lastPathComponent, environment: ["PACKAGING_PASSWORD": "x"]
            ).read(text)
            #expect(!settings.sources.isEmpty, "\(file.lastPathComponent)")
        }
    }
}
