package import Foundation

/// The kept inputs of a target, in `Fuzz/Corpora`: a folder of the target's name with one input per file, and a file
/// `<target>.hex` with one input per line in hexadecimal, `#` before a comment.
package struct Corpus: Sendable {
    package var inputs: [(name: String, bytes: [UInt8])] = []

    package static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Corpora")

    /// - Throws: when a line is not hexadecimal or a file cannot be read.
    package init(target: String, in folder: URL = Corpus.folder) throws {
        let files = FileManager.default
        let packed = folder.appendingPathComponent(target + ".hex")
        if files.fileExists(atPath: packed.path) {
            let lines = try String(contentsOf: packed, encoding: .utf8).split(separator: "\n")
            for (number, line) in lines.enumerated() where !line.hasPrefix("#") {
                inputs.append(("\(target).hex:\(number + 1)", try Self.bytes(hex: line)))
            }
        }
        let directory = folder.appendingPathComponent(target)
        guard files.fileExists(atPath: directory.path) else { return }
        for name in try files.contentsOfDirectory(atPath: directory.path).sorted() {
            inputs.append(("\(target)/\(name)", Array(try Data(contentsOf: directory.appendingPathComponent(name)))))
        }
    }

    struct NotHexadecimal: Error {
        var line: String
    }

    static func bytes(hex: some StringProtocol) throws -> [UInt8] {
        let digits = hex.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { throw NotHexadecimal(line: String(hex)) }
        let values = digits.compactMap { $0 }
        return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }
}
