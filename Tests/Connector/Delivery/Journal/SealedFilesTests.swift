import ConnectorKeys
import SimulatedDisk
import Testing

@testable import ConnectorJournal

/// Which data keys a journal needs: whoever throws the others away loses nothing.
@Suite struct SealedFilesTests {
    private func keys(_ disk: SimulatedDisk) throws -> Set<KeyID> {
        let storage = SimulatedStorage(disk)
        try storage.lock()
        defer { storage.unlock() }
        return try SealedFiles.keys(in: storage)
    }

    /// Commits so many frames and acknowledges the first ones.
    private func use(_ disk: SimulatedDisk, _ sealing: JournalSealing, _ numbers: Range<Int>, acknowledge: Int) throws {
        let journal = Journal.on(disk, seed: UInt64(numbers.lowerBound), sealing: sealing)
        defer { disk.kill() }
        var place = try journal.open().first
        _ = journal.tables.prefixes.register(Array("press \(numbers.lowerBound)".utf8))
        for number in numbers {
            let commit = try journal.commit([numberedEntry(number)])
            if place == nil { place = commit?.location }
        }
        let frames = try journal.readAll(from: place)
        if acknowledge > 0 { try journal.acknowledged(upTo: frames[acknowledge - 1].position) }
    }

    @Test func allKeysThatFilesNameAreFoundAndNoOther() throws {
        let disk = SimulatedDisk(seed: 1)
        #expect(try keys(disk) == [])
        try use(disk, .none, 0..<2, acknowledge: 0)
        #expect(try keys(disk) == [])
        try use(disk, .keys(1), 2..<4, acknowledge: 1)
        #expect(try keys(disk) == [testKey(1).id])
        try use(disk, .keys(1, 2, 3), 4..<6, acknowledge: 0)
        #expect(try keys(disk) == [testKey(1).id, testKey(3).id])
        // What is acknowledged goes, tags and both slots of the watermark are written anew.
        try use(disk, .keys(1, 3), 6..<8, acknowledge: 6)
        try use(disk, .keys(1, 3), 8..<9, acknowledge: 1)
        #expect(try keys(disk) == [testKey(3).id])
        // What a crash left of a replacement counts like the file.
        let left = try #require(disk.content("tags"))
        let storage = SimulatedStorage(disk)
        let file = try storage.create("tags.new")
        try left.withUnsafeBytes { try file.write($0, at: 0) }
        disk.remove("tags")
        disk.remove("watermark")
        disk.kill()
        #expect(try keys(disk) == [testKey(3).id])
    }

    @Test func aFileThatDoesNotTellItsKeyIsRefused() throws {
        for name in ["tags", JournalFormat.segmentName(1), "notes"] {
            let disk = SimulatedDisk(seed: 1)
            try use(disk, .keys(1), 0..<2, acknowledge: 0)
            if name == "notes" {
                let file = try SimulatedStorage(disk).create(name)
                try [UInt8](repeating: 1, count: 2000).withUnsafeBytes { try file.write($0, at: 0) }
            } else {
                disk.damage(name) { for index in 0..<JournalFormat.bodyStart { $0[index] ^= 1 } }
            }
            disk.kill()
            let failure = #expect(throws: JournalFailure.self) { try keys(disk) }
            #expect(failure?.message == "/simulated/\(name) does not tell which data key it needs")
        }
    }

    /// A process that goes on with a new key is killed at any of its steps; the keys that are found are all that the journal
    /// needs, also when the power fails after they were counted.
    @Test func noPowerCutBringsBackAnotherKey() throws {
        var found: Set<Set<KeyID>> = []
        for step in 1..<60 {
            for seed in 0..<4 as Range<UInt64> {
                let disk = SimulatedDisk(seed: seed)
                try use(disk, .keys(1), 0..<3, acknowledge: 2)
                disk.crashAtStep = disk.steps + step
                do {
                    try use(disk, .keys(1, 2), 3..<6, acknowledge: 4)
                    try use(disk, .keys(1, 2), 6..<9, acknowledge: 2)
                } catch {
                    disk.kill()
                }
                let names: Set<KeyID>
                do {
                    names = try keys(disk)
                } catch {
                    // A segment whose header was being written tells nothing: then no key is thrown away.
                    continue
                }
                found.insert(names)
                disk.crash()
                let ring = KeyRing([testKey(1), testKey(2)].filter { names.contains($0.id) }, place: "test")
                let journal = Journal.on(disk, seed: 99, sealing: JournalSealing(ring))
                let numbers = try journal.readAll(from: journal.open().first).map(number(of:))
                #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
                disk.kill()
            }
        }
        #expect(found.contains([testKey(1).id]))
        #expect(found.contains([testKey(1).id, testKey(2).id]))
        #expect(found.contains([testKey(2).id]))
    }
}
