import Foundation
import ProtobufWire
import SwiftProtobuf
import Testing

@testable import ZerobusCore

@Suite struct MessageTests {
    @Test(arguments: ["main.plant.telemetry", "a.b.c", "my-cat.schema_1.tab1"])
    func tableNames(text: String) { #expect(TableName(text)?.description == text) }

    @Test(arguments: [
        "", "a.b", "a.b.c.d", "a..c", ".b.c", "a.b.", "a.b.`c`", "a.b.c d", "a.b.c\"", "a.b.\u{7f}", "a.b/x.c",
    ])
    func notTableNames(text: String) { #expect(TableName(text) == nil) }

    @Test func createBytes() throws {
        let table = try #require(TableName("main.plant.telemetry"))
        let request = CreateStreamRequest(table: table, recordType: .proto, descriptor: [9, 9])
        let bytes = request.encoded()
        #expect(
            bytes == [
                0x0A, 28,  // create_stream, 28 bytes
                0x0A, 20,  // table_name
            ] + Array("main.plant.telemetry".utf8) + [
                0x1A, 2, 9, 9,  // descriptor_proto
                0x20, 1,  // record_type PROTO
            ])
        // The generated code reads the same.
        let oracle = try Databricks_Zerobus_EphemeralStreamRequest(serializedBytes: bytes)
        #expect(oracle.createStream.tableName == "main.plant.telemetry")
        #expect(oracle.createStream.recordType == .proto)
        try bytes.withUnsafeBytes { raw in
            guard case .create(let create) = try ClientMessage(raw).payload else {
                Issue.record("not a create")
                return
            }
            #expect(try CreateStreamRequest(decoding: create) == request)
        }
    }

    @Test func createRefusals() throws {
        func decode(_ make: (inout Databricks_Zerobus_CreateIngestStreamRequest) -> Void) throws -> CreateStreamRequest
        {
            var message = Databricks_Zerobus_CreateIngestStreamRequest()
            make(&message)
            let bytes: [UInt8] = try message.serializedBytes()
            return try bytes.withUnsafeBytes { try CreateStreamRequest(decoding: $0) }
        }
        #expect(throws: ZerobusError.self) { try decode { $0.recordType = .json } }  // no table
        #expect(throws: ZerobusError.self) { try decode { $0.tableName = "a.b" } }
        #expect(throws: ZerobusError.self) {
            try decode {
                $0.tableName = "a.b.c"
                $0.recordType = .unspecified
            }
        }
        #expect(throws: ZerobusError.self) {  // PROTO without a descriptor
            try decode {
                $0.tableName = "a.b.c"
                $0.recordType = .proto
            }
        }
        let old = try decode {  // an old client names no type
            $0.tableName = "a.b.c"
            $0.descriptorProto = .init([1])
        }
        #expect(old.recordType == .proto)
    }

    /// What a header writes, which must be as much as it says.
    private func bytes(_ header: IngestHeader) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: header.count + 1)
        bytes.withUnsafeMutableBytes { header.write(to: $0) }
        #expect(bytes.last == 0xEE)
        return bytes.dropLast()
    }

    @Test(arguments: [(Int64(0), 1), (127, 100), (128, 127), (300, 128), (Int64.max, 20_000)])
    func batchHeaderAgreesWithGeneratedCode(offset: Int64, size: Int) throws {
        let record = [UInt8](repeating: 7, count: size)
        var writer = WireWriter()
        writer.field(1, bytes: record)
        writer.field(1, bytes: [1])
        let batch = writer.takeBytes()
        let bytes = bytes(.batch(.proto, offset: offset, batchBytes: batch.count)) + batch
        let oracle = try Databricks_Zerobus_EphemeralStreamRequest(serializedBytes: bytes)
        #expect(oracle.ingestRecordBatch.offsetID == offset)
        #expect(oracle.ingestRecordBatch.protoEncodedBatch.records.map(\.count) == [size, 1])
        #expect(try oracle.serializedBytes() as [UInt8] == bytes)
        try bytes.withUnsafeBytes { raw in
            let message = try ClientMessage(raw)
            #expect(message.offset == offset)
            guard case .batch(.proto, let content) = message.payload else {
                Issue.record("not a batch")
                return
            }
            #expect(try RecordTotals(batch: content) == RecordTotals(count: 2, bytes: size + 1))
        }
    }

    @Test func singleRecordHeader() throws {
        let bytes = bytes(.record(.json, offset: 5, recordBytes: 2)) + Array("{}".utf8)
        let oracle = try Databricks_Zerobus_EphemeralStreamRequest(serializedBytes: bytes)
        #expect(oracle.ingestRecord.offsetID == 5)
        #expect(oracle.ingestRecord.jsonRecord == "{}")
    }

    @Test func everyTruncationOfAMessageIsHandled() throws {
        let bytes = bytes(.batch(.proto, offset: 1, batchBytes: 4)) + [0x0A, 2, 1, 2]
        for length in 0..<bytes.count {
            Array(bytes[..<length]).withUnsafeBytes { raw in
                guard let message = try? ClientMessage(raw) else { return }
                // Nothing but the empty message may pass.
                guard case .none = message.payload else {
                    Issue.record("\(length) bytes passed")
                    return
                }
            }
        }
    }

    @Test(arguments: [
        ServerMessage.created(streamID: "abc"), .created(streamID: nil), .acknowledged(upTo: 0),
        .acknowledged(upTo: nil),
        .acknowledged(upTo: .max), .closeSignal(after: .milliseconds(2500)), .closeSignal(after: nil), .unknown,
    ])
    func serverMessages(message: ServerMessage) throws {
        #expect(try ServerMessage(message.encoded()) == message)
    }

    @Test(
        arguments: [
            ([0x12, 2, 0x08, 5], 5),  // ingest_record_response { durability_ack_up_to_offset: 5 }
            ([0x12, 3, 0x08, 0xAC, 0x02], 300),
            ([0x12, 4, 0x08, 5, 0x10, 1], 5),  // with a field that this side does not know
            ([0x12, 2, 0x08, 5, 0x20, 1], 5),  // the same beside the response
            ([0x12, 2, 0x08, 1, 0x12, 2, 0x08, 5], 5),  // the last one holds
            ([0x12, 0], nil),  // no offset
        ] as [([UInt8], Int64?)])
    func acknowledgementsInEveryForm(bytes: [UInt8], offset: Int64?) throws {
        #expect(try ServerMessage(bytes) == .acknowledged(upTo: offset))
    }

    @Test(arguments: 1..<5) func everyTruncationOfAnAcknowledgementIsHandled(length: Int) {
        #expect(throws: ZerobusError.self) { try ServerMessage(Array([0x12, 3, 0x08, 0xAC, 0x02].prefix(length))) }
    }

    @Test func garbageFromTheServerIsAnError() {
        #expect(throws: ZerobusError.self) { try ServerMessage([0x0A, 0xFF]) }
        let absurd = Databricks_Zerobus_EphemeralStreamResponse.with {
            $0.closeStreamSignal.duration.seconds = .min
            $0.closeStreamSignal.duration.nanos = .min
        }
        #expect(
            (try? ServerMessage((try? absurd.serializedBytes()) ?? [])) == .closeSignal(after: .zero))
    }

    @Test func dispositions() {
        #expect(StatusCode.unavailable.disposition == .transient)
        #expect(StatusCode.ok.disposition == .transient)
        #expect(StatusCode.invalidArgument.disposition == .permanent)
        let never: Set<StatusCode> = [
            .invalidArgument, .unauthenticated, .permissionDenied, .outOfRange, .unimplemented, .notFound,
        ]
        #expect(Set(StatusCode.allCases.filter { $0.disposition != .transient }) == never)
    }
}
