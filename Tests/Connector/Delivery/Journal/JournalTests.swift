import ConnectorModel
import SimulatedDisk
import Testing

@testable import ConnectorJournal

@Suite struct JournalTests {
    @Test func whatWasCommittedIsReadBackInOrderAfterARestart() throws {
        let disk = SimulatedDisk(seed: 1)
        var names: [RecordName] = []
        let first = Journal.on(disk, seed: 1)
        #expect(try first.open() == JournalRecovery())
        for number in 0..<60 {
            let commit = try #require(try first.commit([numberedEntry(number)]))
            names.append(RecordName(segmentID: commit.segmentID, index: commit.firstRecord))
        }
        #expect(first.state.segments.count > 1)
        try first.close()

        let second = Journal.on(disk, seed: 2)
        let recovery = try second.open()
        #expect(recovery.frames == 60)
        #expect(recovery.records == (0..<60).reduce(0) { $0 + 1 + $1 % 3 })
        #expect(recovery.damage == [])
        let frames = try second.readAll(from: recovery.first)
        #expect(frames.map(number(of:)) == Array(0..<60))
        #expect(frames.map { RecordName(segmentID: $0.segmentID, index: $0.firstRecord) } == names)
        #expect(Set(names).count == 60)
    }

    @Test func eachStartOpensANewSegment() throws {
        let disk = SimulatedDisk(seed: 1)
        var ids: Set<UInt64> = []
        for run in 0..<3 {
            let journal = Journal.on(disk, seed: UInt64(run))
            _ = try journal.open()
            ids.insert(try #require(try journal.commit([numberedEntry(run)])).segmentID)
            try journal.close()
        }
        #expect(ids.count == 3)
        let last = Journal.on(disk, seed: 9)
        let recovery = try last.open()
        #expect(try last.readAll(from: recovery.first).map(number(of:)) == [0, 1, 2])
    }

    @Test func acknowledgedFramesStayAwayAndTheirSegmentsAreDeletedWhole() throws {
        let disk = SimulatedDisk(seed: 1)
        let journal = Journal.on(disk, seed: 1)
        _ = try journal.open()
        var positions: [JournalPosition] = []
        for number in 0..<60 {
            positions.append(try #require(try journal.commit([numberedEntry(number)])).location.position)
        }
        let segments = journal.state.segments.count
        try journal.acknowledged(upTo: positions[39])
        #expect(journal.state.segments.count < segments)
        #expect(disk.names.filter { $0.hasPrefix("segment-") }.count == journal.state.segments.count)
        // The watermark never goes back.
        try journal.acknowledged(upTo: positions[10])
        disk.kill()

        let second = Journal.on(disk, seed: 2)
        let recovery = try second.open()
        #expect(try second.readAll(from: recovery.first).map(number(of:)) == Array(40..<60))
        try second.acknowledged(upTo: positions[59])
        #expect(second.state.segments == [])
        try second.close()
        #expect(disk.names == ["watermark"])

        // The numbers of deleted segments are not given again, else the watermark would cover new frames.
        let third = Journal.on(disk, seed: 3)
        #expect(try third.open() == JournalRecovery())
        let commit = try #require(try third.commit([numberedEntry(60)]))
        #expect(commit.location.position > positions[59])
        disk.kill()
        #expect(try Journal.on(disk, seed: 4).open().frames == 1)
    }

    @Test func aWatermarkOfAnotherFileReleasesNothing() throws {
        let disk = SimulatedDisk(seed: 1)
        let journal = Journal.on(disk, seed: 1)
        _ = try journal.open()
        let commit = try #require(try journal.commit([numberedEntry(0), numberedEntry(1)]))
        try journal.acknowledged(upTo: commit.location.position)
        disk.kill()
        // A segment restored from a backup: same number, another id.
        let other = SimulatedDisk(seed: 2)
        let twin = Journal.on(other, seed: 99)
        _ = try twin.open()
        _ = try twin.commit([numberedEntry(0), numberedEntry(1)])
        let name = JournalFormat.segmentName(1)
        let content = try #require(other.content(name))
        disk.damage(name) { $0 = content }
        #expect(try Journal.on(disk, seed: 3).open().frames == 2)
    }

    @Test func aGroupLargerThanASegmentFits() throws {
        let disk = SimulatedDisk(seed: 1)
        let journal = Journal.on(disk, seed: 1)
        _ = try journal.open()
        _ = try journal.commit([numberedEntry(0)])
        _ = try journal.commit([numberedEntry(1, padding: 20_000), numberedEntry(2)])
        _ = try journal.commit([numberedEntry(3)])
        disk.crash()
        let second = Journal.on(disk, seed: 2)
        #expect(try second.readAll(from: second.open().first).map(number(of:)) == [0, 1, 2, 3])
    }

    @Test func framesCanBeReadWhileTheSegmentGrows() throws {
        let disk = SimulatedDisk(seed: 1)
        let journal = Journal.on(disk, seed: 1, segmentBytesMax: 64 * 1024)
        _ = try journal.open()
        let start = try #require(try journal.commit([numberedEntry(0), numberedEntry(1)])).location
        let first = try journal.read(from: start, recordsMax: 1, bytesMax: 1000)
        #expect(first.frames.map(number(of:)) == [0])
        let second = try journal.read(from: try #require(first.next), recordsMax: 100, bytesMax: 1000)
        #expect(second.frames.map(number(of:)) == [1])
        #expect(second.next == nil)
        let more = try #require(try journal.commit([numberedEntry(2)])).location
        #expect(try journal.read(from: more, recordsMax: 100, bytesMax: 1000).frames.map(number(of:)) == [2])
    }

    @Test func aNewerVersionIsRefusedInWords() throws {
        for name in [JournalFormat.segmentName(1), "tags", "watermark"] {
            let disk = SimulatedDisk(seed: 1)
            let journal = Journal.on(disk, seed: 1)
            _ = try journal.open()
            _ = journal.tables.prefixes.register([1])
            let commit = try #require(try journal.commit([numberedEntry(0)]))
            try journal.acknowledged(upTo: commit.location.position)
            disk.kill()
            disk.damage(name) { content in
                content.withUnsafeMutableBytes { bytes in
                    let checked = name == "watermark" ? 44 : 508
                    for start in name == "watermark" ? [0, 4096] : [0, 512] {
                        let copy = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + 512])
                        copy.store(UInt16(2), at: 8)
                        copy.store(CRC32C.checksum(UnsafeRawBufferPointer(copy).slice(0..<checked)), at: checked)
                        if name == "watermark" { copy.store(JournalFormat.watermarkMagic, at: 0) }
                        copy.store(CRC32C.checksum(UnsafeRawBufferPointer(copy).slice(0..<checked)), at: checked)
                    }
                }
            }
            let failure = #expect(throws: JournalFailure.self) { try Journal.on(disk, seed: 2).open() }
            #expect(failure?.kind == .newerFormat)
            #expect(failure?.message.contains("format 2") == true)
            // Nothing was touched, and the directory is free for the right program.
            #expect(disk.content(name) != nil)
            #expect(!disk.isHeld)
        }
    }

    @Test func corruptFramesAreSkippedAndCountedWithTheirPlace() throws {
        let disk = SimulatedDisk(seed: 1)
        let journal = Journal.on(disk, seed: 1, segmentBytesMax: 64 * 1024)
        _ = try journal.open()
        for number in 0..<10 { _ = try journal.commit([numberedEntry(number)]) }
        let place = try #require(try journal.readAll(from: start(of: journal)).first { number(of: $0) == 4 })
        disk.kill()
        let name = JournalFormat.segmentName(1)
        let text = Array("frame 4 ".utf8)
        let content = try #require(disk.content(name))
        let offset = try #require(content.indices.first { content[$0...].starts(with: text) })
        disk.damage(name) { $0[offset] ^= 1 }

        let second = Journal.on(disk, seed: 2)
        let recovery = try second.open()
        #expect(recovery.frames == 9)
        #expect(recovery.lostRecords == place.frame.count)
        #expect(recovery.damage.map(\.kind) == [.corrupt])
        #expect(recovery.damage.map(\.offset) == [offset - JournalFormat.frameHeadBytes])
        #expect(recovery.damage.map(\.firstFrame) == [4])
        #expect(try second.readAll(from: recovery.first).map(number(of:)) == [0, 1, 2, 3, 5, 6, 7, 8, 9])
    }

    @Test func aSegmentWithoutReadableHeaderIsSetAside() throws {
        let disk = SimulatedDisk(seed: 1)
        let journal = Journal.on(disk, seed: 1)
        _ = try journal.open()
        _ = try journal.commit([numberedEntry(0)])
        try journal.close()
        let name = JournalFormat.segmentName(1)
        disk.damage(name) { content in
            content[3] ^= 1
            content[600] ^= 1
        }
        let recovery = try Journal.on(disk, seed: 2).open()
        #expect(recovery.damage.map(\.kind) == [.header])
        #expect(recovery.frames == 0)
        #expect(disk.names.contains(name + ".damaged"))
    }

    private func start(of journal: Journal) throws -> JournalLocation {
        let segment = try #require(journal.state.segments.first)
        return JournalLocation(
            JournalPosition(segment: segment.number, frame: 0), offset: JournalFormat.bodyStart)
    }
}
