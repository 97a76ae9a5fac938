import ConnectorModel
import Foundation
import GRDB
import LocalTableAdapter
import ProtobufWire
import Testing

@Suite struct LocalTableTests {
    private func record(_ value: Double, metadata: [(String, String)]) -> [UInt8] {
        var writer = WireWriter()
        writer.field(1, int64: 1_700_000_000_000_001)
        writer.field(3, string: "a")
        writer.field(9, double: value)
        for (key, value) in metadata {
            let entry = writer.beginNested(10)
            writer.field(1, string: key)
            writer.field(2, string: value)
            writer.endNested(entry)
        }
        writer.field(11, int64: -2_144_272_384)
        return writer.takeBytes()
    }

    private func batch(_ records: [[UInt8]]) -> RecordBatch {
        var writer = WireWriter()
        for record in records { writer.field(1, bytes: record) }
        return RecordBatch(body: writer.takeBytes(), count: records.count)
    }

    @Test func rowsAreThereWhenTheBatchIsAcknowledged() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("local.sqlite").path
        let target = LocalTable(.init(path: path, table: "raw_events", layout: .rawEvents))
        let first = batch([record(1.5, metadata: [("unit", "°C \"x\"")]), record(2.5, metadata: [])])
        let second = batch([record(3.5, metadata: [])])
        try await target.withStream { stream in
            try await stream.send(first)
            #expect(try await stream.nextAcknowledgement() == 0)
            try await stream.send(second)
            #expect(try await stream.nextAcknowledgement() == 1)
        }
        let rows = try DatabaseQueue(path: path).read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM raw_events ORDER BY rowid")
        }
        #expect(rows.map { $0["value_num"] as Double? } == [1.5, 2.5, 3.5])
        #expect(rows[0]["event_time"] as Int64? == 1_700_000_000_000_001)
        #expect(rows[0]["status_code"] as Int64? == -2_144_272_384)
        #expect(rows[0]["metadata"] as String? == #"{"unit":"°C \"x\""}"#)
        #expect(rows[0]["value"] as String? == nil)
    }

    @Test func anUnwritablePlaceIsSaidInASentence() async {
        let target = LocalTable(.init(path: "/nowhere/local.sqlite", table: "t", layout: .rawEvents))
        await #expect {
            try await target.withStream { _ in }
        } throws: { error in
            let failure = error as? TargetFailure
            return failure?.disposition == .permanent && failure?.message.contains("/nowhere/local.sqlite") == true
        }
    }
}
