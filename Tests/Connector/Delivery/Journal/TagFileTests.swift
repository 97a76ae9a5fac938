import ConnectorModel
import SimulatedDisk
import TestRandomness
import Testing

@testable import ConnectorJournal

@Suite struct TagFileTests {
    private func prefix(_ number: Int) -> [UInt8] { Array("prefix \(number) of many".utf8) }

    @Test func theSameBytesKeepTheSameReferenceOverRestarts() throws {
        let disk = SimulatedDisk(seed: 1)
        for run in 0..<4 {
            let journal = Journal.on(disk, seed: UInt64(run))
            _ = try journal.open()
            for number in 0..<(10 * (run + 1)) {
                #expect(journal.tables.prefixes.register(prefix(number)) == UInt32(number))
            }
            #expect(journal.tables.sources.register(Array("source".utf8)) == 0)
            _ = try journal.commit([numberedEntry(run)])
            disk.crash()
        }
        let journal = Journal.on(disk, seed: 9)
        _ = try journal.open()
        #expect(journal.tables.prefixes.count == 40)
        #expect(journal.tables.prefixes.string(39) == "prefix 39 of many")
        #expect(journal.tables.sources.string(0) == "source")
        #expect(journal.tables.sources.string(1) == nil)
    }

    /// More than one portion of the file, at the first commit and at a later one.
    @Test func aLargePlantIsWrittenInPortions() throws {
        let disk = SimulatedDisk(seed: 1)
        let journal = Journal.on(disk, seed: 1)
        _ = try journal.open()
        _ = journal.tables.sources.register(Array("source".utf8))
        func text(_ number: Int) -> [UInt8] { prefix(number) + [UInt8](repeating: UInt8(number & 0xFF), count: 10_000) }
        for part in [0..<250, 250..<500] {
            for number in part { _ = journal.tables.prefixes.register(text(number)) }
            _ = try journal.commit([numberedEntry(part.lowerBound)])
        }
        #expect(try #require(disk.content("tags")).count > 4 << 20)
        disk.crash()
        let second = Journal.on(disk, seed: 2)
        #expect(try second.open().lostTags == 0)
        #expect(second.tables.prefixes.entries(from: 0).map { Array($0.bytes) } == (0..<500).map(text))
    }

    @Test func prefixesAreDurableBeforeTheFirstFrameThatUsesThem() throws {
        let disk = SimulatedDisk(seed: 1)
        let journal = Journal.on(disk, seed: 1)
        _ = try journal.open()
        _ = try journal.commit([numberedEntry(0)])
        let reference = journal.tables.prefixes.register(prefix(7))
        disk.failingSyncs = ["tags": 1]
        #expect(throws: JournalFailure.self) { try journal.commit([numberedEntry(1)]) }
        _ = try journal.commit([numberedEntry(1)])
        disk.crash()
        let second = Journal.on(disk, seed: 2)
        #expect(try second.open().frames == 2)
        #expect(second.tables.prefixes.string(reference) == "prefix 7 of many")
    }

    /// Linux gives pages up as clean after a failed sync: the next process reads what no disk has.
    @Test(arguments: 0..<20)
    func whatAKilledProcessCouldNotSyncIsNotBuiltUpon(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        let first = Journal.on(disk, seed: 1)
        _ = try first.open()
        _ = first.tables.prefixes.register(prefix(1))
        _ = first.tables.sources.register(Array("source".utf8))
        _ = try first.commit([numberedEntry(0)])
        _ = first.tables.prefixes.register(prefix(2))
        disk.failingSyncs = ["tags": 1]
        #expect(throws: JournalFailure.self) { try first.commit([numberedEntry(1)]) }
        disk.kill()
        let second = Journal.on(disk, seed: 2)
        _ = try second.open()
        let reference = second.tables.prefixes.register(prefix(2))
        _ = try second.commit([numberedEntry(1)])
        disk.crash()
        let third = Journal.on(disk, seed: 3)
        #expect(try third.open().lostTags == 0)
        #expect(third.tables.prefixes.string(reference) == "prefix 2 of many")
    }

    @Test func aLostEntryNeverGivesItsNumberToAnother() throws {
        for damaged in 0..<3 {
            let disk = SimulatedDisk(seed: 1)
            let journal = Journal.on(disk, seed: 1)
            _ = try journal.open()
            for number in 0..<3 { _ = journal.tables.prefixes.register(prefix(number)) }
            _ = journal.tables.sources.register(Array("source".utf8))
            _ = try journal.commit([numberedEntry(0)])
            _ = try journal.commit([numberedEntry(1)])
            disk.kill()
            let text = prefix(damaged)
            let content = try #require(disk.content("tags"))
            let place = try #require(content.indices.first { content[$0...].starts(with: text) })
            disk.damage("tags") { $0[place] ^= 1 }

            for run in 0..<2 {
                let next = Journal.on(disk, seed: UInt64(5 + run))
                #expect(try next.open().lostTags == 1)
                for number in 0..<3 {
                    let reference = next.tables.prefixes.register(prefix(number))
                    #expect(number == damaged ? reference >= 3 : reference == UInt32(number))
                }
                _ = try next.commit([numberedEntry(2 + run)])
                disk.crash()
            }
        }
    }

    @Test func withoutTheFileItsNumbersStayTaken() throws {
        let disk = SimulatedDisk(seed: 1)
        let journal = Journal.on(disk, seed: 1)
        _ = try journal.open()
        for number in 0..<3 { _ = journal.tables.prefixes.register(prefix(number)) }
        _ = try journal.commit([numberedEntry(0, source: 2)])
        disk.kill()
        disk.remove("tags")
        let second = Journal.on(disk, seed: 2)
        let recovery = try second.open()
        #expect(recovery.lostTags == 6)
        #expect(second.tables.prefixes.register(prefix(0)) == 3)
    }

    @Test func damageAnywhereNeverTraps() throws {
        let disk = SimulatedDisk(seed: 1)
        let journal = Journal.on(disk, seed: 1)
        _ = try journal.open()
        for number in 0..<20 { _ = journal.tables.prefixes.register(prefix(number)) }
        _ = try journal.commit([numberedEntry(0)])
        disk.kill()
        let whole = try #require(disk.content("tags"))
        var random = SeededRandom(seed: 3)
        for _ in 0..<100 {
            disk.damage("tags") { content in
                content = Array(whole[..<Int.random(in: 0...whole.count, using: &random)])
                for _ in 0..<3 where !content.isEmpty {
                    content[Int.random(in: 0..<content.count, using: &random)] ^= 0x55
                }
            }
            let journal = Journal.on(disk, seed: 2)
            _ = try journal.open()
            for number in 0..<20 {
                let text = journal.tables.prefixes.string(UInt32(number))
                #expect(text == nil || text == "" || text == "prefix \(number) of many")
            }
            disk.kill()
        }
    }
}
