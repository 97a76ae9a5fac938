import Foundation
import ProtobufWire
import SwiftProtobuf
import Testing

@testable import ZerobusCore
@testable import ZerobusServer

/// Keeps the values of a row as text.
struct CollectingSink: RowSink {
    var values: [Int: String] = [:]

    mutating func null(_ column: Int) { values[column] = "NULL" }
    mutating func integer(_ column: Int, _ value: Int64) { values[column] = "\(value)" }
    mutating func real(_ column: Int, _ value: Double) { values[column] = "\(value)" }
    mutating func text(_ column: Int, _ bytes: UnsafeRawBufferPointer) {
        values[column] = String(decoding: bytes, as: UTF8.self)
    }
    mutating func transientText(_ column: Int, _ bytes: UnsafeRawBufferPointer) { text(column, bytes) }
    mutating func blob(_ column: Int, _ bytes: UnsafeRawBufferPointer) { values[column] = "\(Array(bytes))" }
    mutating func transientBlob(_ column: Int, _ bytes: UnsafeRawBufferPointer) { blob(column, bytes) }
}

@Suite struct RowDecoderTests {
    static let ddl = """
        CREATE TABLE main.t.rows (id BIGINT NOT NULL, small SMALLINT, value DOUBLE, name STRING, ok BOOLEAN,
          raw BINARY, tags MAP<STRING,STRING>, list ARRAY<INT>, inner STRUCT<x:DOUBLE,y:STRING>, price DECIMAL(9,2))
        """

    static func schema() throws -> TableSchema {
        try #require(try DDLParser.parse(ddl).creations.first).schema
    }

    static func field(
        _ name: String, _ number: Int32, _ type: Google_Protobuf_FieldDescriptorProto.TypeEnum,
        repeated: Bool = false, typeName: String = ""
    ) -> Google_Protobuf_FieldDescriptorProto {
        .with {
            $0.name = name
            $0.number = number
            $0.type = type
            $0.label = repeated ? .repeated : .optional
            if !typeName.isEmpty { $0.typeName = typeName }
        }
    }

    static func plan(_ change: (inout Google_Protobuf_DescriptorProto) -> Void = { _ in }) throws -> RowPlan {
        var message = Google_Protobuf_DescriptorProto.with {
            $0.name = "Rows"
            $0.field = [
                field("id", 1, .int64), field("small", 2, .int32), field("value", 3, .double),
                field("name", 4, .string),
                field("ok", 5, .bool), field("raw", 6, .bytes),
                field("tags", 7, .message, repeated: true, typeName: ".Rows.TagsEntry"),
                field("list", 8, .sint32, repeated: true), field("inner", 9, .message, typeName: ".Rows.Inner"),
                field("price", 5000, .string),
            ]
            $0.nestedType = [
                .with {
                    $0.name = "TagsEntry"
                    $0.field = [field("key", 1, .string), field("value", 2, .string)]
                    $0.options.mapEntry = true
                },
                .with {
                    $0.name = "Inner"
                    $0.field = [field("x", 1, .double), field("y", 2, .string)]
                },
            ]
        }
        change(&message)
        return try RowPlan(
            schema: try schema(), descriptor: try RecordDescriptor(serialized: try message.serializedBytes()))
    }

    func decode(_ record: [UInt8], _ plan: RowPlan) throws -> [String: String] {
        var decoder = ProtoRowDecoder(plan: plan)
        var sink = CollectingSink()
        try record.withUnsafeBytes { try decoder.decode($0, into: &sink) }
        return named(sink, plan)
    }

    func decodeJSON(_ text: String) throws -> [String: String] {
        let plan = RowPlan(jsonInto: try Self.schema())
        var decoder = JSONRowDecoder(plan: plan)
        var sink = CollectingSink()
        try Array(text.utf8).withUnsafeBytes { try decoder.decode($0, into: &sink) }
        return named(sink, plan)
    }

    private func named(_ sink: CollectingSink, _ plan: RowPlan) -> [String: String] {
        Dictionary(uniqueKeysWithValues: sink.values.map { (plan.schema.columns[$0].name, $1) })
    }

    @Test func aFullRecord() throws {
        var writer = WireWriter()
        writer.field(1, int64: -7)
        writer.field(2, int64: 0)
        writer.field(3, double: 1.5)
        writer.field(4, string: "p\"umpé")
        writer.field(5, bool: true)
        writer.field(6, bytes: [1, 2])
        for (key, value) in [("a", "1"), ("b", "\n")] {
            let entry = writer.beginNested(7)
            writer.field(1, string: key)
            writer.field(2, string: value)
            writer.endNested(entry)
        }
        writer.field(8, unsigned: 3)  // zigzag -2
        writer.field(8, bytes: [4, 0x80, 1])  // packed 2, 64
        let inner = writer.beginNested(9)
        writer.field(1, double: 2)
        writer.endNested(inner)
        writer.field(5000, string: "12.50")
        #expect(
            try decode(writer.takeBytes(), try Self.plan()) == [
                "id": "-7", "small": "0", "value": "1.5", "name": "p\"umpé", "ok": "1", "raw": "[1, 2]",
                "tags": #"{"a":"1","b":"\n"}"#, "list": "[-2,2,64]", "inner": #"{"x":2.0,"y":null}"#, "price": "12.50",
            ])
    }

    @Test func absentFieldsAreNull() throws {
        #expect(
            try decode([0x08, 1], try Self.plan()) == [
                "id": "1", "small": "NULL", "value": "NULL", "name": "NULL", "ok": "NULL", "raw": "NULL", "tags": "{}",
                "list": "[]", "inner": "NULL", "price": "NULL",
            ])
    }

    static let refusals: [([UInt8], String)] = [
        ([], "column 'id' is NOT NULL and missing"),
        ([0x08, 1, 0x50, 1], "unknown field 10"),
        ([0x0D, 1, 0, 0, 0], "field 'id' has the wrong type"),
        ([0x08, 1, 0x10, 0x80, 0x80, 0x02], "field 'small' is out of range for SMALLINT"),  // 32768
        ([0x08, 1, 0x22, 1, 0xFF], "field 'name' is not UTF-8"),
        ([0x08, 1, 0x22, 5, 0x61], "field 'name' is not well-formed"),
        ([0x08], "field 'id' is not well-formed"),
        ([0x0B], "not a well-formed protobuf message"),
        ([0x08, 1, 0x3A, 3, 0x0A, 1, 0xFF], "field 'tags' is not UTF-8"),
        ([0x08, 1, 0x38, 1], "field 'tags' has the wrong type"),
        ([0x08, 1, 0x4A, 2, 0x18, 1], "field 'inner' has the unknown field 3 inside"),
        ([0x08, 1, 0x42, 1, 0x80], "field 'list' is not well-formed"),
    ]

    @Test(arguments: refusals)
    func refuses(record: [UInt8], message: String) throws {
        let plan = try Self.plan()
        let error = #expect(throws: ZerobusError.self) { try decode(record, plan) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "accepted")")
    }

    @Test func descriptorsThatDoNotFit() {
        func message(_ change: (inout Google_Protobuf_DescriptorProto) -> Void) -> String {
            do {
                _ = try Self.plan(change)
                return "accepted"
            } catch {
                return "\(error)"
            }
        }
        #expect(message { $0.field[0].name = "other" }.contains("FIELD_NOT_IN_TABLE"))
        #expect(message { $0.field[0].type = .int32 }.contains("TYPE_INCOMPATIBLE"))
        #expect(message { $0.field.removeFirst() }.contains("MISSING_REQUIRED_COLUMN"))
        #expect(message { $0.field[7].type = .string }.contains("TYPE_INCOMPATIBLE"))
        #expect(message { $0.field[3].name = "ID" }.contains("two fields mean"))
        #expect(message { $0.field.removeLast() } == "accepted")
        #expect(message { $0.field[1].name = "SMALL" } == "accepted")
    }

    @Test func garbageNeverTraps() throws {
        var decoder = ProtoRowDecoder(plan: try Self.plan())
        var json = JSONRowDecoder(plan: RowPlan(jsonInto: try Self.schema()))
        var state: UInt64 = 7
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        let keys: [UInt8] = [0x08, 0x10, 0x19, 0x22, 0x28, 0x32, 0x3A, 0x42, 0x4A, 0x0A, 1, 2, 0xFF, 0x80]
        let marks = Array(#"{}[]",:0123e.-+\untrfalse "id""#.utf8)
        for _ in 0..<20_000 {
            let record = (0..<random(30)).map { _ in keys[Int(random(UInt64(keys.count)))] }
            let text = (0..<random(30)).map { _ in marks[Int(random(UInt64(marks.count)))] }
            var sink = ValidatingSink()
            record.withUnsafeBytes { try? decoder.decode($0, into: &sink) }
            text.withUnsafeBytes { try? json.decode($0, into: &sink) }
        }
    }

    @Test func jsonRecord() throws {
        let text = """
            {"id": "9007199254740993", "SMALL": 12, "value": -1.5e2, "name": "\\u00e9\\ud83d\\ude00\\n", "ok": true,
             "raw": "AQI=", "tags": {"a": "1", "b": null}, "list": [1, 2], "inner": {"x": 2, "y": "z"}, "price": 12.50}
            """
        #expect(
            try decodeJSON(text) == [
                "id": "9007199254740993", "small": "12", "value": "-150.0", "name": "é😀\n", "ok": "1", "raw": "[1, 2]",
                "tags": #"{"a":"1","b":null}"#, "list": "[1,2]", "inner": #"{"x":2.0,"y":"z"}"#, "price": "12.50",
            ])
        #expect(try decodeJSON(#"{"id":1,"name":null}"#)["name"] == "NULL")
    }

    @Test(arguments: [
        (#"{"id":1.5}"#, "not a whole number"), (#"{"name":"x"}"#, "NOT NULL"),
        (#"{"id":1,"x":[{"y":[]}]}"#, "no column"),
        (#"{"id":1,"small":40000}"#, "out of range"), (#"{"id":1,"ok":1}"#, "wrong type"),
        (#"{"id":1,"name":3}"#, "wrong type"),
        (#"{"id":1,"raw":"*"}"#, "not base64"), (#"{"id":1,"tags":[]}"#, "wrong type"),
        (#"{"id":1,"inner":{"q":1}}"#, "unknown field"),
        (#"{"id":null}"#, "NOT NULL"), ("[]", "not a JSON object"), ("", "not a JSON object"),
        (#"{"id":1} x"#, "not a JSON object"),
        (#"{"id":01}"#, "not a JSON object"), (#"{"id":1,}"#, "not a JSON object"),
        (#"{"id":1,"name":"\ud800"}"#, "surrogate"),
    ])
    func jsonRefusals(text: String, part: String) {
        let error = #expect(throws: ZerobusError.self) { try decodeJSON(text) }
        #expect(
            error?.code == .invalidArgument && error?.message.contains(part) == true, "\(error?.message ?? "accepted")")
    }

    @Test func deepJSONIsRefused() {
        let text = #"{"id":1,"tags":"# + String(repeating: "[", count: 100_000)
        #expect(throws: ZerobusError.self) { try decodeJSON(text) }
    }

    @Test func inference() throws {
        let name = try #require(TableName("main.t.json"))
        let records = [
            #"{"tag":"a","ts":1,"value":20,"event_time":5,"ok":true,"meta":{"k":"v"},"none":null}"#,
            #"{"value":20.5,"extra":[1]}"#,
        ].map { Array($0.utf8) }
        let schema = try records[0].withUnsafeBytes { first in
            try records[1].withUnsafeBytes { try SchemaInference.schema(name, fromJSON: [first, $0]) }
        }
        #expect(
            schema.columns.map { "\($0.name) \($0.type.sql)" } == [
                "tag STRING", "ts BIGINT", "value DOUBLE", "event_time TIMESTAMP", "ok BOOLEAN",
                "meta MAP<STRING,STRING>",
                "none STRING", "extra VARIANT",
            ])
    }
}
