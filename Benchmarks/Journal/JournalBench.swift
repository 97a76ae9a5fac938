import ConnectorJournal
import ConnectorKeys
import ConnectorModel
import Foundation

/// Measures the journal; `dev/bench-journal` runs it. Figures go to standard output, a line of JSON each, and what
/// people read to standard error.
///
///     journal-bench append DIRECTORY ROUNDS        the disk's own rate and the journal's, in the clear and sealed
///     journal-bench recover DIRECTORY MEGABYTES    what a start and reading all back take
///     journal-bench cpu FRAMES clear|sealed        appends into memory, for whoever counts instructions
@main struct JournalBench {
    /// Bytes of a record's varying part, and records of a frame: a source's batch.
    private static let recordBytes = 60
    private static let frameRecords = 500
    static let mebibyte = 1_048_576

    static func main() {
        do {
            try run()
        } catch {
            say("journal-bench: \(error)")
            exit(1)
        }
    }

    private static func run() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch (arguments.first, arguments.count) {
        case ("append", 3): try append(arguments[1], rounds: Int(arguments[2]) ?? 15)
        case ("recover", 3): try recover(arguments[1], megabytes: Int(arguments[2]) ?? 1024)
        case ("cpu", 3): try appendToMemory(frames: Int(arguments[1]) ?? 1000, sealed: arguments[2] == "sealed")
        default:
            say("see the head of JournalBench.swift")
            exit(2)
        }
    }

    static func say(_ line: String) {
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// One figure for the table of `dev/bench`.
    static func figure(_ name: String, _ value: Double, _ unit: String) {
        let line = "{\"name\": \"\(name)\", \"value\": \(String(format: "%.3f", value)), \"unit\": \"\(unit)\"}"
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    static func seconds(_ body: () throws -> Void) rethrows -> Double {
        let time = try ContinuousClock().measure(body)
        return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    }

    static func journal(_ storage: any Storage, sealed: Bool) throws -> Journal {
        let sealing = sealed ? JournalSealing(KeyRing([.random()], place: "memory")) : .none
        let journal = Journal(storage: storage, sealing: sealing, randomID: { UInt64.random(in: 1 ... .max) })
        _ = try journal.open()
        return journal
    }

    /// Frames of about 32 KB, as many as fit into a group with their seals and the segment's header: so many groups as
    /// fill a segment do fit into one.
    static func group(bytes: Int) -> [JournalEntry] {
        var frame: [UInt8] = []
        for index in 0..<frameRecords {
            frame.append(0)
            frame.append(UInt8(recordBytes))
            frame += (0..<recordBytes).map { UInt8(truncatingIfNeeded: $0 &* index) }
        }
        let entry = JournalEntry(
            source: 0, frame: EncodedFrame(entries: frame, count: frameRecords), time: Timestamp(microseconds: 0))
        return Array(repeating: entry, count: max(1, (bytes - 1024) / (entry.bytes + 16)))
    }

    /// Lets everything go that was written, so that neither memory nor disk fills up.
    static func acknowledgeAll(_ journal: Journal) throws {
        if let last = journal.state.segments.last, last.frames > 0 {
            try journal.acknowledged(upTo: JournalPosition(segment: last.number, frame: last.frames - 1))
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
            try acknowledgeAll(journal)
        }
        say("\(done * frameRecords) records")
    }
}
