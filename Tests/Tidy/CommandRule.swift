/// Commands that the pages tell people to run: every `make x` is a target of the Makefile, every `dev/x` a file.
///
/// - Parameters:
///   - files: all files of the repository; the Markdown ones are read.
///   - exists: whether a path relative to the repository exists.
func commandViolations(files: [SourceFile], exists: (String) -> Bool) -> [Violation] {
    let makefile = files.first { $0.path == "Makefile" }
    let targets = Set(
        (makefile?.lines ?? []).compactMap { line -> Substring? in
            let name = line.text.prefix { $0.isLetter || $0 == "-" }
            return !name.isEmpty && line.text.dropFirst(name.count).hasPrefix(":") ? name : nil
        })
    var violations: [Violation] = []
    for page in files where page.path.hasSuffix(".md") {
        for (number, line) in page.lines {
            // Words of commands stand in code: between backquotes, or on a line of a block.
            let words = line.split { $0 == " " || $0 == "`" || $0 == "(" || $0 == ")" || $0 == "," || $0 == ";" }
            for (index, word) in words.enumerated() {
                if word == "make", index + 1 < words.count, line.contains("`make ") || line.hasPrefix("make ") {
                    let target = words[index + 1].prefix { $0.isLetter || $0 == "-" }
                    if !targets.contains(target) {
                        violations.append(
                            Violation(path: page.path, line: number, rule: "no target of the Makefile: make \(target)"))
                    }
                }
                let script = word.prefix { $0.isLetter || $0.isNumber || "/-._".contains($0) }
                let path = script.hasSuffix(".") || script.hasSuffix("/") ? script.dropLast() : script
                if path.hasPrefix("dev/"), !exists(String(path)) {
                    violations.append(Violation(path: page.path, line: number, rule: "no such script: \(path)"))
                }
            }
        }
    }
    return violations
}
