import ConnectorKeys
import ConnectorModel
import SimulatedDisk
import Testing

@testable import ConnectorJournal

@Suite struct JournalSealingTests {
    private static let secret = Array("press 7 of hall 3".utf8)
    private static let name = JournalFormat.segmentName(1)

    /// A disk with ten sealed frames, two of them acknowledged, and a prefix.
    private func sealedDisk(_ sealing: JournalSealing = .keys(1)) throws -> SimulatedDisk {
        let disk = SimulatedDisk(seed: 1)
        let journal = Journal.on(disk, seed: 1, sealing: sealing)
        _ = try journal.open()
        _ = journal.tables.prefixes.register(Self.secret)
        var second: JournalPosition?
        for number in 0..<10 {
            let commit = try #require(try journal.commit([numberedEntry(number)]))
            if number == 1 { second = commit.location.position }
        }
        try journal.acknowledged(upTo: try #require(second), durable: true)
        disk.kill()
        return disk
    }

    private func numbers(_ disk: SimulatedDisk, _ sealing: JournalSealing, seed: UInt64 = 2) throws -> [Int] {
        let journal = Journal.on(disk, seed: seed, sealing: sealing)
        defer { disk.kill() }
        return try journal.readAll(from: journal.open().first).map(number(of:))
    }

    private func contains(_ disk: SimulatedDisk, _ text: [UInt8]) -> Bool {
        disk.names.contains { name in
            guard let content = disk.content(name) else { return false }
            return content.indices.contains { content[$0...].starts(with: text) }
        }
    }

    @Test func nothingThatIsStoredCanBeReadOnTheDisk() throws {
        let clear = try sealedDisk(.none)
        #expect(contains(clear, Self.secret) && contains(clear, Array("frame 4".utf8)))
        let sealed = try sealedDisk()
        #expect(!contains(sealed, Self.secret) && !contains(sealed, Array("frame".utf8)))
        #expect(try numbers(sealed, .keys(1)) == Array(2..<10))
        let journal = Journal.on(sealed, seed: 3, sealing: .keys(1))
        _ = try journal.open()
        #expect(journal.tables.prefixes.string(0) == "press 7 of hall 3")
    }

    @Test func theSameFramesLookDifferentInEverySegment() throws {
        let disk = SimulatedDisk(seed: 1)
        var contents: [ArraySlice<UInt8>] = []
        for run in 0..<3 {
            let journal = Journal.on(disk, seed: UInt64(run), sealing: .keys(1))
            _ = try journal.open()
            _ = try journal.commit([numberedEntry(5)])
            let segment = try #require(journal.state.segments.last)
            contents.append(
                try #require(disk.content(JournalFormat.segmentName(segment.number)))[
                    JournalFormat.bodyStart + JournalFormat.frameHeadBytes..<segment.end])
            disk.kill()
        }
        #expect(Set(contents.map(Array.init)).count == 3)
        #expect(try numbers(disk, .keys(1), seed: 9) == [5, 5, 5])
    }

    @Test func aMissingKeyIsRefusedInWordsAndNothingIsChanged() throws {
        for sealing in [JournalSealing.none, .keys(2), .keys(2, seals: false)] {
            for missing in [[], ["tags"], ["tags", "watermark"]] {
                let disk = try sealedDisk()
                for name in missing { disk.remove(name) }
                let before = disk.names.map { disk.content($0) }
                let failure = #expect(throws: JournalFailure.self) {
                    try Journal.on(disk, seed: 2, sealing: sealing).open()
                }
                #expect(failure?.kind == .unknownKey)
                #expect(failure?.message.contains(testKey(1).id.description) == true)
                #expect(failure?.message.contains(sealing.ring.place) == true)
                #expect(disk.names.map { disk.content($0) } == before)
                #expect(!disk.isHeld)
                if missing == [] { #expect(try numbers(disk, .keys(1)) == Array(2..<10)) }
            }
        }
    }

    @Test func afterARotationBothKeysAreRead() throws {
        let disk = try sealedDisk()
        let second = Journal.on(disk, seed: 2, sealing: .keys(1, 2))
        _ = try second.open()
        _ = try second.commit([numberedEntry(10)])
        #expect(second.state.segments.map(\.seal?.keyID) == [testKey(1).id, testKey(2).id])
        disk.kill()
        #expect(try numbers(disk, .keys(1, 2), seed: 3) == Array(2...10))
        // Once nothing sealed with the old key is left, it is not needed any more: tags and watermark have moved on.
        let third = Journal.on(disk, seed: 4, sealing: .keys(1, 2))
        _ = try third.open()
        let last = try #require(try third.commit([numberedEntry(11)])).location.position
        try third.acknowledged(upTo: JournalPosition(segment: last.segment - 1, frame: 0))
        try third.acknowledged(upTo: JournalPosition(segment: last.segment - 1, frame: 0), durable: true)
        disk.kill()
        disk.damage("watermark") { content in
            // The older of the two slots still has the old key.
            for index in 4096..<4608 { content[index] = 0 }
        }
        #expect(try numbers(disk, .keys(2), seed: 5) == [11])
    }

    @Test func encryptionCanBeSwitchedOnAndOff() throws {
        let disk = try sealedDisk(.none)
        let second = Journal.on(disk, seed: 2, sealing: .keys(1))
        _ = try second.open()
        _ = second.tables.prefixes.register(Array("another".utf8))
        _ = try second.commit([numberedEntry(10)])
        disk.kill()
        #expect(!(try #require(disk.content("tags"))).contains(Self.secret[0...]))
        let third = Journal.on(disk, seed: 3, sealing: .keys(1, seals: false))
        #expect(try third.readAll(from: third.open().first).map(number(of:)) == Array(2...10))
        #expect(third.tables.prefixes.string(0) == "press 7 of hall 3")
        #expect(third.tables.prefixes.string(1) == "another")
        _ = try third.commit([numberedEntry(11)])
        disk.kill()
        #expect((try #require(disk.content("tags"))).contains(Self.secret[0...]))
        #expect(try numbers(disk, .keys(1), seed: 4) == Array(2...11))
    }

    @Test func aFlippedBitAnywhereCostsOneFrameAtMostAndNothingFalseIsRead() throws {
        let disk = try sealedDisk()
        let end = try #require(disk.content(Self.name)?.lastIndex { $0 != 0 })
        for place in stride(from: 0, through: end, by: 3) {
            disk.damage(Self.name) { $0[place] ^= 0x10 }
            let found = try numbers(disk, .keys(1))
            #expect(found.count >= 7)
            #expect(Set(found).isSubset(of: 2..<10))
            #expect(found == found.sorted())
            disk.damage(Self.name) { $0[place] ^= 0x10 }
        }
    }

    @Test func aFrameChangedWithItsChecksumsIsNotDelivered() throws {
        let disk = try sealedDisk()
        let reader = Journal.on(disk, seed: 2, sealing: .keys(1))
        let place = try #require(try reader.open().first)
        let id = try #require(reader.state.segments.first?.id)
        disk.kill()
        disk.damage(Self.name) { content in
            content.withUnsafeMutableBytes { bytes in
                // The third frame's time, which is not secret but vouched for.
                let head = UnsafeMutableRawBufferPointer(
                    rebasing: bytes[place.offset..<place.offset + JournalFormat.frameHeadBytes])
                head[24] ^= 1
                head.store(
                    CRC32C.checksum(UnsafeRawBufferPointer(head).slice(0..<48), from: CRC32C.salt(id)), at: 48)
            }
        }
        let second = Journal.on(disk, seed: 3, sealing: .keys(1))
        let recovery = try second.open()
        #expect(recovery.frames == 8)
        let reading = try second.read(from: try #require(recovery.first), recordsMax: 1000, bytesMax: 1 << 20)
        #expect(reading.frames.map(number(of:)) == Array(3..<10))
        #expect(reading.damage.map(\.kind) == [.corrupt])
        #expect(reading.damage.map(\.offset) == [place.offset])
    }

    @Test func aHeaderThatWasForgedIsSetAside() throws {
        let disk = try sealedDisk()
        disk.damage(Self.name) { content in
            content.withUnsafeMutableBytes { bytes in
                for start in [0, 512] {
                    let copy = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + 512])
                    copy[16] ^= 1
                    copy.store(CRC32C.checksum(UnsafeRawBufferPointer(copy).slice(0..<508)), at: 508)
                }
            }
        }
        let recovery = try Journal.on(disk, seed: 2, sealing: .keys(1)).open()
        #expect(recovery.damage.map(\.kind) == [.header])
        #expect(disk.names.contains(Self.name + ".damaged"))
    }

    @Test func filesCutAnywhereNeverTrap() throws {
        for name in [Self.name, "tags", "watermark"] {
            let whole = try #require(try sealedDisk().content(name))
            for length in stride(from: 0, to: min(whole.count, 1200), by: 60) {
                let disk = try sealedDisk()
                disk.damage(name) { $0 = Array(whole[..<length]) }
                let found = try numbers(disk, .keys(1))
                #expect(Set(found).isSubset(of: 0..<10))
            }
        }
    }

    @Test func afterAFailedWriteThePlaceIsNotUsedAgain() throws {
        for kind in ["write", "space"] {
            let disk = SimulatedDisk(seed: 3)
            let journal = Journal.on(disk, seed: 3, segmentBytesMax: 4096, sealing: .keys(1))
            _ = try journal.open()
            let first = try #require(try journal.commit([numberedEntry(0)]))
            if kind == "write" {
                disk.failingWrites = ["segment-": 1]
                #expect(throws: JournalFailure.self) { try journal.commit([numberedEntry(1)]) }
            } else {
                // Only a group beyond what is reserved can meet a full disk in the middle.
                disk.capacityBytes = disk.usedBytes + 100
                #expect(throws: JournalFailure.self) { try journal.commit([numberedEntry(1, padding: 8000)]) }
                disk.capacityBytes = .max
            }
            let second = try #require(try journal.commit([numberedEntry(2)]))
            #expect(second.segmentID != first.segmentID)
        }
    }
}

extension [UInt8] {
    fileprivate func contains(_ part: ArraySlice<UInt8>) -> Bool {
        indices.contains { self[$0...].starts(with: part) }
    }
}
