import ConnectorModel
import ProtobufWire
import Testing

/// What each layout makes of the same readings, read back with its own decoder.
@Suite struct RecordLayoutsTests {
    private final class Collected: FrameSink, @unchecked Sendable {
        var prefixes: [[UInt8]] = []
        var frames: [EncodedFrame] = []
        func register(prefix: [UInt8]) -> UInt32 {
            prefixes.append(prefix)
            return UInt32(prefixes.count - 1)
        }
        func submit(_ frames: [EncodedFrame], from source: String) -> Ticket {
            self.frames += frames
            return Ticket(number: 1)
        }
    }

    private let source = SourceIdentity(
        name: "line-1", protocolType: "modbus", endpoint: "modbus://plc", statusName: { $0 == 0 ? "Good" : "Code\($0)" }
    )
    private let tag = TagDefinition(
        address: "7/holding/100", name: "speed", unit: "rpm",
        metadata: [
            "unit_id": "7", "register_type": "holding", "register_address": "100", "scale": "0.1", "offset": "-5",
            "site": "Ulm", "node_id": "ns=2;s=x", "namespace": "2", "qos": "1", "retain": "true", "plc_name": "P1",
        ])
    private let received = Timestamp(microseconds: 1_700_000_000_123_456)

    private func rows(
        _ layout: RecordLayout, _ readings: [Reading]
    ) throws -> [[String: RecordDecoder.ColumnValue]] {
        let sink = Collected()
        let intake = Intake(source: source, layout: layout, sink: sink)
        let id = intake.define(tag)
        intake.deliver(receivedAt: received) { frame in
            for reading in readings { frame.append(reading, of: id, metadata: [("backfill", "true")]) }
        }
        let decoder = RecordDecoder(layout: layout)
        return try sink.frames.flatMap { frame in
            try frame.entries.withUnsafeBytes { bytes in
                var reader = WireReader(bytes)
                return try (0..<frame.count).map { _ in
                    let prefix = sink.prefixes[Int(try reader.varint())]
                    let suffix = try reader.lengthDelimited()
                    let columns = try (prefix + Array(suffix)).withUnsafeBytes { try decoder.columns(of: $0) }
                    return Dictionary(
                        uniqueKeysWithValues: zip(layout.columns, columns).compactMap { column, value in
                            value.map { (column.name, $0) }
                        })
                }
            }
        }
    }

    private let reading = Reading(.double(12.5), .float64, at: Timestamp(microseconds: 1_700_000_000_000_999))

    @Test func rawEvents() throws {
        let row = try #require(try rows(.rawEvents, [reading]).first)
        #expect(
            row["event_time"] == .integer(1_700_000_000_000_999)
                && row["ingest_time"] == .integer(received.microseconds))
        #expect(
            row["value"] == .text("12.5") && row["value_num"] == .double(12.5) && row["value_type"] == .text("float64"))
        #expect(row["status_code"] == .integer(0) && row["status"] == .text("Good"))
        guard case .map(let metadata) = row["metadata"] else {
            Issue.record("no metadata")
            return
        }
        #expect(metadata["unit"] == "rpm" && metadata["backfill"] == "true" && metadata["tag_id"]?.count == 16)
    }

    @Test func normalizedTags() throws {
        let row = try #require(try rows(.normalizedTags, [reading]).first)
        #expect(row["tag_path"] == .text("7/holding/100") && row["site"] == .text("Ulm") && row["area"] == .text(""))
        #expect(row["quality"] == .text("good") && row["data_type"] == .text("float"))
        #expect(row["engineering_units"] == .text("rpm") && row["source_identifier"] == .text("line-1"))
        guard case .map(let metadata) = row["metadata"] else {
            Issue.record("no metadata")
            return
        }
        // What has a column of its own is not said twice.
        #expect(metadata["site"] == nil && metadata["unit"] == nil && metadata["tag_id"] == nil)
        #expect(metadata["node_id"] == "ns=2;s=x")
    }

    @Test func opcuaBronze() throws {
        let bad = Reading(.none, .opcuaDouble, status: Status(code: Int32(bitPattern: 0x8031_0000), quality: .bad))
        let bytes = Reading(.bytes([1, 2]), .opcuaByteString)
        let rows = try rows(.opcuaBronze, [reading, bad, bytes])
        #expect(rows[0]["namespace"] == .integer(2) && rows[0]["node_id"] == .text("ns=2;s=x"))
        #expect(rows[0]["status_code"] == .integer(0) && rows[0]["raw"] == nil && rows[0]["plc_name"] == .text("P1"))
        // The 32 bits without a sign.
        #expect(
            rows[1]["status_code"] == .integer(0x8031_0000) && rows[1]["value"] == nil && rows[1]["value_num"] == nil)
        #expect(rows[1]["status"] == .text("BadNoCommunication"))
        #expect(rows[2]["raw"] == .bytes([1, 2]) && rows[2]["value"] == .text("AQI="))
    }

    @Test func mqttBronze() throws {
        let row = try #require(try rows(.mqttBronze, [reading]).first)
        #expect(row["topic"] == .text("7/holding/100") && row["value"] == .double(12.5))
        #expect(row["value_string"] == .text("12.5") && row["timestamp_ms"] == .integer(1_700_000_000_000))
        #expect(row["qos"] == .integer(1) && row["retain"] == .boolean(true) && row["industry"] == .text(""))
        #expect(row["status_code"] == .integer(0) && row["status"] == .text("Good"))
        let early = Reading(.int(1), .int16, at: Timestamp(microseconds: -1))
        #expect(try rows(.mqttBronze, [early]).first?["timestamp_ms"] == .integer(-1))
    }

    @Test func modbusBronze() throws {
        let timeout = Reading(.none, .float64, status: Status(code: -1, quality: .bad))
        let rows = try rows(.modbusBronze, [reading, timeout])
        #expect(rows[0]["slave_id"] == .integer(7) && rows[0]["register_address"] == .integer(100))
        #expect(rows[0]["register_type"] == .text("holding") && rows[0]["sensor_path"] == .text("speed"))
        // (12.5 + 5) / 0.1
        #expect(rows[0]["raw_value"] == .double(12.5) && rows[0]["scaled_value"] == .integer(175))
        #expect(rows[0]["scale_factor"] == .integer(10))
        #expect(rows[1]["scaled_value"] == nil && rows[1]["status_code"] == .integer(-1))
    }

    /// NaN, infinities, null and the largest numbers, in every layout.
    @Test(arguments: RecordLayout.all) func whatIsNoNumberHasNoNumber(layout: RecordLayout) throws {
        let number = try #require(layout.columns.first { $0.content == .valueNumber }?.name)
        let text = try #require(
            layout.columns.first { $0.content == .valueText } ?? layout.columns.first { $0.content == .valueNumber })
        let values: [(ReadingValue, Double?, String?)] = [
            (.double(.nan), nil, "NaN"), (.double(.infinity), nil, "Infinity"), (.double(-.infinity), nil, "-Infinity"),
            (.none, nil, nil), (.uint(.max), 18_446_744_073_709_551_616, "18446744073709551615"),
            (.bool(true), 1, "true"), (.string("7"), nil, "7"),
        ]
        let rows = try rows(layout, values.map { Reading($0.0, .float64) })
        for (row, (_, wanted, words)) in zip(rows, values) {
            #expect(row[number] == wanted.map { .double($0) })
            if text.content == .valueText { #expect(row[text.name] == words.map { .text($0) }) }
        }
    }

    @Test func fieldNumbersAreThoseOfExistingTables() {
        func names(_ layout: RecordLayout, _ numbers: [UInt32]) -> [String] {
            numbers.compactMap { number in layout.columns.first { $0.number == number }?.name }
        }
        #expect(names(.rawEvents, [1, 6, 10, 12]) == ["event_time", "topic_or_path", "metadata", "status"])
        #expect(names(.normalizedTags, [1, 6, 12, 17]) == ["tag_id", "timestamp", "site", "metadata"])
        #expect(
            names(.opcuaBronze, [5, 8, 13, 16, 17]) == ["namespace", "status_code", "raw", "plc_model", "record_id"])
        #expect(names(.mqttBronze, [7, 11, 13, 17, 19]) == ["value", "timestamp_ms", "retain", "record_id", "status"])
        #expect(
            names(.modbusBronze, [4, 12, 14, 18, 20])
                == ["slave_id", "raw_value", "scale_factor", "record_id", "status"])
    }

    @Test func theViewNamesTheIdentity() {
        #expect(
            RecordLayout.rawEvents.createViewWithoutDuplicates(of: "a.b.c").contains(
                "PARTITION BY metadata['record_id'] ORDER BY ingest_time"))
        #expect(
            RecordLayout.mqttBronze.createViewWithoutDuplicates(of: "a.b.c").contains("PARTITION BY record_id ORDER"))
        #expect(RecordLayout.opcuaBronze.protoText().contains("  optional bytes raw = 13;"))
    }
}
