import ConnectorNormalization
import Foundation
import Logging
import Synchronization

/// Remembers whose a tag path is that two tags asked for, so that it stays whichever of them comes first after a
/// restart: `tag-paths` in the folder `watermarks` of the state directory, one line for each such path.
final class TagPathFile: Sendable {
    /// Beyond this many nothing more is remembered; paths are distinct all the same.
    static let linesMax = 1_000_000

    private let path: String
    private let logger: Logger
    private let written: Mutex<Int>

    private init(path: String, logger: Logger, lines: Int) {
        self.path = path
        self.logger = logger
        written = Mutex(lines)
    }

    /// The registry of a connector with what earlier runs decided.
    static func registry(stateDirectory: String, logger: Logger) -> TagPathRegistry {
        let path = stateDirectory + "/watermarks/tag-paths"
        let known = read(path)
        let file = TagPathFile(path: path, logger: logger, lines: known.count)
        return TagPathRegistry(known) { file.append($0) }
    }

    /// A line that was torn by a crash says nothing.
    static func read(_ path: String) -> [TagPathRegistry.Reservation] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").prefix(linesMax).compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 2, words.allSatisfy({ $0.utf8.count == 16 }), let path = UInt64(words[0], radix: 16),
                let owner = UInt64(words[1], radix: 16)
            else { return nil }
            return TagPathRegistry.Reservation(path: path, owner: owner)
        }
    }

    private func append(_ reservation: TagPathRegistry.Reservation) {
        written.withLock { written in
            guard written < Self.linesMax else { return }
            written += 1
            do {
                try write("\(Self.digits(reservation.path)) \(Self.digits(reservation.owner))\n")
            } catch {
                // Said once: what cannot be written now hardly can be later.
                written = Self.linesMax
                logger.warning("cannot remember tag paths in \(path): \(error.localizedDescription)")
            }
        }
    }

    private func write(_ line: String) throws {
        let url = URL(fileURLWithPath: path)
        if !FileManager.default.fileExists(atPath: path) {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: url)
        }
        let file = try FileHandle(forWritingTo: url)
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data(line.utf8))
    }

    private static func digits(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
