import ConnectorJournal
import Foundation

extension JournalBench {
    /// Something that a round times: one segment's worth of groups, each synced.
    private protocol Writer {
        func write(groups: Int) throws
        /// After the round, not timed.
        func tidy() throws
    }

    /// The same calls of the system as the journal makes, with bytes that are ready: what the disk can do.
    private struct DiskWriter: Writer {
        let storage: FileStorage
        let group: UnsafeMutableRawBufferPointer
        let options = JournalOptions()

        init(_ directory: String, groupBytes: Int) throws {
            storage = FileStorage(path: directory)
            try storage.lock()
            group = .allocate(byteCount: groupBytes, alignment: 4096)
            for index in group.indices { group[index] = UInt8(truncatingIfNeeded: index &* 31) }
        }

        func write(groups: Int) throws {
            let file = try storage.create("file")
            try file.preallocate(groups * group.count)
            try file.sync()
            try storage.syncDirectory()
            for number in 0..<groups {
                try write(to: file, at: number * group.count)
                try file.sync()
            }
            file.close()
        }

        /// A group in the journal's portions, and the disk told to begin where the journal tells it.
        private func write(to file: any StorageFile, at offset: Int) throws {
            var (done, started) = (0, 0)
            while done < group.count {
                let end = min(done + options.portionBytesMax, group.count)
                try file.write(UnsafeRawBufferPointer(rebasing: group[done..<end]), at: offset + done)
                done = end
                guard done < group.count, done - started >= options.startedBytesMin else { continue }
                file.startWriting(from: offset + started, count: done - started)
                started = done
            }
        }

        func tidy() throws { try storage.delete("file") }
    }

    private struct JournalWriter: Writer {
        let journal: Journal
        let group: [JournalEntry]

        func write(groups: Int) throws {
            for _ in 0..<groups { _ = try journal.commit(group) }
        }

        func tidy() throws { try acknowledgeAll(journal) }
    }

    /// In turns, a segment each, every second round the other way about: what else the machine does meanwhile then
    /// falls on all alike. What counts is the middle of the rounds.
    static func append(_ directory: String, rounds: Int) throws {
        var lowest: [String: Double] = [:]
        for groupBytes in [64 * 1024, 512 * 1024, 4 * mebibyte] {
            let group = group(bytes: groupBytes)
            let bytes = group.reduce(0) { $0 + $1.bytes }
            let groups = 16 * mebibyte / groupBytes
            let place = "\(directory)/\(groupBytes)"
            let writers: [(kind: String, writer: any Writer)] = [
                ("disk", try DiskWriter(place + "-disk", groupBytes: bytes)),
                (
                    "clear",
                    JournalWriter(
                        journal: try journal(FileStorage(path: place + "-clear"), sealed: false), group: group)
                ),
                (
                    "sealed",
                    JournalWriter(
                        journal: try journal(FileStorage(path: place + "-sealed"), sealed: true), group: group)
                ),
            ]
            var times: [String: [Double]] = [:]
            for round in 0..<rounds {
                for (kind, writer) in round % 2 == 0 ? writers : writers.reversed() {
                    times[kind, default: []].append(try seconds { try writer.write(groups: groups) })
                    try writer.tidy()
                }
            }
            let size = "\(groupBytes / 1024) KiB"
            let rates = times.mapValues { Double(groups * bytes) / Double(mebibyte) / part($0, 0.5) }
            // On a machine that does something else too, the quickest rounds are those that were left alone.
            let quickest = times.mapValues { Double(groups * bytes) / Double(mebibyte) / part($0, 0.1) }
            guard let disk = rates["disk"], let quickDisk = quickest["disk"] else { continue }
            var line = "groups of \(size): disk \(Int(disk)) MiB/s, quickest \(Int(quickDisk))"
            for kind in ["clear", "sealed"] {
                guard let rate = rates[kind], let quick = quickest[kind] else { continue }
                line +=
                    "; journal \(kind) \(Int(rate)) MiB/s (\(percent(rate / disk))), quickest \(Int(quick)) "
                    + "(\(percent(quick / quickDisk)))"
                figure("journal append \(kind) \(size), share", rate / disk, "of the disk's rate")
                figure("journal append \(kind) \(size), share of the quickest", quick / quickDisk, "of the disk's rate")
                lowest[kind] = min(lowest[kind] ?? .infinity, rate / disk)
            }
            say(line)
        }
        // The journal is sealed unless it is told otherwise.
        if let share = lowest["sealed"] { figure("journal append share", share, "of the disk's rate, the lowest") }
    }

    /// The time that so much of the rounds, 0 to 1, do not exceed.
    private static func part(_ times: [Double], _ share: Double) -> Double {
        times.sorted()[Int(Double(times.count) * share)]
    }

    private static func percent(_ share: Double) -> String { "\(Int((100 * share).rounded())) %" }
}
