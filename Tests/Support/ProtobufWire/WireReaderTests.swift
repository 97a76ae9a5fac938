import ProtobufWire
import TestRandomness
import Testing

@Suite struct WireReaderTests {
    /// Walks the whole message and returns its tags.
    func walk(_ bytes: [UInt8]) throws -> [WireTag] {
        try bytes.withUnsafeBytes { raw in
            var reader = WireReader(raw)
            var tags: [WireTag] = []
            while let tag = try reader.tag() {
                tags.append(tag)
                try reader.skip(tag.type)
            }
            return tags
        }
    }

    @Test func skipsEveryType() throws {
        let bytes: [UInt8] = [
            0x08, 0x96, 0x01,  // 1: varint 150
            0x11, 1, 2, 3, 4, 5, 6, 7, 8,  // 2: fixed64
            0x1A, 0x02, 0x61, 0x62,  // 3: two bytes
            0x25, 1, 2, 3, 4,  // 4: fixed32
        ]
        #expect(
            try walk(bytes) == [
                WireTag(field: 1, type: .varint), WireTag(field: 2, type: .fixed64),
                WireTag(field: 3, type: .lengthDelimited), WireTag(field: 4, type: .fixed32),
            ])
    }

    static let malformed: [([UInt8], WireError)] = [
        ([0x00], .badTag),  // field 0
        ([0x0B], .badTag),  // start group
        ([0x0C], .badTag),  // end group
        ([0x0E], .badTag),  // wire type 6
        ([0x80, 0x80, 0x80, 0x80, 0x10, 0x00], .badTag),  // field 2^29
        ([0x08], .truncated),
        ([0x08, 0x80], .truncated),
        ([0x09, 1, 2, 3, 4, 5, 6, 7], .truncated),
        ([0x0D, 1, 2, 3], .truncated),
        ([0x0A, 0x02, 0x00], .truncated),  // length 2, one byte there
        ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .truncated),  // length 2^64 - 1
        ([0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02], .varintTooLong),  // bit 64
        ([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], .varintTooLong),  // eleven bytes
    ]

    @Test(arguments: malformed)
    func refuses(bytes: [UInt8], error: WireError) {
        #expect(throws: error) { try walk(bytes) }
    }

    @Test func largestFieldNumber() throws {
        #expect(
            try walk([0xF8, 0xFF, 0xFF, 0xFF, 0x0F, 0x00]) == [WireTag(field: 0x1FFF_FFFF, type: .varint)])
    }

    @Test func everyTruncationIsRefusedOrShorter() throws {
        var writer = WireWriter()
        writer.field(1, int64: -5)
        writer.field(2, string: "hello")
        writer.field(3, double: 3)
        let whole = writer.takeBytes()
        for length in 0..<whole.count {
            let tags = try? walk(Array(whole[..<length]))
            #expect((tags?.count ?? 0) < 3)
        }
    }

    @Test func garbageNeverTraps() {
        var random = SeededRandom(seed: 42)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            _ = try? walk(bytes)
        }
    }
}
