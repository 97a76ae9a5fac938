import ConnectorModel
import ProtobufWire

@testable import ConnectorLane

/// A record as the target sees it.
struct ReceivedRecord: Hashable {
    var value: Int
    var topic: String
    var recordID: String
}

/// The constant part of a test record: its topic in field 6.
func testPrefix(_ topic: String) -> [UInt8] {
    var writer = WireWriter()
    writer.field(6, string: topic)
    return writer.takeBytes()
}

/// A frame of records with a number in field 1 each.
func testFrame(_ values: some Sequence<Int>, prefix: UInt32, padding: Int = 0) -> EncodedFrame {
    var entries = WireWriter()
    var suffix = WireWriter()
    var count = 0
    for value in values {
        suffix.clear()
        suffix.field(1, int64: Int64(value))
        if padding > 0 { suffix.field(7, string: String(repeating: "p", count: padding)) }
        entries.varint(UInt64(prefix))
        entries.varint(UInt64(suffix.count))
        suffix.withBytes { entries.raw($0) }
        count += 1
    }
    return EncodedFrame(entries: entries.takeBytes(), count: count)
}

/// Decodes a batch with the ordinary reader.
func received(_ batch: RecordBatch) throws -> [ReceivedRecord] {
    try batch.body.withUnsafeBytes { bytes in
        var records: [ReceivedRecord] = []
        var reader = WireReader(bytes)
        while let tag = try reader.tag() {
            guard tag.field == 1, tag.type == .lengthDelimited else { throw WireError.badTag }
            records.append(try record(try reader.lengthDelimited()))
        }
        return records
    }
}

private func record(_ bytes: UnsafeRawBufferPointer) throws -> ReceivedRecord {
    var record = ReceivedRecord(value: -1, topic: "", recordID: "")
    var reader = WireReader(bytes)
    while let tag = try reader.tag() {
        switch tag.field {
        case 1: record.value = Int(truncatingIfNeeded: try reader.varint())
        case 6: record.topic = String(decoding: try reader.lengthDelimited(), as: UTF8.self)
        case 10:
            var entry = WireReader(try reader.lengthDelimited())
            var texts: [String] = []
            while try entry.tag() != nil { texts.append(String(decoding: try entry.lengthDelimited(), as: UTF8.self)) }
            if texts.first == "record_id" { record.recordID = texts.last ?? "" }
        default: try reader.skip(tag.type)
        }
    }
    return record
}

/// The number that ``testFrame(_:prefix:padding:)`` put into a record, from its varying part.
func testValue(_ suffix: [UInt8]) -> Int? {
    do {
        return try suffix.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            while let tag = try reader.tag() {
                if tag.field == 1 { return Int(truncatingIfNeeded: try reader.varint()) }
                try reader.skip(tag.type)
            }
            return nil
        }
    } catch {
        return nil
    }
}
