import ConnectorModel
import SimulatedDisk
import TestRandomness
import Testing

@testable import ConnectorJournal

/// The promise of the journal under every interruption: what was reported durable is read back, in order, once.
@Suite struct JournalCrashTests {
    /// What the outside knows: it saw commits return and sent acknowledgements.
    private struct Witness {
        var submitted = 0
        var durable: [Int: RecordName] = [:]
        /// Frames below this number may have been released.
        var acknowledged = 0
        var positions: [Int: JournalPosition] = [:]
        /// What records are called, also those that were found though nobody had been promised them.
        var names: [Int: RecordName] = [:]
        var prefixes: [UInt32: String] = [:]
    }

    /// A group is written in portions. Whichever write or sync of it fails, the same group is given again, and then it
    /// is there once.
    @Test func aGroupThatFailsBetweenItsPortionsIsWrittenAnew() throws {
        let group = (0..<12).map { numberedEntry($0, padding: 60) }
        var failures = 0
        for failing in 1..<40 {
            let disk = SimulatedDisk(seed: UInt64(failing))
            let journal = Journal.on(disk, seed: 5, sealing: .keys(1))
            _ = try journal.open()
            disk.writesUntilFailure = ["segment-": failing]
            var commit: JournalCommit?
            do {
                commit = try journal.commit(group)
            } catch {
                failures += 1
                commit = try journal.commit(group)
            }
            #expect(commit?.location.position.frame == 0)
            disk.crash()
            let second = Journal.on(disk, seed: 6, sealing: .keys(1))
            let recovery = try second.open()
            #expect(try second.readAll(from: recovery.first).map(number(of:)) == Array(0..<12))
        }
        // The header's write, and one for each portion of a frame.
        #expect(failures == 13)
    }

    /// Groups, acknowledgements and new prefixes, as the seed says; ends at the first failure.
    private func work(on journal: Journal, _ witness: inout Witness, seed: UInt64, groups: Int) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<groups {
            let size = Int.random(in: 1...5, using: &random)
            _ = journal.tables.sources.register(Array("source".utf8))
            let prefix = "prefix \(random.next() % 50)"
            let reference = journal.tables.prefixes.register(Array(prefix.utf8))
            let first = witness.submitted
            witness.submitted += size
            let group = (first..<first + size).map { numberedEntry($0) }
            guard let commit = try journal.commit(group) else { continue }
            witness.prefixes[reference] = prefix
            var record = commit.firstRecord
            for (index, entry) in group.enumerated() {
                witness.durable[first + index] = RecordName(segmentID: commit.segmentID, index: record)
                witness.positions[first + index] = JournalPosition(
                    segment: commit.location.position.segment,
                    frame: commit.location.position.frame + UInt32(index))
                record += UInt32(entry.frame.count)
            }
            if random.chance(0.4) {
                let upTo = Int.random(in: witness.acknowledged...max(witness.acknowledged, first), using: &random)
                guard let position = witness.positions[upTo] else { continue }
                witness.acknowledged = max(witness.acknowledged, upTo + 1)
                try journal.acknowledged(upTo: position, durable: random.chance(0.3))
            }
        }
    }

    /// What is on disk agrees with what the outside knows.
    private func check(
        _ disk: SimulatedDisk, _ witness: inout Witness, seed: UInt64, _ sealing: JournalSealing
    ) throws {
        let journal = Journal.on(disk, seed: seed &+ 1000, sealing: sealing)
        let recovery = try journal.open()
        let frames = try journal.readAll(from: recovery.first)
        let numbers = frames.map(number(of:))
        #expect(numbers.count == recovery.frames)
        #expect(numbers == numbers.sorted())
        #expect(Set(numbers).count == numbers.count)
        #expect(numbers.allSatisfy { $0 < witness.submitted })
        // A failed sync can leave frames that are seen by the next process and lost by the next power failure.
        if !disk.hasFailedToSync {
            #expect(recovery.lostRecords == 0)
            #expect(recovery.lostTags == 0)
        }
        for (reference, prefix) in witness.prefixes { #expect(journal.tables.prefixes.string(reference) == prefix) }
        let missing = witness.durable.keys.filter { $0 >= witness.acknowledged }.sorted().filter {
            !numbers.contains($0)
        }
        #expect(missing == [])
        for frame in frames {
            // A record keeps its name for ever: the view that removes duplicates depends on it.
            let name = RecordName(segmentID: frame.segmentID, index: frame.firstRecord)
            if let before = witness.durable[number(of: frame)] { #expect(name == before) }
            if let before = witness.names[number(of: frame)] { #expect(name == before) }
            witness.names[number(of: frame)] = name
            witness.positions[number(of: frame)] = frame.position
        }
        // What the crash took, the sources send again; here nobody waits for it any more.
        disk.kill()
    }

    @Test(arguments: [JournalSealing.none, .keys(1)])
    func aCrashAtEveryStepLosesNothingDurable(sealing: JournalSealing) throws {
        let calm = SimulatedDisk(seed: 0)
        var witness = Witness()
        let journal = Journal.on(calm, seed: 5, sealing: sealing)
        _ = try journal.open()
        try work(on: journal, &witness, seed: 5, groups: 40)
        let steps = calm.steps
        #expect(steps > 100)
        for powerFails in [true, false] {
            for step in stride(from: 0, to: steps, by: sealing.key == nil ? 1 : 3) {
                let disk = SimulatedDisk(seed: UInt64(step))
                disk.crashAtStep = step
                var witness = Witness()
                do {
                    let journal = Journal.on(disk, seed: 5, sealing: sealing)
                    _ = try journal.open()
                    try work(on: journal, &witness, seed: 5, groups: 40)
                } catch is JournalFailure {}
                powerFails ? disk.crash() : disk.kill()
                try check(disk, &witness, seed: UInt64(step), sealing)
            }
        }
    }

    @Test(arguments: 0..<60)
    func manyRunsWithCrashesAndFailingSyncsLoseNothingDurable(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        var random = SeededRandom(seed: seed &+ 77)
        var witness = Witness()
        // From run to run the key may be another one, or none.
        let sealings: [JournalSealing] = [.none, .keys(1), .keys(1, 2), .keys(1, 2, seals: false)]
        for run in 0..<6 {
            let sealing = seed % 2 == 0 ? sealings[0] : sealings[min(run, 3)]
            disk.syncFailureChance = 0.05
            disk.crashAtStep = disk.steps + Int.random(in: 0..<120, using: &random)
            do {
                let journal = Journal.on(disk, seed: seed &* 31 &+ UInt64(run), sealing: sealing)
                _ = try journal.open()
                // A failed group is given up here; the lane would give it again.
                for part in 0..<10 {
                    do {
                        try work(on: journal, &witness, seed: seed &+ UInt64(run * 100 + part), groups: 5)
                    } catch is JournalFailure {}
                }
            } catch is JournalFailure {}
            disk.syncFailureChance = 0
            random.chance(0.5) ? disk.crash() : disk.kill()
            try check(disk, &witness, seed: seed &+ UInt64(run), sealing)
        }
    }

    @Test func aFailedSyncEndsTheSegmentAndTheGroupIsWrittenOnceMore() throws {
        let disk = SimulatedDisk(seed: 3)
        let journal = Journal.on(disk, seed: 3)
        _ = try journal.open()
        let first = try #require(try journal.commit([numberedEntry(0)]))
        let name = JournalFormat.segmentName(1)
        let syncs = disk.syncs[name] ?? 0
        disk.failingSyncs = [name: 1]
        #expect(throws: JournalFailure.self) { try journal.commit([numberedEntry(1), numberedEntry(2)]) }
        let again = try #require(try journal.commit([numberedEntry(1), numberedEntry(2)]))
        #expect(again.segmentID != first.segmentID)
        _ = try journal.commit([numberedEntry(3)])
        #expect(disk.syncs[name] == syncs + 1)
        // The process ends: the failed file still shows the frames that were written twice. They count once.
        disk.kill()
        let second = Journal.on(disk, seed: 4)
        let recovery = try second.open()
        #expect(try second.readAll(from: recovery.first).map(number(of:)) == [0, 1, 2, 3])
        #expect(recovery.damage == [])
    }

    @Test func aFailedWriteEndsTheSegment() throws {
        let disk = SimulatedDisk(seed: 3)
        let journal = Journal.on(disk, seed: 3)
        _ = try journal.open()
        let first = try #require(try journal.commit([numberedEntry(0)]))
        disk.failingWrites = ["segment-": 1]
        #expect(throws: JournalFailure.self) { try journal.commit([numberedEntry(1)]) }
        #expect(try #require(try journal.commit([numberedEntry(1)])).segmentID != first.segmentID)
    }

    @Test func aFullDiskTakesTheSameGroupLater() throws {
        let disk = SimulatedDisk(seed: 3)
        let journal = Journal.on(disk, seed: 3, segmentBytesMax: 4096)
        _ = try journal.open()
        disk.capacityBytes = 4096 + 8192
        var number = 0
        var failure: JournalFailure?
        while failure == nil {
            do {
                _ = try journal.commit([numberedEntry(number)])
                number += 1
            } catch {
                failure = error
            }
        }
        #expect(failure?.kind == .full)
        #expect(number > 10)
        #expect(throws: JournalFailure.self) { try journal.commit([numberedEntry(number)]) }
        disk.capacityBytes = .max
        _ = try journal.commit([numberedEntry(number)])
        disk.crash()
        let second = Journal.on(disk, seed: 4)
        #expect(
            try second.readAll(from: second.open().first).map(ConnectorJournalTests.number(of:)) == Array(0...number))
    }

    @Test func aTornWatermarkLeavesTheOneBefore() throws {
        let disk = SimulatedDisk(seed: 3)
        let journal = Journal.on(disk, seed: 3, segmentBytesMax: 64 * 1024)
        _ = try journal.open()
        var positions: [JournalPosition] = []
        for number in 0..<6 {
            positions.append(try #require(try journal.commit([numberedEntry(number)])).location.position)
        }
        try journal.acknowledged(upTo: positions[1])
        try journal.acknowledged(upTo: positions[3])
        disk.kill()
        // The second write went to the slot at 0.
        disk.damage("watermark") { $0[30] ^= 0xFF }
        let second = Journal.on(disk, seed: 4)
        #expect(try second.readAll(from: second.open().first).map(number(of:)) == [2, 3, 4, 5])
        disk.kill()
        disk.remove("watermark")
        #expect(try Journal.on(disk, seed: 5).open().frames == 6)
    }

    @Test(arguments: 0..<20)
    func aWatermarkThatFailedIsWrittenOnceMore(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        let journal = Journal.on(disk, seed: 3, segmentBytesMax: 64 * 1024)
        _ = try journal.open()
        var last: JournalPosition?
        for number in 0..<3 { last = try journal.commit([numberedEntry(number)])?.location.position }
        let position = try #require(last)
        disk.failingSyncs = ["watermark": 1]
        #expect(throws: JournalFailure.self) { try journal.acknowledged(upTo: position, durable: true) }
        try journal.acknowledged(upTo: position, durable: true)
        disk.crash()
        #expect(try Journal.on(disk, seed: 4).open().frames == 0)
    }
}
