import Foundation

/// A type named like its module makes every qualified name in that module ambiguous.
func moduleNameViolations(parts: [Part], files: [SourceFile]) -> [Violation] {
    let kinds = ["struct ", "class ", "enum ", "actor ", "protocol ", "typealias "]
    var violations: [Violation] = []
    for part in parts where part.folder.hasPrefix("Sources/") {
        for file in files where file.isSwift && file.path.hasPrefix(part.folder + "/") {
            for (number, line) in file.lines where line.contains(part.name) {
                guard let kind = kinds.first(where: { line.contains($0 + part.name) }) else { continue }
                let after = line.components(separatedBy: kind + part.name).last?.first
                if let after, after.isLetter || after.isNumber || after == "_" { continue }
                violations.append(
                    Violation(path: file.path, line: number, rule: "a type has the name of its module \(part.name)"))
            }
        }
    }
    return violations
}
