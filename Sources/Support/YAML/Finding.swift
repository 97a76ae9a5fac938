/// One thing wrong in a configuration, with its place: file, line, key path and, for a key that does not
/// exist, the nearest one that does.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    package var file: String
    /// Counted from 1; nil when it concerns the file as a whole.
    package var line: Int?
    /// `sources[0].registers[2].type`; empty for the file as a whole.
    package var keyPath: String
    package var problem: String

    package var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return keyPath.isEmpty ? "\(place): \(problem)" : "\(place): \(keyPath): \(problem)"
    }

    package init(file: String, line: Int?, keyPath: String, problem: String) {
        self.file = file
        self.line = line
        self.keyPath = keyPath
        self.problem = problem
    }
}

/// A configuration is taken whole or not at all; this carries everything that is wrong with it.
package struct ConfigurationError: Error, CustomStringConvertible {
    package var findings: [Finding]

    package init(findings: [Finding]) {
        self.findings = findings
    }

    package var description: String { findings.map(\.description).joined(separator: "\n") }
}

/// Collects findings while a file is read, so that one run names them all.
final class Findings {
    let file: String
    private(set) var all: [Finding] = []
    /// What is accepted and should be written otherwise.
    private(set) var warnings: [Finding] = []
    private var warned: Set<String> = []
    /// Keys whose value is not known here, of which nothing else can be said.
    private var unresolved: Set<String> = []
    /// A broken file can be wrong everywhere; beyond this many nobody reads on.
    private static let findingsMax = 100

    init(file: String) {
        self.file = file
    }

    /// - Parameter file: where it stands, if not in the configuration file itself.
    func add(_ problem: String, at keyPath: String, line: Int?, in file: String? = nil) {
        guard !isFull, !unresolved.contains(keyPath) else { return }
        all.append(
            Finding(
                file: file ?? self.file, line: line, keyPath: Self.shortened(keyPath),
                problem: Self.shortened(problem)))
    }

    /// Whether nothing more is taken.
    var isFull: Bool { all.count >= Self.findingsMax }

    /// What a broken file has for a key or a value can be as long as the file.
    private static func shortened(_ text: String) -> String {
        text.utf8.count <= 500 ? text : text.prefix(200) + " … " + text.suffix(100)
    }

    /// Tells once of each spelling, wherever in lists it stands: a file of a thousand registers gives one line.
    func warn(_ problem: String, at keyPath: String, line: Int?, in file: String? = nil) {
        let place = keyPath.replacing(/\[\d+\]/, with: "[]")
        guard warnings.count < Self.findingsMax, warned.insert(place + problem).inserted else { return }
        warnings.append(Finding(file: file ?? self.file, line: line, keyPath: keyPath, problem: problem))
    }

    /// Warns of a value that is not known here; what else is found at the key is of no account.
    func warnUnresolved(_ problem: String, at keyPath: String, line: Int?, in file: String? = nil) {
        unresolved.insert(keyPath)
        warn(problem, at: keyPath, line: line, in: file)
    }
}
