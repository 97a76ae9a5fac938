import ConnectorModel
import ProtobufWire
import TestRandomness
import Testing

@Suite struct RecordLayoutTests {
    /// The first bytes of the descriptor, field by field.
    @Test func descriptorBytes() {
        let descriptor = RecordLayout.rawEvents.descriptor()
        var expected: [UInt8] = [0x0A, 9] + Array("RawEvents".utf8)  // name
        expected += [0x12, 18]  // field[0], 18 bytes
        expected += [0x0A, 10] + Array("event_time".utf8)  // name
        expected += [0x18, 1]  // number 1
        expected += [0x20, 1]  // label optional
        expected += [0x28, 3]  // type int64
        #expect(Array(descriptor.prefix(expected.count)) == expected)
    }

    /// Zerobus refuses relative names of nested types.
    @Test func mapEntryIsNamedInFull() {
        let text = String(decoding: RecordLayout.rawEvents.descriptor(), as: UTF8.self)
        #expect(text.contains(".RawEvents.MetadataEntry"))
    }

    @Test func createTableNamesEveryColumn() {
        let text = RecordLayout.rawEvents.createTable(named: "main.plant.raw_events")
        #expect(text.hasPrefix("CREATE TABLE IF NOT EXISTS main.plant.raw_events (\n"))
        #expect(text.contains("event_time TIMESTAMP"))
        #expect(text.contains("metadata MAP<STRING, STRING>"))
        #expect(text.contains("status_code INT"))
    }

    @Test func decoderRefusesGarbageWithoutTrapping() {
        let decoder = RecordDecoder(layout: .rawEvents)
        var generator = SeededRandom(seed: 3)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? bytes.withUnsafeBytes { try decoder.columns(of: $0) }
        }
        let cut: [UInt8] = [0x3A, 200, 1, 65]  // value: 200 bytes announced, one there
        #expect(throws: WireError.truncated) { try cut.withUnsafeBytes { try decoder.columns(of: $0) } }
    }
}
