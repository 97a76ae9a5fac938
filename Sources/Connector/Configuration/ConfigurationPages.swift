import YAMLSupport

/// What is printed from the reader for editors and people, so that no page can differ from what is read.
package enum ConfigurationPages {
    /// The JSON Schema of the file (draft 2020-12).
    package static func schema() -> String {
        JSONSchema.text(of: ConfigurationReader.survey(), title: "penstock.yaml")
    }

    /// Each key with default, limits and meaning, as a Markdown page.
    package static func keys() -> String {
        let rows = KeyTable.rows(of: ConfigurationReader.survey())
        return """
            # All keys of the configuration

            Printed by `penstock check --keys`; a test compares this page with the reader. What stands in brackets is the
            kind of source that has the key; names behind "also" are those of files in use, accepted with a warning.
            Keys ending in `_ms` are whole milliseconds. Words are taken in any case.
            \(KeyTable.markdown(rows))
            """
    }

    /// The pages of samples: by file name, the text. Each has every key of a part with its default.
    package static func samples() -> [(file: String, text: String)] {
        let keys = ConfigurationReader.survey()
        let kinds = SourceSection.Kind.allCases.map { kind in
            (
                "\(kind.rawValue).yaml",
                head(kind) + SampleText.text(of: keys, list: "sources", variant: kind.rawValue, examples: examples)
            )
        }
        let rest = SampleText.text(of: keys, list: "sources", variant: nil, examples: examples)
        return kinds + [("connector.yaml", headOfTheRest + rest)]
    }

    private static let headOfTheRest = """
        # Every key but those of sources, with its default; what has none is commented out. Printed from the reader, and
        # compared with it by a test.

        """

    private static func head(_ kind: SourceSection.Kind) -> String {
        let words: [SourceSection.Kind: String] = [
            .opcua: "an OPC UA source", .mqtt: "an MQTT source", .modbus: "a Modbus source", .rest: "a REST source",
            .sql: "an SQL source",
        ]
        return """
            # Every key of \(words[kind] ?? kind.rawValue), with its default; what has none is commented out. Printed from the
            # reader, and compared with it by a test.

            """
    }

    private static let examples = [
        "sources[].name": "press-line",
        "sources[opcua].endpoint": "opc.tcp://192.0.2.10:4840",
        "sources[mqtt].endpoint": "mqtt://192.0.2.20:1883",
        "sources[mqtt].topics": "[\"plant/#\"]",
        "sources[mqtt].topics[].topic": "plant/#",
        "sources[modbus].endpoint": "modbus://192.0.2.30:502",
        "sources[modbus].registers[].address": "40001",
        "sources[rest].base_url": "https://192.0.2.40/api",
        "sources[rest].endpoints[].path": "/readings",
        "sources[sql].connection_string": "sqlite:////var/lib/plant/readings.db",
        "sources[sql].query": "SELECT tag, time, value FROM readings",
    ]
}
