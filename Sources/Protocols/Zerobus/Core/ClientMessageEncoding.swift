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
///
/// A value of numbers, so that nothing is allocated until its bytes are written in front of the records.
package struct IngestHeader: Equatable, Sendable {
    private let payloadField: UInt32
    private let contentField: UInt32
    private let offset: UInt64
    /// Bytes of records that follow.
    package let contentBytes: Int

    /// Header of an `ingest_record_batch`; `batchBytes` bytes of batch (fields 1, one per record) follow it.
    package static func batch(_ type: RecordType, offset: Int64, batchBytes: Int) -> IngestHeader {
        IngestHeader(payloadField: 3, type, offset: offset, contentBytes: batchBytes)
    }

    /// Header of an `ingest_record`; the record's `recordBytes` bytes follow it.
    package static func record(_ type: RecordType, offset: Int64, recordBytes: Int) -> IngestHeader {
        IngestHeader(payloadField: 2, type, offset: offset, contentBytes: recordBytes)
    }

    private init(payloadField: UInt32, _ type: RecordType, offset: Int64, contentBytes: Int) {
        self.payloadField = payloadField
        contentField =
            switch type {
            case .proto: 2
            case .json: 3
            case .avro: 4
            }
        self.offset = UInt64(bitPattern: offset)
        self.contentBytes = contentBytes
    }

    /// Bytes of the payload message: offset, tag and length of the content, content.
    private var payloadBytes: Int {
        1 + WireSize.varint(offset) + WireSize.lengthDelimited(field: contentField, count: contentBytes)
    }

    /// Bytes of the header itself.
    package var count: Int {
        let payload = payloadBytes
        return 1 + WireSize.varint(UInt64(payload)) + payload - contentBytes
    }

    /// Writes the header to the start of `target`, which has room for ``count`` bytes.
    package func write(to target: UnsafeMutableRawBufferPointer) {
        precondition(target.count >= count)
        var place = 0
        func varint(_ value: UInt64) {
            var value = value
            while value >= 0x80 {
                target[place] = UInt8(truncatingIfNeeded: value) | 0x80
                place &+= 1
                value >>= 7
            }
            target[place] = UInt8(truncatingIfNeeded: value)
            place &+= 1
        }
        varint(UInt64(payloadField) << 3 | UInt64(WireType.lengthDelimited.rawValue))
        varint(UInt64(payloadBytes))
        varint(1 << 3 | UInt64(WireType.varint.rawValue))
        varint(offset)
        varint(UInt64(contentField) << 3 | UInt64(WireType.lengthDelimited.rawValue))
        varint(UInt64(contentBytes))
    }
}
