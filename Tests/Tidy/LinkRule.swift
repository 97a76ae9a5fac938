import Foundation

/// Relative links of Markdown files: the target exists, and so does the heading that a fragment names.
///
/// - Parameters:
///   - files: the Markdown files of the repository, whose headings fragments refer to.
///   - exists: whether a path relative to the repository exists.
func linkViolations(files: [SourceFile], exists: (String) -> Bool) -> [Violation] {
    let pages = files.filter { $0.path.hasSuffix(".md") }
    let anchors = Dictionary(
        pages.map { ($0.path, headingAnchors(in: $0)) }, uniquingKeysWith: { first, _ in first })
    var violations: [Violation] = []
    for page in pages {
        for (line, link) in links(in: page) {
            if ["http://", "https://", "mailto:"].contains(where: { link.hasPrefix($0) }) { continue }
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let folder = page.path.split(separator: "/").dropLast().joined(separator: "/")
            let target = parts[0].isEmpty ? page.path : resolved(parts[0], from: folder)
            guard let target, exists(target) else {
                violations.append(Violation(path: page.path, line: line, rule: "broken link \(link)"))
                continue
            }
            if parts.count == 2, let known = anchors[target], !known.contains(parts[1]) {
                violations.append(Violation(path: page.path, line: line, rule: "no such heading: \(link)"))
            }
        }
    }
    return violations
}

/// Targets of `[text](target)` outside code.
private func links(in page: SourceFile) -> [(line: Int, target: String)] {
    var result: [(Int, String)] = []
    var inCode = false
    for (number, line) in page.lines {
        if line.hasPrefix("```") { inCode.toggle() }
        if inCode { continue }
        var rest = line
        while let start = rest.range(of: "]("), let end = rest[start.upperBound...].firstIndex(of: ")") {
            result.append((number, String(rest[start.upperBound..<end])))
            rest = rest[end...]
        }
    }
    return result
}

/// The anchors that GitHub and most renderers give to headings.
private func headingAnchors(in page: SourceFile) -> Set<String> {
    var result: Set<String> = []
    for (_, line) in page.lines where line.hasPrefix("#") {
        let title = line.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased()
        let kept = title.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
        result.insert(kept.replacingOccurrences(of: " ", with: "-"))
    }
    return result
}

/// `../x` and `./x` taken away; nil when the path leaves the repository.
private func resolved(_ link: String, from folder: String) -> String? {
    var parts = link.hasPrefix("/") ? [] : folder.split(separator: "/").map(String.init)
    for part in link.split(separator: "/") {
        switch part {
        case ".": continue
        case "..":
            guard !parts.isEmpty else { return nil }
            parts.removeLast()
        default: parts.append(String(part))
        }
    }
    return parts.joined(separator: "/")
}
