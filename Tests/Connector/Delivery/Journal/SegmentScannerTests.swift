import ConnectorModel
import SimulatedDisk
import TestRandomness
import Testing

@testable import ConnectorJournal

@Suite struct SegmentScannerTests {
    private static let name = JournalFormat.segmentName(1)

    /// A disk with one segment of ten frames, and the segment's id.
    private func segment() throws -> (SimulatedDisk, UInt64) {
        let disk = SimulatedDisk(seed: 1)
        let journal = Journal.on(disk, seed: 1)
        _ = try journal.open()
        for group in 0..<5 { _ = try journal.commit([numberedEntry(group * 2), numberedEntry(group * 2 + 1)]) }
        let id = try #require(journal.state.segments.first?.id)
        disk.kill()
        return (disk, id)
    }

    private func scan(
        _ disk: SimulatedDisk, _ id: UInt64, windowBytes: Int = 4096, framesMax: UInt32 = .max
    ) throws -> (numbers: [Int], gaps: [SegmentScanner.Gap]) {
        let file = try SimulatedStorage(disk).open(Self.name)
        var scanner = SegmentScanner(file, segmentID: id, framesMax: framesMax, windowBytes: windowBytes)
        var numbers: [Int] = []
        var gaps: [SegmentScanner.Gap] = []
        while let item = try scanner.next() {
            switch item {
            case .gap(let gap): gaps.append(gap)
            case .frame(let head, _, _, let body):
                #expect(body.count == head.bodyBytes)
                numbers.append(Int(String(decoding: body, as: UTF8.self).split(separator: " ")[1]) ?? -1)
            }
        }
        return (numbers, gaps)
    }

    @Test(arguments: [1, 2, 51, 52, 53, 100, 4096])
    func everyWindowReadsTheSame(windowBytes: Int) throws {
        let (disk, id) = try segment()
        let found = try scan(disk, id, windowBytes: windowBytes)
        #expect(found.numbers == Array(0..<10))
        #expect(found.gaps == [])
    }

    @Test func aFlippedBitAnywhereCostsOneFrameAtMost() throws {
        let (disk, id) = try segment()
        let end = try #require(disk.content(Self.name)?.lastIndex { $0 != 0 })
        for place in JournalFormat.bodyStart...end {
            disk.damage(Self.name) { $0[place] ^= 0x10 }
            let found = try scan(disk, id)
            #expect(found.numbers.count == 9)
            #expect(found.numbers == found.numbers.sorted())
            let missing = try #require(Set(0..<10).subtracting(found.numbers).first)
            if missing < 9 {
                #expect(found.gaps.map(\.frames) == [1])
                #expect(found.gaps.map(\.records) == [1 + missing % 3])
                #expect(found.gaps.map { Int($0.firstFrame) } == [missing])
            }
            disk.damage(Self.name) { $0[place] ^= 0x10 }
        }
    }

    @Test func aSegmentCutAnywhereGivesTheFramesBefore() throws {
        let (disk, id) = try segment()
        let whole = try #require(disk.content(Self.name))
        var before = -1
        for length in JournalFormat.bodyStart...whole.count {
            disk.damage(Self.name) { $0 = Array(whole[..<length]) }
            let found = try scan(disk, id)
            #expect(found.numbers == Array(0..<found.numbers.count))
            #expect(found.numbers.count >= before)
            before = found.numbers.count
        }
        #expect(before == 10)
    }

    @Test func randomDamageNeverTrapsNorInventsFrames() throws {
        let (disk, id) = try segment()
        let whole = try #require(disk.content(Self.name))
        var random = SeededRandom(seed: 7)
        for _ in 0..<300 {
            disk.damage(Self.name) { content in
                content = whole
                for _ in 0..<Int.random(in: 1...20, using: &random) {
                    let place = Int.random(in: JournalFormat.bodyStart..<content.count, using: &random)
                    let length = Int.random(in: 1...60, using: &random)
                    for index in place..<min(content.count, place + length) {
                        content[index] = UInt8.random(in: 0...255, using: &random)
                    }
                }
            }
            let found = try scan(disk, id, windowBytes: 64)
            #expect(found.numbers == Set(found.numbers).intersection(0..<10).sorted())
        }
    }

    @Test func framesOfAnotherSegmentAreNotTaken() throws {
        let (disk, id) = try segment()
        #expect(try scan(disk, id ^ 1).numbers == [])
    }

    @Test func framesBeyondTheLimitArePassedOver() throws {
        let (disk, id) = try segment()
        #expect(try scan(disk, id, framesMax: 4).numbers == [0, 1, 2, 3])
        // A limit that the file does not reach is a gap of known size.
        let beyond = try scan(disk, id, framesMax: 12)
        #expect(beyond.numbers == Array(0..<10))
        #expect(beyond.gaps.map(\.frames) == [2])
    }
}
