import ConnectorJournal
import ConnectorModel
import ProtobufWire
import SimulatedDisk
import TestRandomness
import Testing

@testable import ConnectorLane

@Suite struct RecordJoinerTests {
    private let tables = JournalTables()

    private func frame(_ frame: EncodedFrame, firstRecord: UInt32 = 0) -> JournalFrame {
        JournalFrame(
            position: JournalPosition(segment: 1, frame: 0), segmentID: 0x0123_4567_89AB_CDEF,
            firstRecord: firstRecord, source: 0, time: Timestamp(microseconds: 0), frame: frame)
    }

    @Test func aRecordIsPrefixSuffixAndName() {
        let prefix = tables.prefixes.register([0x32, 0x01, 0x41])
        var joiner = RecordJoiner(prefixes: tables.prefixes)
        var cursor = FrameQueue.Cursor()
        let entries: [UInt8] = [UInt8(prefix), 2, 0x08, 0x07]
        let outcome = joiner.join(
            frame(EncodedFrame(entries: entries, count: 1), firstRecord: 42), from: &cursor, recordsMax: 10,
            bytesMax: 1000)
        #expect(outcome == .frameDone)
        let batch = joiner.take()
        #expect(batch.count == 1)
        let expected: [UInt8] =
            [0x0A, 39]  // field 1 of the list, length
            + [0x32, 0x01, 0x41]  // prefix
            + [0x08, 0x07]  // suffix
            + [0x52, 32]  // field 10, one entry of the map
            + [0x0A, 9] + Array("record_id".utf8)  // key
            + [0x12, 19] + Array("0123456789abcdef-42".utf8)  // value
        #expect(batch.body == expected)
        let isEmpty = joiner.isEmpty
        #expect(isEmpty)
    }

    /// Layouts say where the name goes: an entry of a map with any number, or a column.
    @Test(arguments: [
        (RecordLayout.RecordIDPlace.metadata(17), [0x8A, 0x01, 32, 0x0A, 9] + Array("record_id".utf8) + [0x12, 19]),
        (.column(17), [0x8A, 0x01, 19]), (.column(3), [0x1A, 19]),
    ])
    func namesGoWhereTheLayoutWants(place: RecordLayout.RecordIDPlace, head: [UInt8]) {
        let prefix = tables.prefixes.register([0x32, 0x01, 0x41])
        var joiner = RecordJoiner(prefixes: tables.prefixes, recordID: place)
        var cursor = FrameQueue.Cursor()
        let entries: [UInt8] = [UInt8(prefix), 0, UInt8(prefix), 0]
        _ = joiner.join(
            frame(EncodedFrame(entries: entries, count: 2), firstRecord: 99), from: &cursor, recordsMax: 10,
            bytesMax: 1000)
        let first = [0x32, 0x01, 0x41] + head + Array("0123456789abcdef-99".utf8)
        var second = [0x32, 0x01, 0x41] + head + Array("0123456789abcdef-100".utf8)
        // One digit more: both lengths rise.
        second[3 + head.count - 1] += 1
        if case .metadata = place { second[5] += 1 }
        let batch = joiner.take()
        #expect(batch.body == [0x0A, UInt8(first.count)] + first + [0x0A, UInt8(second.count)] + second)
    }

    @Test func namesCountUpThroughEveryCarry() throws {
        let prefix = tables.prefixes.register(testPrefix("t"))
        for start in [0, 8, 98, 995, 99_999, 4_294_960_000] as [UInt32] {
            var joiner = RecordJoiner(prefixes: tables.prefixes)
            var cursor = FrameQueue.Cursor()
            _ = joiner.join(
                frame(testFrame(0..<12, prefix: prefix), firstRecord: start), from: &cursor, recordsMax: 100,
                bytesMax: 10_000)
            let names = try received(joiner.take()).map(\.recordID)
            #expect(names == (0..<12).map { "0123456789abcdef-\(Int(start) + $0)" })
        }
    }

    @Test(arguments: [1, 2, 3, 7, 100])
    func aFrameMayBeSplitAnywhere(recordsMax: Int) throws {
        let prefix = tables.prefixes.register(testPrefix("t"))
        let whole = frame(testFrame(0..<20, prefix: prefix), firstRecord: 5)
        var joiner = RecordJoiner(prefixes: tables.prefixes)
        var cursor = FrameQueue.Cursor()
        var all: [ReceivedRecord] = []
        while true {
            let outcome = joiner.join(whole, from: &cursor, recordsMax: recordsMax, bytesMax: 10_000)
            let batch = joiner.take()
            #expect(batch.count <= recordsMax)
            all += try received(batch)
            if outcome == .frameDone { break }
        }
        #expect(all.map(\.value) == Array(0..<20))
        #expect(all.map(\.recordID) == (5..<25).map { "0123456789abcdef-\($0)" })
    }

    @Test func bytesAreLimitedAndALargeRecordGoesAlone() throws {
        let prefix = tables.prefixes.register(testPrefix("t"))
        var joiner = RecordJoiner(prefixes: tables.prefixes)
        var cursor = FrameQueue.Cursor()
        let frames = [
            testFrame([1], prefix: prefix), testFrame([2], prefix: prefix, padding: 5000),
            testFrame([3], prefix: prefix),
        ].map { frame($0) }
        var batches: [[Int]] = []
        for frame in frames {
            cursor = FrameQueue.Cursor()
            while joiner.join(frame, from: &cursor, recordsMax: 10, bytesMax: 200) == .batchFull {
                batches.append(try received(joiner.take()).map(\.value))
            }
        }
        batches.append(try received(joiner.take()).map(\.value))
        #expect(batches == [[1], [2], [3]])
    }

    @Test func unknownAndLostPrefixesCostTheirRecordsOnly() throws {
        let prefix = tables.prefixes.register(testPrefix("t"))
        tables.prefixes.restoreLost()
        var joiner = RecordJoiner(prefixes: tables.prefixes)
        var entries = testFrame([1], prefix: prefix).entries
        entries += testFrame([2], prefix: prefix + 1).entries
        entries += testFrame([3], prefix: 99).entries
        entries += testFrame([4], prefix: prefix).entries
        var cursor = FrameQueue.Cursor()
        _ = joiner.join(frame(EncodedFrame(entries: entries, count: 4)), from: &cursor, recordsMax: 9, bytesMax: 9999)
        let records = try received(joiner.take())
        #expect(records.map(\.value) == [1, 4])
        // Names belong to places, so the others keep theirs.
        #expect(records.map(\.recordID) == ["0123456789abcdef-0", "0123456789abcdef-3"])
        let lost = [joiner.takeLostRecords(), joiner.takeLostRecords()]
        #expect(lost == [2, 0])
    }

    @Test func damagedEntriesNeverTrap() throws {
        let prefix = tables.prefixes.register(testPrefix("t"))
        let whole = testFrame(0..<10, prefix: prefix).entries
        var random = SeededRandom(seed: 2)
        for round in 0..<1000 {
            var entries = Array(whole[..<Int.random(in: 0...whole.count, using: &random)])
            if round % 2 == 0, !entries.isEmpty {
                entries[Int.random(in: 0..<entries.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var joiner = RecordJoiner(prefixes: tables.prefixes)
            var cursor = FrameQueue.Cursor()
            _ = joiner.join(
                frame(EncodedFrame(entries: entries, count: 10)), from: &cursor, recordsMax: 100, bytesMax: 10_000)
            let batch = joiner.take()
            let lost = joiner.takeLostRecords()
            #expect(batch.count + lost == 10)
        }
    }
}
