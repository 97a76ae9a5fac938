import ProtobufWire
import SwiftProtobuf

/// What a client asks for when it opens a stream.
public struct CreateStreamRequest: Equatable, Sendable {
    public var table: TableName
    public var recordType: RecordType
    /// A serialized `google.protobuf.DescriptorProto`; for ``RecordType/proto`` only.
    public var descriptor: [UInt8]?

    public init(table: TableName, recordType: RecordType, descriptor: [UInt8]? = nil) {
        self.table = table
        self.recordType = recordType
        self.descriptor = descriptor
    }

    /// The whole first message of a stream.
    public func encoded() -> [UInt8] {
        var writer = WireWriter()
        let create = writer.beginNested(1)
        writer.field(1, string: table.description)
        if let descriptor { writer.field(3, bytes: descriptor) }
        writer.field(4, int64: Int64(recordType.rawValue))
        writer.endNested(create)
        return writer.takeBytes()
    }

    /// Decodes and checks the bytes of a `CreateIngestStreamRequest`.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(ZerobusError) {
        let message: Databricks_Zerobus_CreateIngestStreamRequest
        do {
            message = try .init(serializedBytes: Array(bytes))
        } catch {
            throw .invalid("create_stream is not a well-formed CreateIngestStreamRequest")
        }
        guard message.hasTableName, let table = TableName(message.tableName) else {
            throw .invalid("table_name must be catalog.schema.table, not '\(message.tableName.prefix(300))'")
        }
        self.table = table
        // Clients from before JSON leave the type out and mean PROTO.
        let number = message.hasRecordType ? message.recordType.rawValue : RecordType.proto.rawValue
        guard let recordType = RecordType(rawValue: number) else {
            throw .invalid("record_type must be PROTO or JSON")
        }
        self.recordType = recordType
        descriptor = message.hasDescriptorProto ? Array(message.descriptorProto) : nil
        if recordType == .proto, descriptor == nil { throw .invalid("record_type PROTO needs a descriptor_proto") }
    }
}

/// The bytes in front of a client's records: everything of an `EphemeralStreamRequest` but the records themselves.
package enum IngestHeader {
    /// Header of an `ingest_record_batch`; `batchBytes` bytes of batch (fields 1, one per record) follow it.
    package static func batch(_ type: RecordType, offset: Int64, batchBytes: Int) -> [UInt8] {
        header(payloadField: 3, type, offset: offset, contentBytes: batchBytes)
    }

    /// Header of an `ingest_record`; the record's `recordBytes` bytes follow it.
    package static func record(_ type: RecordType, offset: Int64, recordBytes: Int) -> [UInt8] {
        header(payloadField: 2, type, offset: offset, contentBytes: recordBytes)
    }

    private static func header(payloadField: UInt32, _ type: RecordType, offset: Int64, contentBytes: Int) -> [UInt8] {
        let field: UInt32 =
            switch type {
            case .proto: 2
            case .json: 3
            case .avro: 4
            }
        let inner =
            1 + WireSize.varint(UInt64(bitPattern: offset))
            + WireSize.lengthDelimited(field: field, count: contentBytes)
        var writer = WireWriter(capacity: 32)
        writer.tag(payloadField, .lengthDelimited)
        writer.varint(UInt64(inner))
        writer.field(1, int64: offset)
        writer.tag(field, .lengthDelimited)
        writer.varint(UInt64(contentBytes))
        return writer.takeBytes()
    }
}
