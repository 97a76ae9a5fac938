import ConnectorModel
import Foundation
import Testing

@testable import ConnectorJournal

/// A journal that is in memory until it must go to disk.
@Suite struct TieredStorageTests {
    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.path + "/penstock-tiers-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func journal(_ storage: any Storage) -> Journal {
        Journal(
            storage: storage, options: JournalOptions(segmentBytesMax: 4096),
            randomID: { UInt64.random(in: 1 ... .max) })
    }

    private func onDisk(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).filter { $0 != "lock" }.sorted()
    }

    @Test func nothingIsOnDiskUntilItMustBeAndThenEverything() throws {
        try withDirectory { path in
            let storage = TieredStorage(FileStorage(path: path, syncs: false))
            let journal = journal(storage)
            _ = try journal.open()
            _ = journal.tables.prefixes.register(Array("prefix".utf8))
            _ = journal.tables.sources.register(Array("source".utf8))
            var positions: [JournalPosition] = []
            for number in 0..<200 {
                positions.append(try #require(try journal.commit([numberedEntry(number)])).location.position)
            }
            try journal.acknowledged(upTo: positions[49])
            #expect(try onDisk(path).isEmpty)
            #expect(storage.namesInMemory.contains("tags") && storage.namesInMemory.contains("watermark"))
            let first = try #require(journal.state.segments.first?.number)
            #expect(first > 1)

            try storage.spill()
            #expect(storage.namesInMemory.isEmpty)
            for number in 200..<210 { _ = try journal.commit([numberedEntry(number)]) }
            let place = JournalLocation(
                JournalPosition(segment: first, frame: 0), offset: JournalFormat.bodyStart)
            #expect(try journal.readAll(from: place).last.map(number(of:)) == 209)
            // As if the process had been killed.
            storage.unlock()
            let second = self.journal(FileStorage(path: path))
            #expect(try second.readAll(from: second.open().first).map(number(of:)) == Array(50..<210))
            #expect(second.tables.prefixes.string(0) == "prefix")
        }
    }

    @Test func whatIsOnDiskStaysThereAndWhatIsNewIsInMemoryAgain() throws {
        try withDirectory { path in
            let storage = TieredStorage(FileStorage(path: path, syncs: false))
            let journal = journal(storage)
            _ = try journal.open()
            try storage.spill()
            var last: JournalPosition?
            for number in 0..<50 { last = try journal.commit([numberedEntry(number)])?.location.position }
            storage.stopSpilling()
            for number in 50..<300 { last = try journal.commit([numberedEntry(number)])?.location.position }
            #expect(!storage.namesInMemory.isEmpty)
            #expect(try onDisk(path).contains { $0.hasPrefix("segment-") })
            let place = JournalLocation(JournalPosition(segment: 1, frame: 0), offset: JournalFormat.bodyStart)
            #expect(try journal.readAll(from: place).map(number(of:)) == Array(0..<300))
            try journal.acknowledged(upTo: try #require(last))
            try journal.close()
            // Delivered segments are gone from both.
            #expect(try onDisk(path).allSatisfy { !$0.hasPrefix("segment-") })
            #expect(storage.namesInMemory.allSatisfy { !$0.hasPrefix("segment-") })
        }
    }

    @Test func aDiskThatFailsLeavesTheRestInMemory() throws {
        try withDirectory { path in
            let storage = TieredStorage(FileStorage(path: path, syncs: false))
            let journal = journal(storage)
            _ = try journal.open()
            for number in 0..<200 { _ = try journal.commit([numberedEntry(number)]) }
            // A folder in the place of a file cannot be replaced by one.
            let obstacle = path + "/segment-0000000000000002"
            try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: false)
            #expect(throws: JournalFailure.self) { try storage.spill() }
            #expect(storage.namesInMemory.contains("segment-0000000000000002"))
            let place = JournalLocation(JournalPosition(segment: 1, frame: 0), offset: JournalFormat.bodyStart)
            #expect(try journal.readAll(from: place).map(number(of:)) == Array(0..<200))
            try FileManager.default.removeItem(atPath: obstacle)
            try storage.spill()
            #expect(storage.namesInMemory.isEmpty)
            #expect(try journal.readAll(from: place).map(number(of:)) == Array(0..<200))
        }
    }
}
