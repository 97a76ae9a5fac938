import Testing

@testable import ProtobufWire

@Suite struct WireWriterTests {
    static let varints: [(UInt64, [UInt8])] = [
        (0, [0x00]),
        (1, [0x01]),
        (127, [0x7F]),
        (128, [0x80, 0x01]),  // low seven bits first, continuation bit set
        (300, [0xAC, 0x02]),
        (UInt64(UInt32.max), [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
        (UInt64.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
    ]

    @Test(arguments: varints)
    func varintBothWays(value: UInt64, bytes: [UInt8]) throws {
        var writer = WireWriter()
        writer.varint(value)
        #expect(writer.bytes() == bytes)
        #expect(WireSize.varint(value) == bytes.count)
        let read = try bytes.withUnsafeBytes { raw throws(WireError) in
            var reader = WireReader(raw)
            return try reader.varint()
        }
        #expect(read == value)
    }

    @Test func fields() {
        var writer = WireWriter()
        writer.field(1, int64: -1)
        writer.field(2, string: "µ")
        writer.field(3, double: 1.5)
        writer.field(4, float: 1.5)
        writer.field(5, bool: true)
        writer.field(6, bytes: [])
        writer.field(16, unsigned: 0)
        #expect(
            writer.bytes() == [
                0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01,  // 1: int64 -1, ten bytes
                0x12, 0x02, 0xC2, 0xB5,  // 2: string, UTF-8
                0x19, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F,  // 3: double, little endian
                0x25, 0, 0, 0xC0, 0x3F,  // 4: float
                0x28, 0x01,  // 5: bool
                0x32, 0x00,  // 6: empty bytes are still written
                0x80, 0x01, 0x00,  // 16: two-byte tag, zero is still written
            ])
    }

    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 100_000])
    func nestedLengths(size: Int) throws {
        var writer = WireWriter(capacity: 16)
        let content = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let nested = writer.beginNested(2)
        writer.raw(content)
        writer.endNested(nested)
        writer.field(3, bool: true)
        let bytes = writer.takeBytes()
        #expect(writer.count == 0)
        #expect(bytes.count == WireSize.lengthDelimited(field: 2, count: size) + 2)
        try bytes.withUnsafeBytes { raw throws in
            var reader = WireReader(raw)
            #expect(try reader.tag() == WireTag(field: 2, type: .lengthDelimited))
            #expect(try reader.lengthDelimited().elementsEqual(content))
            #expect(try reader.tag() == WireTag(field: 3, type: .varint))
            #expect(try reader.varint() == 1)
            #expect(try reader.tag() == nil)
        }
    }

    @Test func nestedInNested() {
        var writer = WireWriter()
        let outer = writer.beginNested(1)
        let inner = writer.beginNested(2)
        writer.raw([UInt8](repeating: 7, count: 130))
        writer.endNested(inner)
        writer.endNested(outer)
        #expect(
            writer.bytes() == [
                0x0A, 0x85, 0x01,  // 1: 133 bytes
                0x12, 0x82, 0x01,  // 2: 130 bytes
            ] + [UInt8](repeating: 7, count: 130))
    }

    @Test func truncateAndClear() {
        var writer = WireWriter()
        writer.raw("keep")
        let mark = writer.count
        writer.raw("drop")
        writer.truncate(to: mark)
        #expect(writer.bytes() == Array("keep".utf8))
        writer.clear()
        #expect(writer.bytes() == [])
    }
}
