import Foundation

/// The keys that the page of all keys lists and the keys that tests name: each has the other.
///
/// Blocks are there by their keys, and keys of parts that this build lacks have nothing to show yet: the page says so.
///
/// - Parameters:
///   - page: `docs/configuration/keys.md`, which a test compares with the reader.
///   - tests: the Swift files of the tests; `KeyCase("…"` names a key.
func keyViolations(page: SourceFile, tests: [SourceFile]) -> [Violation] {
    var listed: [String: Int] = [:]
    var needed: [String: Int] = [:]
    for (number, line) in page.lines {
        guard let row = line.wholeMatch(of: /\| `([^`]+)`(?: \(required\))? \| .*? \| (.*?) \| (.*) \|/) else {
            continue
        }
        let key = String(row.1)
        listed[key] = number
        let isBlock = row.2 == "a block" || row.2 == "blocks by name" || row.2.hasPrefix("a list of blocks")
        if !isBlock, !row.3.contains("(this build has no ") { needed[key] = number }
    }
    var violations: [Violation] = []
    var named: Set<String> = []
    for file in tests {
        for (number, line) in file.lines where line.contains("KeyCase(") {
            for match in line.matches(of: /KeyCase\(\s*"([^"]+)"/) {
                let key = String(match.1)
                named.insert(key)
                if listed[key] == nil {
                    violations.append(Violation(path: file.path, line: number, rule: "there is no key \(key)"))
                }
            }
        }
    }
    for (key, line) in needed.sorted(by: { $0.value < $1.value }) where !named.contains(key) {
        violations.append(Violation(path: page.path, line: line, rule: "no test shows that \(key) counts"))
    }
    return violations
}
