import ConnectorModel
import ConnectorNormalization
import Testing
import YAMLSupport

@testable import ConnectorConfiguration

@Suite struct NormalizationSectionTests {
    private func read(_ text: String) throws(ConfigurationError) -> NormalizationSettings {
        try ConfigurationReader(file: "penstock.yaml", environment: [:]).read(text).normalization
    }

    private func problems(_ text: String) -> [String] {
        do throws(ConfigurationError) {
            _ = try read(text)
            return []
        } catch {
            return error.findings.map(\.description)
        }
    }

    @Test func theDefaults() throws {
        #expect(try read("") == NormalizationSettings())
        #expect(try read("").template.description == "{site}/{area}/{line}/{equipment}/{signal_type}/{tag_name}")
    }

    @Test func everyKeyIsTaken() throws {
        let settings = try read(
            """
            normalization:
              enabled: false
              path_template: "{enterprise}/{tag_name}"
              case: lower
              default_context: {enterprise: acme, site: plant1}
              rules:
                - pattern: "^(?<line>[^/]+)/(?<tag_name>.*)$"
                  field: node_id
                  sources: ["press*"]
                  set: {area: hall}
              signal_types:
                - {type: torque, words: [torque], units: [Nm], pattern: "^M[0-9]"}
              quality_mapping:
                opcua: {good: [0x40000000, BadWaitingForInitialData], uncertain: [128, 2150891520], bad: [64]}
                mqtt: {bad: 5}
                modbus: {uncertain: ["2"]}
                rest: {bad: [404]}
                sql: {good: [1]}
            """)
        #expect(!settings.isEnabled)
        #expect(settings.template.description == "{enterprise}/{tag_name}")
        #expect(settings.letterCase == .lower)
        #expect(settings.defaultContext == ["enterprise": "acme", "site": "plant1"])
        #expect(
            settings.rules == [
                .init(
                    pattern: try Pattern("^(?<line>[^/]+)/(?<tag_name>.*)$"), field: .nodeID, sources: [Glob("press*")],
                    parts: ["area": "hall"])
            ])
        #expect(settings.signalTypes.type(name: "M1", unit: nil) == "torque")
        #expect(settings.signalTypes.type(name: "temp", unit: nil) == "temperature")
        let opcua = try #require(settings.qualityMappings["opcua"])
        #expect(opcua.quality(of: 0x4000_0000, name: "") == .good)
        // Whatever the info bits say of how the value came.
        #expect(opcua.quality(of: Int32(bitPattern: 0x8032_0480), name: "") == .good)
        // Up to 255 an entry is the top byte, above it the whole code.
        #expect(opcua.quality(of: Int32(bitPattern: 0x8031_0000), name: "") == .uncertain)
        #expect(opcua.quality(of: Int32(bitPattern: 0x8034_0000), name: "") == .uncertain)
        #expect(opcua.quality(of: 0x4095_0000, name: "") == .bad)
        #expect(opcua.quality(of: 0, name: "Good") == nil)
        #expect(settings.qualityMappings["mqtt"]?.quality(of: 5, name: "") == .bad)
        #expect(settings.qualityMappings["modbus"]?.quality(of: 2, name: "") == .uncertain)
        #expect(settings.qualityMappings.count == 5)
    }

    @Test(arguments: PathTemplate.presets.map(\.name))
    func presets(_ name: String) throws {
        let template = PathTemplate.presets.first { $0.name == name }?.template
        #expect(try read("normalization: {preset: \(name)}").template.description == template)
    }

    @Test func aTopicTemplatesOwnPartsMayBeUsed() throws {
        let source = "sources: [{name: m, endpoint: 'mqtt://h', topics: [a/#], topic_template: '{cell}/{tag_name}'}]\n"
        let template = "normalization: {path_template: '{cell}/{tag_name}'}"
        #expect(try read(source + template).template.description == "{cell}/{tag_name}")
        #expect(problems(template).count == 1)
    }

    @Test(arguments: [
        ("{path_template: '{stie}/{tag_name}'}", "did you mean 'site'?"), ("{path_template: '{site'}", "brace"),
        ("{path_template: x}", "names no part"), ("{preset: isa96}", "isa95, purdue, flat, asset, utility"),
        ("{preset: flat, path_template: '{tag_name}'}", "excludes preset"), ("{case: small}", "keep, lower, upper"),
        ("{default_context: {stie: x}}", "did you mean 'site'?"),
        ("{rules: [{pattern: '('}]}", "is no regular expression"),
        ("{rules: [{pattern: '(?<stie>.)'}]}", "there is no part 'stie'"), ("{rules: [{pattern: a}]}", "gives no part"),
        ("{rules: [{field: name}]}", "is missing"),
        ("{rules: [{pattern: '(?<site>a)', field: topic}]}", "address, name"),
        ("{signal_types: [{type: x}]}", "needs words, units or a pattern"),
        ("{signal_types: [{type: x, pattern: '['}]}", "is no regular expression"),
        ("{quality_mapping: {opcua: {good: ['a b']}}}", "is no status"),
        ("{quality_mapping: {opcua: {good: [BadSensorFailre]}}}", "is no status"),
        ("{quality_mapping: {opcua: {good: [1], bad: [1]}}}", "has another quality already"),
        ("{quality_mapping: {opcau: {good: [1]}}}", "did you mean 'opcua'?"),
    ])
    func whatCannotBeIsNamed(_ block: String, _ part: String) {
        let problems = problems("normalization: \(block)")
        #expect(problems.count == 1)
        #expect(problems.first?.contains(part) == true, "\(problems)")
        #expect(problems.first?.contains("normalization") == true)
    }
}
