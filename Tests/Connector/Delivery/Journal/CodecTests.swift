import ConnectorKeys
import ConnectorModel
import SimulatedDisk
import TestRandomness
import Testing

@testable import ConnectorJournal

@Suite struct CodecTests {
    private let salt = CRC32C.salt(0x1122_3344_5566_7788)

    private var head: FrameHead {
        FrameHead(
            bodyBytes: 0x0102, number: 7, records: 3, firstRecord: 40, source: 2,
            time: Timestamp(microseconds: 1_700_000_000_000_000), syncedFrames: 5, prefixes: 9,
            bodyChecksum: 0xAABB_CCDD)
    }

    private let headBytes: [UInt8] = [
        0x50, 0x46, 0x52, 0x4D,  // mark "PFRM"
        0x02, 0x01, 0x00, 0x00,  // body length
        0x07, 0x00, 0x00, 0x00,  // frame number
        0x03, 0x00, 0x00, 0x00,  // records
        0x28, 0x00, 0x00, 0x00,  // index of the first record
        0x02, 0x00, 0x00, 0x00,  // source
        0x00, 0x40, 0x1E, 0x18, 0x24, 0x0A, 0x06, 0x00,  // submitted, µs
        0x05, 0x00, 0x00, 0x00,  // synced frames
        0x09, 0x00, 0x00, 0x00,  // synced prefixes
        0x00, 0x00,  // partition
        0x00, 0x00,  // cursor length
        0xDD, 0xCC, 0xBB, 0xAA,  // checksum of the body
    ]

    @Test func frameHeadBothWays() {
        var bytes = [UInt8](repeating: 0, count: JournalFormat.frameHeadBytes)
        bytes.withUnsafeMutableBytes { head.encode(into: $0, salt: salt) }
        #expect(Array(bytes[..<48]) == headBytes)
        #expect(bytes.withUnsafeBytes { FrameHead(decoding: $0, salt: salt) } == head)
        #expect(bytes.withUnsafeBytes { FrameHead(decoding: $0, salt: salt ^ 1) } == nil)
    }

    @Test func frameHeadRefusesEveryFlippedBitAndEveryCut() {
        var bytes = [UInt8](repeating: 0, count: JournalFormat.frameHeadBytes)
        bytes.withUnsafeMutableBytes { head.encode(into: $0, salt: salt) }
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(damaged.withUnsafeBytes { FrameHead(decoding: $0, salt: salt) } == nil)
        }
        for count in 0..<bytes.count {
            #expect(bytes[..<count].withUnsafeBytes { FrameHead(decoding: $0, salt: salt) } == nil)
        }
    }

    @Test func frameHeadRefusesNumbersBeyondTheLimits() {
        var impossible: [FrameHead] = []
        for change: (inout FrameHead) -> Void in [
            { $0.bodyBytes = JournalFormat.frameBodyBytesMax + 1 }, { $0.number = .max },
            {
                $0.firstRecord = .max
                $0.records = 1
            }, { $0.prefixes = UInt32(JournalFormat.referencesMax) + 1 },
            { $0.source = UInt32(JournalFormat.referencesMax) },
            {
                $0.bodyBytes = 4
                $0.cursorBytes = 5
            },
        ] {
            var head = head
            change(&head)
            impossible.append(head)
        }
        for head in impossible {
            var bytes = [UInt8](repeating: 0, count: JournalFormat.frameHeadBytes)
            bytes.withUnsafeMutableBytes { head.encode(into: $0, salt: salt) }
            #expect(bytes.withUnsafeBytes { FrameHead(decoding: $0, salt: salt) } == nil)
        }
    }

    private var header: FileHeader {
        FileHeader(
            magic: JournalFormat.segmentMagic, id: 0x0102_0304_0506_0708, number: 12,
            created: Timestamp(microseconds: 1), previous: 11, previousFrames: 6, previousSynced: 4)
    }

    private func encoded(_ header: FileHeader) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: JournalFormat.headerBytes)
        bytes.withUnsafeMutableBytes { header.encode(into: $0) }
        return bytes
    }

    @Test func fileHeaderBothWays() {
        let bytes = encoded(header)
        let expected: [UInt8] = [
            0x50, 0x4E, 0x53, 0x54, 0x4B, 0x53, 0x45, 0x47,  // "PNSTKSEG"
            0x01, 0x00,  // version
            0x00, 0x00,  // flags
            0x00, 0x00, 0x00, 0x00,
            0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01,  // id
            0x0C, 0, 0, 0, 0, 0, 0, 0,  // number
            0x01, 0, 0, 0, 0, 0, 0, 0,  // created
            0x0B, 0, 0, 0, 0, 0, 0, 0,  // number of the segment before
            0x06, 0, 0, 0,  // its frames
            0x04, 0, 0, 0,  // of these, synced
        ]
        #expect(Array(bytes[..<expected.count]) == expected)
        #expect(bytes[expected.count..<508].allSatisfy { $0 == 0 })
        #expect(
            bytes.withUnsafeBytes { FileHeader.decode($0, magic: JournalFormat.segmentMagic, .none) } == .header(header)
        )
        #expect(bytes.withUnsafeBytes { FileHeader.decode($0, magic: JournalFormat.tagsMagic, .none) } == .invalid)
    }

    @Test func oneDamagedCopyOfAHeaderIsEnough() {
        for damagedCopy in 0..<2 {
            var copies = encoded(header) + encoded(header)
            copies[damagedCopy * 512 + 20] ^= 4
            #expect(
                copies.withUnsafeBytes { FileHeader.decode(copies: $0, magic: JournalFormat.segmentMagic, .none) }
                    == .header(header))
        }
    }

    @Test func headersOfNewerVersionsAndUnknownFlagsAreToldApart() {
        for (offset, version) in [(8, UInt16(2)), (10, UInt16(1))] {
            // Flag 1 is a seal; the next one is not known yet.
            var bytes = encoded(header)
            bytes[offset] = 2
            bytes.withUnsafeMutableBytes { bytes in
                bytes.store(CRC32C.checksum(UnsafeRawBufferPointer(bytes).slice(0..<508)), at: 508)
            }
            #expect(
                bytes.withUnsafeBytes { FileHeader.decode($0, magic: JournalFormat.segmentMagic, .none) }
                    == .newer(version: version))
        }
    }

    @Test func garbageNeverTraps() {
        var random = SeededRandom(seed: 4)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...600, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            bytes.withUnsafeBytes { bytes in
                _ = FrameHead(decoding: bytes, salt: 1)
                _ = FileHeader.decode(copies: bytes, magic: JournalFormat.segmentMagic, .none)
            }
        }
    }

    @Test func segmentNamesSortAsTheirNumbersAndNothingElseCounts() {
        #expect(JournalFormat.segmentName(42) == "segment-0000000000000042")
        #expect(JournalFormat.segmentNumber(of: "segment-0000000000000042") == 42)
        for name in [
            "segment-", "segment-1x", "segment-0000000000000042.damaged", "tags", "segment-99999999999999999999",
        ] {
            #expect(JournalFormat.segmentNumber(of: name) == nil)
        }
        #expect(JournalFormat.segmentName(9) < JournalFormat.segmentName(10))
    }
}
