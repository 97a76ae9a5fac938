/// Resolves `${VAR}`, `${env:VAR}`, `${env:VAR:default}` and `${credential:dotted.name}` in single values.
package struct References: Sendable {
    package struct Failure: Error, Sendable {
        package var problem: String
        /// Whether nothing is wrong but that the value is not to be had here.
        package var isMissing: Bool

        package init(problem: String, isMissing: Bool = false) {
            self.problem = problem
            self.isMissing = isMissing
        }
    }

    /// The references in a text, as they stand there.
    package static func names(in text: String) -> [String] {
        guard text.contains("${") else { return [] }
        return text.matches(of: /\$\{[^}]*\}/).map { String($0.output) }
    }

    package let environment: [String: String]
    private let vault: Credentials

    /// Looks a credential up by its name: nil when there is none of that name.
    package typealias Credentials = @Sendable (_ name: String) throws(Failure) -> String?

    /// - Parameters:
    ///   - environment: the variables that `${NAME}` may name.
    ///   - credentials: the vault, opened when it is first asked.
    package init(
        environment: [String: String],
        credentials: @escaping Credentials = { _ throws(Failure) in nil }
    ) {
        self.environment = environment
        vault = credentials
    }

    /// A credential that stands for a key which the configuration does not have; nil when there is none of that name.
    package func credential(_ name: String) throws(Failure) -> String? { try vault(name) }

    /// The text with every reference replaced.
    /// - Throws: a failure that names the reference that cannot be resolved.
    package func resolve(_ text: String) throws(Failure) -> String {
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
            let name = String(reference.dropFirst("credential:".count))
            if let value = try vault(name) { return value }
            throw Failure(
                problem:
                    "there is no credential '\(name)' in the vault; `penstock credentials store \(name)` puts it there",
                isMissing: true)
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
