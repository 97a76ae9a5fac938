package import YAMLSupport

/// Where an installation keeps its state, told from its configuration alone: vault and layers lie there, and they are
/// needed before the rest can be read.
package enum StateDirectory {
    package static let standard = "./penstock-data"

    /// The key `state_directory` of a text, whatever else is wrong with the text.
    /// - Throws: when the text is no YAML, or the key refers to something that is not there.
    package static func find(
        in text: String, file: String, environment: [String: String]
    ) throws(ConfigurationError) -> String {
        let root: YAMLNode?
        do { root = try YAMLDocument.parse(text) } catch {
            throw ConfigurationError(
                findings: [Finding(file: file, line: error.line, keyPath: "", problem: error.problem)])
        }
        guard case .mapping(let entries, _) = root, let entry = entries.first(where: { $0.key == "state_directory" }),
            case .scalar(let scalar) = entry.value, !scalar.isNull
        else { return standard }
        do { return try References(environment: environment).resolve(scalar.text) } catch {
            throw ConfigurationError(
                findings: [
                    Finding(file: file, line: entry.line, keyPath: "state_directory", problem: error.problem)
                ])
        }
    }
}
