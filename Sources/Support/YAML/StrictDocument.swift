/// Reads a configuration text into settings: strict, whole or not at all.
package enum StrictDocument {
    /// One pass of `body` over the root finds everything that is wrong.
    /// - Parameters:
    ///   - file: how findings name the text.
    ///   - environment: what references are resolved from.
    /// - Returns: the settings, and what was accepted that should be written otherwise.
    /// - Throws: `ConfigurationError` with every finding.
    package static func read<Settings>(
        _ text: String, file: String, environment: [String: String], _ body: (inout Section) -> Settings
    ) throws(ConfigurationError) -> (settings: Settings, warnings: [Finding]) {
        let root: YAMLNode?
        do {
            root = try YAMLDocument.parse(text)
        } catch {
            throw ConfigurationError(
                findings: [Finding(file: file, line: error.line, keyPath: "", problem: error.problem)])
        }
        let findings = Findings(file: file)
        var section = Section(root: root, findings: findings, references: References(environment: environment))
        let settings = body(&section)
        section.finish()
        guard findings.all.isEmpty else { throw ConfigurationError(findings: findings.all) }
        return (settings, findings.warnings)
    }
}
