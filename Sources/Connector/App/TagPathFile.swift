import ConnectorNormalization
import FileSupport
import Foundation
import Logging
import Synchronization

/// Remembers whose a tag path is that two tags asked for, so that it stays whichever of them comes first after a
/// restart: `tag-paths` in the folder `watermarks` of the state directory, one line for each such path.
final class TagPathFile: Sendable {
    /// Beyond this many nothing more is remembered; paths are distinct all the same.
    static let linesMax = 1_000_000
    private static let lineBytes = 34

    /// What the file says.
    struct Contents: Equatable {
        var reservations: [TagPathRegistry.Reservation] = []
        /// Whether a crash tore the last line off, so that the next one must begin anew.
        var isTorn = false
    }

    private struct Written {
        var lines: Int
        var isTorn: Bool
    }

    private let path: String
    private let logger: Logger
    private let written: Mutex<Written>

    private init(path: String, logger: Logger, _ known: Contents) {
        self.path = path
        self.logger = logger
        written = Mutex(Written(lines: known.reservations.count, isTorn: known.isTorn))
    }

    /// The registry of a connector with what earlier runs decided.
    static func registry(stateDirectory: String, logger: Logger) -> TagPathRegistry {
        let path = stateDirectory + "/watermarks/tag-paths"
        var known = Contents()
        do {
            known = try read(path)
        } catch {
            logger.warning("\(error); whose a disputed tag path is may change with this start")
        }
        let file = TagPathFile(path: path, logger: logger, known)
        return TagPathRegistry(known.reservations) { file.append($0) }
    }

    /// A line that was torn by a crash says nothing.
    /// - Throws: when there is a file that cannot be read.
    static func read(_ path: String) throws(FileFailure) -> Contents {
        guard let bytes = try WholeFile.read(path, bytesMax: linesMax * lineBytes) else { return Contents() }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").prefix(linesMax)
        let reservations: [TagPathRegistry.Reservation] = lines.compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 2, words.allSatisfy({ $0.utf8.count == 16 }), let path = UInt64(words[0], radix: 16),
                let owner = UInt64(words[1], radix: 16)
            else { return nil }
            return TagPathRegistry.Reservation(path: path, owner: owner)
        }
        return Contents(
            reservations: reservations, isTorn: bytes.last.map { $0 != UInt8(ascii: "\n") } ?? false)
    }

    private func append(_ reservation: TagPathRegistry.Reservation) {
        written.withLock { written in
            guard written.lines < Self.linesMax else { return }
            written.lines += 1
            do {
                try write(
                    "\(written.isTorn ? "\n" : "")\(Self.digits(reservation.path)) \(Self.digits(reservation.owner))\n")
                written.isTorn = false
            } catch {
                // Said once: what cannot be written now hardly can be later.
                written.lines = Self.linesMax
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
