import Testing

@testable import ConnectorModel

/// Definitions of tags, packed.
@Suite struct TagTextsTests {
    private static let definitions = [
        TagDefinition(address: "plant/line/speed", name: "speed", unit: "m/s", metadata: ["node_id": "ns=2;s=speed"]),
        TagDefinition(address: "plant/line/speed", name: "speed", metadata: ["node_id": "ns=2;s=speed"]),
        TagDefinition(address: "plant/line/speed", name: "Geschwindigkeit", unit: "", metadata: [:]),
        TagDefinition(address: "", name: ""), TagDefinition(address: "x", name: ""),
        TagDefinition(address: "ü/é", unit: "°C", metadata: ["a": "", "": "b", "ünit": "°C"]),
        TagDefinition(
            address: String(repeating: "x", count: 70_000), metadata: ["long": String(repeating: "y", count: 70_000)]),
    ]

    @Test func definitionsAreGivenBackAndKnown() {
        var texts = TagTexts()
        for (number, definition) in Self.definitions.enumerated() {
            #expect(texts.number(of: definition) == number && texts.count == number + 1)
        }
        for (number, definition) in Self.definitions.enumerated() {
            #expect(texts[number] == definition && texts.number(of: definition) == number)
        }
        #expect(texts.count == Self.definitions.count)
    }

    /// More different keys, values and units than are shared, and the same again.
    @Test func whatIsDifferentInEveryTagIsWrittenOut() {
        var texts = TagTexts()
        func definition(_ number: Int) -> TagDefinition {
            TagDefinition(
                address: "tag\(number)", unit: "unit\(number)", metadata: ["key\(number)": "1", "node": "n\(number)"])
        }
        let count = 3 * SharedTexts.textsMax
        for _ in 0..<2 {
            #expect((0..<count).allSatisfy { texts.number(of: definition($0)) == $0 })
        }
        #expect((0..<count).allSatisfy { texts[$0] == definition($0) })
    }

    /// The same pairs are the same tag, in whatever order they came.
    @Test func orderOfMetadataDoesNotCount() {
        let keys = (0..<50).map { "key\($0)" }
        var (one, other): ([String: String], [String: String]) = ([:], [:])
        for key in keys { one[key] = key }
        for key in keys.reversed() { other[key] = key }
        var texts = TagTexts()
        #expect(texts.number(of: TagDefinition(address: "a", metadata: one)) == 0)
        #expect(texts.number(of: TagDefinition(address: "a", metadata: other)) == 0)
        #expect(texts.number(of: TagDefinition(address: "a", metadata: ["key1": "key1"])) == 1)
    }

    @Test func aTagTakesLittleMoreThanItsDifferences() {
        var texts = TagTexts()
        for number in 0..<1_000 {
            _ = texts.number(
                of: TagDefinition(
                    address: "plant/\(number)", unit: "kW",
                    metadata: ["description": "a long text that is the same in every tag of the plant"]))
        }
        #expect(texts.bytes < 40 * 1_000)
    }

    @Test func numbersAndTextsAreReadInTheirOrder() {
        var arena = ByteArena()
        let numbers: [UInt64] = [0, 127, 128, 16_383, 16_384, .max]
        let places = numbers.map { number in
            var writer = PackedWriter()
            writer.number(number)
            writer.text("text \(number)")
            writer.bytes([1, 2])
            return arena.append(writer.bytes)
        }
        for (number, place) in zip(numbers, places) {
            var reader = PackedReader(arena[place])
            #expect(reader.number() == number && reader.text() == "text \(number)" && reader.bytes() == [1, 2])
        }
    }

    // MARK: Last values

    /// Every kind of value, and tags that change from one to another.
    @Test func theLastReadingOfATagIsKept() throws {
        let intake = Intake(
            source: SourceIdentity(name: "s", protocolType: "opcua", endpoint: "x", statusName: { "\($0)" }),
            layout: .rawEvents, sink: Sink())
        let tags = ["a", "b"].map { intake.define(TagDefinition(address: $0)) }
        #expect(intake.lastValues(limit: .max).allSatisfy { $0.reading == nil && $0.received == nil })
        let values: [ReadingValue] = [
            .string("one"), .double(-0.5), .json("[1]"), .bytes([1]), .named("on", 1), .bool(true), .int(-7),
            .uint(.max), .float(1.5), .none, .string("two"),
        ]
        for (index, value) in values.enumerated() {
            let reading = Reading(
                value, .opcuaVariant, status: Status(code: Int32(-index), quality: .uncertain),
                at: index % 2 == 0 ? nil : Timestamp(microseconds: Int64(index)))
            let other = Reading(values[values.count - 1 - index], .string)
            intake.deliver(receivedAt: Timestamp(microseconds: 99)) { frame in
                frame.append(reading, of: tags[0])
                frame.append(other, of: tags[1])
            }
            let last = intake.lastValues(limit: 2)
            #expect(last.map(\.reading) == [reading, other] && last[0].received == Timestamp(microseconds: 99))
        }
        #expect(intake.lastValues(limit: 5, offset: 1).map(\.tag.address) == ["b"])
        #expect(intake.lastValues(limit: 5, offset: 9).isEmpty && intake.lastValues(limit: -1).isEmpty)
    }

    private struct Sink: FrameSink {
        func register(prefix: [UInt8]) -> UInt32 { 0 }
        func submit(_ frames: [EncodedFrame], from source: String) -> Ticket { Ticket(number: 0) }
    }
}
