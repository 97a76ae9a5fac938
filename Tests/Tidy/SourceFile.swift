import Foundation

/// One text file of the repository.
struct SourceFile {
    /// Relative to the repository, for example `Sources/Protocols/Modbus/Core/PDU.swift`.
    var path: String
    var text: String

    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    var isSwift: Bool { path.hasSuffix(".swift") }
    var isGenerated: Bool { path.contains("/Generated/") || path.hasSuffix(".pb.swift") }

    /// Lines with their number, counted from 1. Split on bytes: these tests read the whole repository.
    var lines: [(number: Int, text: Substring)] {
        var result: [(Int, Substring)] = []
        for (index, line) in text.utf8.split(separator: 10, omittingEmptySubsequences: false).enumerated() {
            result.append((index + 1, Substring(line)))
        }
        return result
    }
}

/// A broken rule, and where.
struct Violation: Equatable, CustomStringConvertible {
    var path: String
    var line: Int?
    var rule: String

    var description: String { path + (line.map { ":\($0)" } ?? "") + ": " + rule }
}

/// The files of this clone that people write: no build products, no data of runs.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private static let skipped: Set<String> = [
        ".git", ".swiftpm", ".vscode", ".idea", "__pycache__", "demo-data", "penstock-data", "shared",
    ]
    private static let texts: Set<String> = [
        "swift", "md", "py", "sh", "js", "css", "html", "yaml", "yml", "json", "csv", "txt", "proto", "sql", "",
    ]

    static func files() throws -> [SourceFile] {
        var result: [SourceFile] = []
        try collect("", into: &result)
        return result.sorted { $0.path < $1.path }
    }

    private static func collect(_ folder: String, into result: inout [SourceFile]) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: root + "/" + folder) {
            guard !skipped.contains(name), !name.hasPrefix(".build") else { continue }
            let path = folder.isEmpty ? name : folder + "/" + name
            let attributes = try FileManager.default.attributesOfItem(atPath: root + "/" + path)
            switch attributes[.type] as? FileAttributeType {
            case .typeDirectory?:
                try collect(path, into: &result)
            case .typeRegular? where texts.contains(URL(fileURLWithPath: path).pathExtension.lowercased()):
                guard let text = try? String(contentsOfFile: root + "/" + path, encoding: .utf8) else { continue }
                result.append(SourceFile(path: path, text: text))
            default:
                continue
            }
        }
    }
}
