import ConnectorModel
import ProtobufWire
import TestKit
import Testing
import ZerobusServer

@testable import ZerobusAdapter

/// Records that are not sent as they are: fewer columns, or JSON.
@Suite(.timeLimit(.minutes(1))) struct ZerobusShapeTests {
    private func record() -> RecordBatch {
        var writer = WireWriter()
        for number in 1...2 {
            let record = writer.beginNested(1)
            writer.field(1, int64: 1_700_000_000_000_000)
            writer.field(6, string: "plant/\"t\"")
            writer.field(9, double: Double(number))
            for (key, value) in [("b", "2"), ("a", "1")] {
                let entry = writer.beginNested(10)
                writer.field(1, string: key)
                writer.field(2, string: value)
                writer.endNested(entry)
            }
            writer.field(11, int64: -1)
            writer.endNested(record)
        }
        return RecordBatch(body: writer.takeBytes(), count: 2)
    }

    @Test func nothingChangesWhereNothingMust() throws {
        let batch = record()
        #expect(try RecordShape(.rawEvents, columns: nil, form: .protobuf).shaped(batch).body == batch.body)
        let all = Set(RecordLayout.rawEvents.columns.map(\.name))
        #expect(try RecordShape(.rawEvents, columns: all, form: .protobuf).shaped(batch).body == batch.body)
    }

    @Test func columnsAreLeftOut() throws {
        let shape = RecordShape(.rawEvents, columns: ["event_time", "value_num"], form: .protobuf)
        let narrowed = try shape.shaped(record())
        #expect(shape.layout.columns.map(\.name) == ["event_time", "value_num"])
        let decoder = RecordDecoder(layout: .rawEvents)
        var seen = 0
        try narrowed.forEachRecord { bytes in
            seen += 1
            let columns = try decoder.columns(of: bytes)
            #expect(columns[0] == .integer(1_700_000_000_000_000) && columns[8] == .double(Double(seen)))
            #expect(columns.compactMap { $0 }.count == 2)
        }
        #expect(seen == 2 && narrowed.count == 2)
    }

    @Test func recordsAsJSON() throws {
        let shape = RecordShape(.rawEvents, columns: nil, form: .json)
        var texts: [String] = []
        try shape.shaped(record()).forEachRecord { texts.append(String(decoding: $0, as: UTF8.self)) }
        #expect(
            texts.first
                == #"{"event_time":1700000000000000,"topic_or_path":"plant/\"t\"","value_num":1.0,"#
                + #""metadata":{"a":"1","b":"2"},"status_code":-1}"#)
        #expect(texts.count == 2)
    }

    /// A table from an earlier time, with fewer columns: rows flow, without what it lacks.
    @Test func aTableThatLacksColumnsGetsWhatItHas() async throws {
        try await ZerobusWorld.withService { ports in
            let http = LocalHTTP(port: ports.http)
            let made = try await http.post(
                "/tables", "CREATE TABLE main.plant.raw_events (value_num DOUBLE, event_time TIMESTAMP, own STRING)",
                contentType: "application/sql")
            #expect(made.status == 201)
            let batch = record()
            try await ZerobusWorld.target(ports.grpc, ports.http).withStream { stream in
                try await stream.send(batch)
                #expect(try await stream.nextAcknowledgement() == 0)
            }
            let rows = try await http.json("/tables/main.plant.raw_events/rows")["rows"].array
            #expect(rows.count == 2 && rows[1]["value_num"].double == 2 && rows[1]["own"] == .null)
        }
    }

    @Test func namedColumnsAndJSONReachTheTable() async throws {
        try await ZerobusWorld.withService { ports in
            let batch = record()
            let target = try ZerobusWorld.target(
                ports.grpc, ports.http, columns: .named(["event_time", "metadata"]), format: .json)
            try await target.withStream { stream in
                try await stream.send(batch)
                #expect(try await stream.nextAcknowledgement() == 0)
            }
            let rows = try await LocalHTTP(port: ports.http).json("/tables/main.plant.raw_events/rows")["rows"].array
            #expect(rows.count == 2 && rows[0]["event_time"].integer == 1_700_000_000_000_000)
            #expect(rows[0]["value_num"] == .null)
        }
    }
}
