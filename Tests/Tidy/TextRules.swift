import Foundation

/// Rules that one file breaks or keeps by its text alone.
struct TextRule: Sendable {
    var name: String
    var check: @Sendable (SourceFile) -> [Violation]
}

/// The limit of a file that people read; DESIGN 13 rule 8.
let linesPerFileMax = 500

let textRules: [TextRule] = [
    TextRule(name: "size") { file in
        guard readable.contains(where: { file.path.hasSuffix($0) }), !file.isGenerated else { return [] }
        let lines = file.lines
        let count = lines.last.map { $0.text.isEmpty ? lines.count - 1 : lines.count } ?? 0
        guard count > linesPerFileMax else { return [] }
        return [Violation(path: file.path, line: nil, rule: "\(count) lines, the limit is \(linesPerFileMax)")]
    },
    TextRule(name: "main.swift") { file in
        // Top-level code runs on the MainActor, where an event loop's work is many times slower.
        guard file.name == "main.swift" else { return [] }
        return [Violation(path: file.path, line: nil, rule: "no main.swift: use an @main type")]
    },
    TextRule(name: "traps") { file in
        guard file.path.hasPrefix("Sources/"), file.isSwift, !file.isGenerated else { return [] }
        return forbidden(
            ["try" + "!", " as" + "! ", "fatal" + "Error("], in: file,
            because: "what can fail is handled; a bug traps with precondition", except: justifiedTraps)
    },
    TextRule(name: "print") { file in
        guard file.path.hasPrefix("Sources/"), file.isSwift, !file.isGenerated,
            !mayPrint.contains(where: { file.path.hasPrefix($0) })
        else { return [] }
        return forbidden(["print(", "debugPrint(", "dump("], in: file, because: "only programs print; others log")
    },
    TextRule(name: "unstructured tasks") { file in
        guard file.path.hasPrefix("Sources/"), file.isSwift, !file.isGenerated,
            !mayStartTasks.contains(where: { file.path.hasPrefix($0) })
        else { return [] }
        return forbidden(
            ["Task {", "Task.detached", "Task(priority", "Task(name"], in: file,
            because: "lifetimes are scopes; unstructured tasks live in App and tests only")
    },
    TextRule(name: "skipped tests") { file in
        guard file.path.hasPrefix("Tests/"), file.isSwift, !file.path.hasPrefix("Tests/Tidy/") else { return [] }
        return forbidden([".disabled(", "withKnownIssue"], in: file, because: "a test runs or is removed")
    },
    TextRule(name: "markers") { file in
        file.lines.compactMap { number, line in
            guard let marker = markers.first(where: { containsWord($0, in: line) }) else { return nil }
            return Violation(path: file.path, line: number, rule: "leftover marker \(marker)")
        }
    },
    TextRule(name: "places") { file in
        forbidden(
            workplaces, in: file, because: "a path or a host of one machine does not belong in the repository")
    },
    TextRule(name: "secrets") { file in
        file.lines.compactMap { number, line in
            guard let kind = secret(in: line) else { return nil }
            return Violation(path: file.path, line: number, rule: "looks like \(kind)")
        }
    },
    TextRule(name: "generated") { file in
        guard file.isSwift else { return [] }
        let head = file.lines.prefix(30)
        let marked = head.contains { $0.text.hasPrefix("//") && $0.text.lowercased().contains("do not" + " edit") }
        if file.isGenerated, !marked {
            return [Violation(path: file.path, line: nil, rule: "a generated file says DO NOT" + " EDIT at its top")]
        }
        if !file.isGenerated, marked {
            return [Violation(path: file.path, line: nil, rule: "a generated file lives in Generated/")]
        }
        return []
    },
]

/// Kinds of file that are read, and so have a limit.
private let readable = [".swift", ".py", ".sh", ".js", ".css", ".html"]

/// Traps in Sources that stay, each with its reason: (path, what is on the line, why).
let justifiedTraps: [(path: String, text: String, why: String)] = []

/// Command line programs talk to people.
private let mayPrint = [
    "Sources/Programs/", "Sources/Connector/App/", "Sources/Simulator/App/", "Sources/Protocols/Zerobus/Server/",
]

private let mayStartTasks = ["Sources/Connector/App/", "Sources/Simulator/App/"]

/// Taken apart here so that this file keeps its own rule.
private let markers = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]

private let workplaces = ["/wo" + "rk/", "/ro" + "ot/", "index" + "-url", "file" + ":///home"]

private func forbidden(
    _ texts: [String], in file: SourceFile, because reason: String,
    except justified: [(path: String, text: String, why: String)] = []
) -> [Violation] {
    file.lines.compactMap { number, line in
        guard let text = texts.first(where: { occurs($0, in: line) }), !isComment(line) || !file.isSwift else {
            return nil
        }
        if justified.contains(where: { $0.path == file.path && line.contains($0.text) }) { return nil }
        return Violation(
            path: file.path, line: number, rule: "'\(text.trimmingCharacters(in: .whitespaces))': \(reason)")
    }
}

private func isComment(_ line: Substring) -> Bool {
    line.drop { $0 == " " || $0 == "\t" }.hasPrefix("//")
}

/// Whether `text` occurs with no letter, digit or dot right before it when it begins with a letter
/// (`footprint(` is not `print(`, and `logger.dump(` is not `dump(`).
private func occurs(_ text: String, in line: Substring) -> Bool {
    var rest = line
    while let range = rest.range(of: text) {
        let begins = text.first.map { $0.isLetter } ?? false
        let before = range.lowerBound > line.startIndex ? line[line.index(before: range.lowerBound)] : " "
        if !begins || !(before.isLetter || before.isNumber || before == "." || before == "_") { return true }
        rest = rest[range.upperBound...]
    }
    return false
}

private func containsWord(_ word: String, in line: Substring) -> Bool {
    var rest = line
    while let range = rest.range(of: word) {
        let before = range.lowerBound > line.startIndex ? line[line.index(before: range.lowerBound)] : " "
        let after = range.upperBound < line.endIndex ? line[range.upperBound] : " "
        if !(before.isLetter || before.isNumber) && !(after.isLetter || after.isNumber) { return true }
        rest = rest[range.upperBound...]
    }
    return false
}

/// What kind of secret a line seems to hold, or nil.
private func secret(in line: Substring) -> String? {
    if line.contains("PRIVATE KEY-" + "----") { return "a private key" }
    let shapes: [(start: String, length: Int, kind: String)] = [
        ("dapi", 32, "a workspace token"), ("AKIA", 16, "a cloud access key"), ("ghp_", 36, "a repository token"),
        ("pypi-", 60, "a registry token"),
    ]
    for shape in shapes {
        guard let range = line.range(of: shape.start) else { continue }
        if line[range.upperBound...].prefix(while: { $0.isLetter || $0.isNumber }).count >= shape.length {
            return shape.kind
        }
    }
    return nil
}
