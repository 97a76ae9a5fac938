/// Reads a configuration text into settings: strict, whole or not at all.
package enum StrictDocument {
    /// One pass of `body` over the root finds everything that is wrong.
    /// - Parameters:
    ///   - file: how findings name the text.
    ///   - environment: what references are resolved from.
    ///   - credentials: the vault that `${credential:name}` is answered from.
    /// - Returns: the settings, and what was accepted that should be written otherwise.
    /// - Throws: `ConfigurationError` with every finding.
    package static func read<Settings>(
        _ text: String, file: String, environment: [String: String],
        credentials: @escaping References.Credentials = { _ throws(References.Failure) in nil },
        _ body: (inout Section) -> Settings
    ) throws(ConfigurationError) -> (settings: Settings, warnings: [Finding]) {
        try read(
            try parse(text, file: file), file: file,
            references: References(environment: environment, credentials: credentials), body)
    }

    /// The same of a document that has been parsed, perhaps of several files.
    package static func read<Settings>(
        _ root: YAMLNode?, file: String, references: References, _ body: (inout Section) -> Settings
    ) throws(ConfigurationError) -> (settings: Settings, warnings: [Finding]) {
        let context = ReadingContext(findings: Findings(file: file), references: references)
        return (try read(root, context, body), context.findings.warnings)
    }

    /// What a document says in full: its settings, and each key with value and origin. A reference whose value is not
    /// to be had here is a warning.
    package static func inspect<Settings>(
        _ root: YAMLNode?, file: String, references: References, _ body: (inout Section) -> Settings
    ) throws(ConfigurationError) -> (settings: Settings, warnings: [Finding], keys: [KeyRecord]) {
        let recorder = KeyRecorder()
        let context = ReadingContext(
            findings: Findings(file: file), references: references, missingReference: .warning, recorder: recorder)
        return (try read(root, context, body), context.findings.warnings, recorder.keys)
    }

    /// All keys that a document may have, with their defaults.
    package static func survey<Settings>(_ body: (inout Section) -> Settings) -> [KeyRecord] {
        let recorder = KeyRecorder()
        var section = Section(
            root: nil,
            context: ReadingContext(
                findings: Findings(file: ""), references: References(environment: [:]), recorder: recorder,
                isSurvey: true))
        _ = body(&section)
        return recorder.keys
    }

    /// - Throws: `ConfigurationError` for what is no YAML.
    package static func parse(_ text: String, file: String) throws(ConfigurationError) -> YAMLNode? {
        do {
            return try YAMLDocument.parse(text)
        } catch {
            throw ConfigurationError(
                findings: [Finding(file: file, line: error.line, keyPath: "", problem: error.problem)])
        }
    }

    private static func read<Settings>(
        _ root: YAMLNode?, _ context: ReadingContext, _ body: (inout Section) -> Settings
    ) throws(ConfigurationError) -> Settings {
        var section = Section(root: root, context: context)
        let settings = body(&section)
        section.finish()
        guard context.findings.all.isEmpty else { throw ConfigurationError(findings: context.findings.all) }
        return settings
    }
}
