import ConnectorConfiguration
import ConnectorModel
import ConnectorNormalization
import Foundation
import Testing

@testable import ConnectorApp

/// Tag lists from and for sources.
@Suite struct TagsCommandTests {
    private func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("list-\(UUID().uuidString).csv").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    private func settings(_ source: String) throws -> ConnectorSettings {
        try ConfigurationReader(file: "penstock.yaml", environment: [:]).read("sources: [{name: s, \(source)}]")
    }

    @Test func registersComeBackByteForByte() throws {
        let source = """
            endpoint: 'modbus://h', unit_id: 3, tags: [{match: 3/holding/4, deadband: {percent: 1, span: 9}, line: l1}],
            registers: [
              {address: 4, name: a, unit: bar, scale: 0.1, offset: -2, data_type: uint32, byte_order: CDAB},
              {address: 20, count: 4, data_type: int32}, {address: 30.5}, {address: 31, bits: 4-7, unit_id: 9},
              {address: 40, data_type: string, count: 8, poll_interval_ms: 5000}, {address: 5, type: coil}]
            """
        func export(_ settings: ConnectorSettings) throws -> String {
            let source = try settings.source(named: "s")
            return TagListText.table(TagsCommand.Export.registers(of: source), protocolType: "modbus").text
        }
        let first = try settings(source)
        let text = try export(first)
        try withFile(text) { path in
            let again = try settings("endpoint: 'modbus://h', unit_id: 3, tag_list: '\(path)'")
            #expect(try export(again) == text)
            #expect(text.contains("1% of 9"))
            let setting = again.sources.first?.tags.setting(for: TagDefinition(address: "3/holding/4"))
            #expect(setting?.parts == ["line": "l1"])
        }
    }

    @Test func tagsComeBackByteForByte() throws {
        let identity = SourceIdentity(name: "s", protocolType: "mqtt", endpoint: "", statusName: { "\($0)" })
        let tags = [
            TagDefinition(address: "b/\"temp\"", unit: "°C", metadata: ["qos": "1"]),
            TagDefinition(address: "a,b/speed"),
            TagDefinition(address: "a,b/speed", metadata: ["retain": "true"]), TagDefinition(address: "x"),
        ]
        func export(_ settings: ConnectorSettings) throws -> String {
            let source = try settings.source(named: "s")
            let rows = TagExport(settings, source, identity).rows(tags, sorted: true)
            return TagListText.table(rows, protocolType: "mqtt").text
        }
        let source = "endpoint: 'mqtt://h', topics: ['#'], context: {site: Plant 1}, exclude: [x]"
        let text = try export(try settings(source))
        #expect(
            text == """
                address,name,unit,site,area,line,equipment,signal_type,enabled
                "a,b/speed","a,b/speed",,Plant 1,,,,speed,true
                "b/""temp""\","b/""temp""\",°C,Plant 1,,,,temperature,true
                x,x,,,,,,,false

                """)
        try withFile(text) { path in
            #expect(try export(try settings("endpoint: 'mqtt://h', topics: ['#'], tag_list: '\(path)'")) == text)
            let (problems, count) = try TagListCheck.report(path, protocolType: "mqtt")
            #expect(problems.isEmpty && count == 3)
        }
    }

    @Test func checkingNamesEveryBadLine() throws {
        try withFile("address,type\n1,holding\nx,holding\n70000,input\n") { path in
            let (problems, _) = try TagListCheck.report(path, protocolType: "modbus")
            #expect(problems.count == 2)
            #expect(problems.first?.hasPrefix("line 3, column address") == true, "\(problems)")
            let loose = try TagListCheck.report(path, protocolType: nil)
            let other = try TagListCheck.report(path, protocolType: "opcua")
            #expect(loose.problems.isEmpty && loose.tags == 3)
            #expect(other.problems.count == 1)
        }
        #expect(throws: (any Error).self) { try TagListCheck.report("/nowhere.csv", protocolType: nil) }
    }
}
