/// One import line of one file.
struct Import: Equatable {
    var module: String
    var path: String
    var line: Int
}

/// Finds the import lines of a Swift file, whatever access level, attribute or kind they have.
func imports(in file: SourceFile) -> [Import] {
    file.lines.compactMap { number, line in
        guard line.contains("import ") else { return nil }
        var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })[...]
        let before: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
        while let word = words.first, before.contains(word) || word.hasPrefix("@") { words = words.dropFirst() }
        guard words.first == "import" else { return nil }
        words = words.dropFirst()
        let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        if let word = words.first, kinds.contains(word) { words = words.dropFirst() }
        guard let module = words.first?.split(separator: ".").first else { return nil }
        return Import(module: String(module), path: file.path, line: number)
    }
}

/// Compares the manifest entries and the import lines with the architecture table.
///
/// - Parameters:
///   - parts: every part of the package; only those below `Sources/` are judged.
///   - files: the Swift files of the repository.
func architectureViolations(
    parts: [Part], files: [SourceFile], rules: [ArchitectureRule] = architecture,
    reserved: [(modules: Set<String>, folders: [String])] = reservedModules
) -> [Violation] {
    let ours = Dictionary(parts.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var violations: [Violation] = []
    for part in parts where part.folder.hasPrefix("Sources/") {
        let folder = String(part.folder.dropFirst("Sources/".count))
        guard let rule = rules.first(where: { isInside(folder, $0.folder) }) else {
            violations.append(
                Violation(path: part.folder, line: nil, rule: "no rule of the architecture table covers this part"))
            continue
        }
        let judge = Judge(part: part, folder: folder, rule: rule, ours: ours, reserved: reserved)
        for dependency in part.dependencies.sorted() {
            if let reason = judge.objection(to: dependency) {
                violations.append(
                    Violation(path: "Package.swift", line: nil, rule: "\(part.name) lists \(dependency): \(reason)"))
            }
        }
        for file in files where file.isSwift && isInside(file.path, part.folder) {
            for line in imports(in: file) {
                // swift-protobuf writes `bytes` fields as Foundation's Data, also where people may not.
                if file.isGenerated, line.module == "Foundation" || line.module == "FoundationEssentials" { continue }
                guard let reason = judge.objection(toImportOf: line.module) else { continue }
                violations.append(
                    Violation(
                        path: line.path, line: line.line, rule: "\(part.name) imports \(line.module): \(reason)"))
            }
        }
    }
    return violations
}

/// Judges one part against its rule.
private struct Judge {
    var part: Part
    var folder: String
    var rule: ArchitectureRule
    var ours: [String: Part]
    var reserved: [(modules: Set<String>, folders: [String])]

    func objection(toImportOf module: String) -> String? {
        if module == part.name { return nil }
        let isSystem = systemModules.contains(module)
        if !isSystem, !part.dependencies.contains(module) {
            return "its entry in Package.swift does not list it"
        }
        return objection(to: module)
    }

    func objection(to module: String) -> String? {
        for entry in reserved where entry.modules.contains(module) {
            if !entry.folders.contains(where: { isInside(folder, $0) }) {
                return "reserved for \(entry.folders.joined(separator: ", "))"
            }
        }
        if let other = ours[module] {
            let otherFolder = String(other.folder.dropFirst("Sources/".count))
            let allowed = rule.mayUse.contains { isInside(otherFolder, $0) }
            return allowed ? nil : "\(rule.folder) may use only: \(rule.mayUse.joined(separator: ", "))"
        }
        if case .only(let modules) = rule.libraries, !modules.contains(module), module != "Swift" {
            return "\(rule.folder) is kept to: \(modules.sorted().joined(separator: ", "))"
        }
        return nil
    }
}

private func isInside(_ path: String, _ folder: String) -> Bool {
    path == folder || path.hasPrefix(folder + "/")
}
