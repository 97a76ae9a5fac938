import ConnectorJournal
import ConnectorKeys
import ConnectorModel
import Foundation

/// Measures the journal; `dev/bench-journal` runs it.
///
///     journal-bench append DIRECTORY MEGABYTES     the disk's own rate and the journal's, in the clear and sealed
///     journal-bench recover DIRECTORY MEGABYTES    what a start and reading all back take
///     journal-bench cpu FRAMES clear|sealed        appends into memory, for whoever counts instructions
@main struct JournalBench {
    /// Bytes of a record's varying part, and records of a frame: a source's batch.
    private static let recordBytes = 60
    private static let frameRecords = 500
    private static let mebibyte = 1_048_576

    static func main() {
        do {
            try run()
        } catch {
            FileHandle.standardError.write(Data("journal-bench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch (arguments.first, arguments.count) {
        case ("append", 3): try append(arguments[1], megabytes: Int(arguments[2]) ?? 256)
        case ("recover", 3): try recover(arguments[1], megabytes: Int(arguments[2]) ?? 1024)
        case ("cpu", 3): try appendToMemory(frames: Int(arguments[1]) ?? 1000, sealed: arguments[2] == "sealed")
        default:
            FileHandle.standardError.write(Data("see the head of JournalBench.swift\n".utf8))
            exit(2)
        }
    }

    private static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    // MARK: Append

    /// Every second round the other way about, so that neither gains by its turn.
    private static func append(_ directory: String, megabytes: Int) throws {
        for groupBytes in [64 * 1024, 512 * 1024, 4 * mebibyte] {
            var rates: [String: [Double]] = [:]
            for round in 0..<3 {
                let kinds = round % 2 == 0 ? ["disk", "clear", "sealed"] : ["sealed", "clear", "disk"]
                for kind in kinds {
                    let place = "\(directory)/\(kind)-\(groupBytes)-\(round)"
                    let rate =
                        kind == "disk"
                        ? try writeSequentially(place, bytes: megabytes * mebibyte, groupBytes: groupBytes)
                        : try appendFrames(
                            FileStorage(path: place), bytes: megabytes * mebibyte, groupBytes: groupBytes,
                            sealed: kind == "sealed")
                    rates[kind, default: []].append(rate)
                    try FileManager.default.removeItem(atPath: place)
                }
            }
            let middle = rates.mapValues { $0.sorted()[$0.count / 2] }
            guard let disk = middle["disk"], let clear = middle["clear"], let sealed = middle["sealed"] else {
                continue
            }
            say(
                "groups of \(groupBytes / 1024) KiB: disk \(text(disk)) MiB/s, journal \(text(clear)) MiB/s "
                    + "(\(text(100 * clear / disk)) %), sealed \(text(sealed)) MiB/s (\(text(100 * sealed / disk)) %)")
        }
    }

    private static func text(_ number: Double) -> String { String(format: "%.0f", number) }

    private static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let time = try ContinuousClock().measure(body)
        return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    }

    /// The same writes and syncs as a journal makes, into reserved files of a segment's size.
    private static func writeSequentially(_ directory: String, bytes: Int, groupBytes: Int) throws -> Double {
        let storage = FileStorage(path: directory)
        try storage.lock()
        defer { storage.unlock() }
        let group = UnsafeMutableRawBufferPointer.allocate(byteCount: groupBytes, alignment: 4096)
        defer { group.deallocate() }
        for index in group.indices { group[index] = UInt8(truncatingIfNeeded: index &* 31) }
        let segmentBytes = 16 * mebibyte
        let time = try seconds {
            for number in 0..<max(1, bytes / segmentBytes) {
                let file = try storage.create("file-\(number)")
                try file.preallocate(segmentBytes)
                try file.sync()
                try storage.syncDirectory()
                for offset in stride(from: 0, to: segmentBytes, by: groupBytes) {
                    try file.write(UnsafeRawBufferPointer(group), at: offset)
                    try file.sync()
                }
                file.close()
            }
        }
        return Double(bytes) / Double(mebibyte) / time
    }

    private static func journal(_ storage: any Storage, sealed: Bool) throws -> Journal {
        let sealing = sealed ? JournalSealing(KeyRing([.random()], place: "memory")) : .none
        let journal = Journal(storage: storage, sealing: sealing, randomID: { UInt64.random(in: 1 ... .max) })
        _ = try journal.open()
        return journal
    }

    private static func appendFrames(
        _ storage: any Storage, bytes: Int, groupBytes: Int, sealed: Bool
    ) throws -> Double {
        let journal = try journal(storage, sealed: sealed)
        let group = group(bytes: groupBytes)
        let size = group.reduce(0) { $0 + $1.bytes }
        var done = 0
        let time = try seconds {
            while done < bytes {
                _ = try journal.commit(group)
                done += size
            }
        }
        try journal.close()
        return Double(done) / Double(mebibyte) / time
    }

    /// Frames of about 32 KB, as many as fill a group.
    private static func group(bytes: Int) -> [JournalEntry] {
        var frame: [UInt8] = []
        for index in 0..<frameRecords {
            frame.append(0)
            frame.append(UInt8(recordBytes))
            frame += (0..<recordBytes).map { UInt8(truncatingIfNeeded: $0 &* index) }
        }
        let entry = JournalEntry(
            source: 0, frame: EncodedFrame(entries: frame, count: frameRecords), time: Timestamp(microseconds: 0))
        return Array(repeating: entry, count: max(1, bytes / entry.bytes))
    }

    // MARK: Recovery

    private static func recover(_ directory: String, megabytes: Int) throws {
        for sealed in [false, true] {
            let place = directory + (sealed ? "/sealed" : "/clear")
            let key = KeyRing([.random()], place: "memory")
            func openNew() throws -> (Journal, JournalRecovery) {
                let journal = Journal(
                    storage: FileStorage(path: place, syncs: false), sealing: JournalSealing(key, seals: sealed),
                    randomID: { UInt64.random(in: 1 ... .max) })
                return (journal, try journal.open())
            }
            let (first, _) = try openNew()
            let group = group(bytes: mebibyte)
            while first.bytes < megabytes * mebibyte { _ = try first.commit(group) }
            try first.close()

            var opened: (Journal, JournalRecovery)?
            let start = try seconds { opened = try openNew() }
            guard let (journal, recovery) = opened else { return }
            var records = 0
            let reading = try seconds {
                var location = recovery.first
                while let from = location {
                    let part = try journal.read(from: from, recordsMax: .max, bytesMax: 4 * mebibyte)
                    records += part.frames.reduce(0) { $0 + $1.frame.count }
                    location = part.next
                }
            }
            let form = sealed ? "sealed" : "in the clear"
            say(
                "\(megabytes) MiB \(form): start \(String(format: "%.2f", start)) s, "
                    + "reading \(records) records back \(String(format: "%.2f", reading)) s")
            try journal.close()
            try FileManager.default.removeItem(atPath: place)
        }
    }

    // MARK: Instructions

    private static func appendToMemory(frames: Int, sealed: Bool) throws {
        let journal = try journal(MemoryStorage(), sealed: sealed)
        let group = group(bytes: 128 * 1024)
        var done = 0
        while done < frames {
            _ = try journal.commit(group)
            done += group.count
            // What was written is let go, so that memory stays small.
            if let last = journal.state.segments.last, last.frames > 0 {
                try journal.acknowledged(upTo: JournalPosition(segment: last.number, frame: last.frames - 1))
            }
        }
        say("\(done * frameRecords)")
    }
}
