import ConnectorConfiguration
import Foundation
import Testing
import YAMLSupport

/// The pages that are printed from the reader, as they lie in the repository.
@Suite struct ConfigurationPagesTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../docs/configuration").standardizedFileURL

    /// With `PENSTOCK_PRINT_PAGES=1` the pages are written instead of compared.
    private static func compare(_ name: String, _ text: String) throws {
        let file = folder.appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["PENSTOCK_PRINT_PAGES"] == "1" {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let isFresh = try? String(contentsOf: file, encoding: .utf8) == text
        #expect(
            isFresh == true,
            "docs/configuration/\(name) is old; PENSTOCK_PRINT_PAGES=1 dev/test --filter ConfigurationPages writes it")
    }

    @Test func theSchemaIsFresh() throws {
        try Self.compare("penstock.schema.json", ConfigurationPages.schema())
    }

    @Test func thePageOfAllKeysIsFresh() throws {
        try Self.compare("keys.md", ConfigurationPages.keys())
    }

    @Test(arguments: ["opcua.yaml", "mqtt.yaml", "modbus.yaml", "rest.yaml", "sql.yaml", "connector.yaml"])
    func theSamplesAreFresh(_ name: String) throws {
        let sample = try #require(ConfigurationPages.samples().first { $0.file == name })
        try Self.compare(name, sample.text)
    }

    /// A sample says what a file without its keys says.
    @Test func samplesSayTheDefaults() throws {
        let reader = ConfigurationReader(file: "sample.yaml", environment: [:])
        let expected = [
            "opcua.yaml": "endpoint: opc.tcp://192.0.2.10:4840",
            "mqtt.yaml": "endpoint: mqtt://192.0.2.20:1883, topics: [plant/#]",
            "modbus.yaml": "endpoint: modbus://192.0.2.30:502",
            "rest.yaml": "base_url: https://192.0.2.40/api",
            "sql.yaml":
                "connection_string: sqlite:////var/lib/plant/readings.db, query: 'SELECT tag, time, value FROM readings'",
        ]
        for sample in ConfigurationPages.samples() {
            let short = expected[sample.file].map { "sources: [{name: press-line, \($0)}]" } ?? ""
            let (settings, _) = try reader.inspect(sample.text)
            let plain = try reader.read(short)
            #expect(settings.sources == plain.sources, "\(sample.file)")
            #expect(settings.routes.map(\.target) == plain.routes.map(\.target), "\(sample.file)")
            #expect(settings.lane == plain.lane && settings.web == plain.web && settings.metrics == plain.metrics)
        }
    }

    /// Nobody has to guess what a key is for.
    @Test func eachKeyHasWords() {
        let silent = KeyTable.rows(of: ConfigurationReader.survey()).filter { row in
            if case .block = row.record.kind { return false }
            return row.record.about.isEmpty
        }
        #expect(silent.map(\.pattern) == [])
    }
}
