import ProtobufWire
import TestRandomness
import Testing

@testable import ConnectorModel

@Suite struct PlainSuffixTests {
    private static let source = SourceIdentity(
        name: "s", protocolType: "opcua", endpoint: "opc.tcp://h:4840", statusName: { $0 == 0 ? "Good" : "Bad_\($0)" })

    /// Those that there are, and one whose tags take more than one byte.
    private static func layouts() -> [RecordLayout] {
        RecordLayout.all
            + [15, 3000].map { (more: UInt32) in
                var layout = RecordLayout.rawEvents
                for index in layout.columns.indices { layout.columns[index].number += more }
                return layout
            }
    }

    /// What is prepared for plain readings must give the very bytes that any reading takes.
    @Test func bothWaysWriteTheSameBytes() throws {
        var generator = SeededRandom(seed: 3)
        let values: [ReadingValue] = [
            .none, .bool(true), .bool(false), .int(0), .int(-1), .int(.min), .int(.max), .uint(0), .uint(.max),
            .float(1.5), .float(-0.0), .float(.nan), .float(3.4e38), .double(0), .double(-12.75), .double(.infinity),
            .double(.nan), .double(-2.2250738585072014e-308), .double(123_456.789), .string("text"), .json("[1]"),
            .bytes([1, 2]), .named("On", 1),
        ]
        for layout in Self.layouts() {
            let encoder = RecordEncoder(layout: layout, source: Self.source)
            var quick = ReadingEncoder(encoder)
            var thorough = ReadingEncoder(encoder)
            for round in 0..<200 {
                let value = values[Int.random(in: 0..<values.count, using: &generator)]
                let type = try #require(ValueType.allCases.randomElement(using: &generator))
                let time = round % 3 == 0 ? nil : Timestamp(microseconds: Int64(round / 5) * 1_000_003 - 5_000_000)
                let status = round % 7 == 0 ? Status(code: -5, quality: .bad) : .good
                let reading = Reading(value, type, status: status, at: time)
                let metadata = round % 11 == 0 ? [(key: "k", value: "v")] : []
                let received = Timestamp(microseconds: 1_700_000_000_000_000 + Int64(round / 4))
                let unscaling = round % 2 == 0 ? Unscaling(TagDefinition(address: "a", name: "a")) : nil
                let prefix = UInt32.random(in: 0...UInt32.max, using: &generator) >> UInt32(round % 32)
                var one = WireWriter(capacity: 16)
                var other = WireWriter(capacity: 16)
                quick.append(
                    reading, receivedAt: received, metadata: metadata, prefix: prefix, unscaling: unscaling, to: &one)
                thorough.appendAny(
                    reading, receivedAt: received, metadata: metadata, prefix: prefix, unscaling: unscaling,
                    to: &other)
                #expect(one.bytes() == other.bytes(), "\(layout.name) \(reading)")
            }
        }
    }
}
