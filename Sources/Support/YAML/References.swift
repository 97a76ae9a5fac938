/// Resolves `${VAR}`, `${env:VAR}` and `${env:VAR:default}` in single values.
package struct References: Sendable {
    struct Failure: Error, Sendable {
        var problem: String
        /// Whether nothing is wrong but that the value is not to be had here.
        var isMissing = false
    }

    /// The references in a text, as they stand there.
    static func names(in text: String) -> [String] {
        guard text.contains("${") else { return [] }
        return text.matches(of: /\$\{[^}]*\}/).map { String($0.output) }
    }

    package let environment: [String: String]

    /// The text with every reference replaced.
    /// - Throws: a failure that names the reference that cannot be resolved.
    func resolve(_ text: String) throws(Failure) -> String {
        guard text.contains("${") else { return text }
        var result = ""
        var rest = Substring(text)
        while let start = rest.firstRange(of: "${") {
            result += rest[..<start.lowerBound]
            let inside = rest[start.upperBound...]
            guard let end = inside.firstIndex(of: "}") else {
                throw Failure(problem: "'${' without '}'")
            }
            result += try value(of: inside[..<end])
            rest = inside[inside.index(after: end)...]
        }
        return result + rest
    }

    private func value(of reference: Substring) throws(Failure) -> String {
        if reference.hasPrefix("credential:") {
            throw Failure(problem: "${\(reference)}: there is no credential vault yet; use ${env:NAME}", isMissing: true)
        }
        var name = reference.hasPrefix("env:") ? reference.dropFirst("env:".count) : reference
        var fallback: Substring?
        if reference.hasPrefix("env:"), let colon = name.firstIndex(of: ":") {
            fallback = name[name.index(after: colon)...]
            name = name[..<colon]
        }
        if let value = environment[String(name)] { return value }
        if let fallback { return String(fallback) }
        throw Failure(problem: "the environment variable \(name) is not set", isMissing: true)
    }
}
