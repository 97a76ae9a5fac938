import ProtobufWire

/// One message from client to server (`EphemeralStreamRequest`), with its records still in place.
///
/// Decoded by hand because it is the hot path: no object per record, no copy.
public struct ClientMessage {
    /// What the message is.
    public enum Payload {
        /// `create_stream`: the bytes of a `CreateIngestStreamRequest`.
        case create(UnsafeRawBufferPointer)
        /// `ingest_record` with the bytes of its one record.
        case record(RecordType, UnsafeRawBufferPointer)
        /// `ingest_record_batch` with the bytes of the batch: fields 1, one per record.
        case batch(RecordType, UnsafeRawBufferPointer)
        /// No field of the oneof is set, or no record is.
        case none
    }

    public let payload: Payload
    /// `offset_id`; nil when absent or not an ingest message.
    public let offset: Int64?

    /// Decodes one message; slices are valid as long as `bytes` are.
    public init(_ bytes: UnsafeRawBufferPointer) throws(ZerobusError) {
        do throws(WireError) {
            (payload, offset) = try Self.decode(bytes)
        } catch {
            throw .invalid("the message is not a well-formed EphemeralStreamRequest")
        }
    }

    private static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> (Payload, Int64?) {
        var reader = WireReader(bytes)
        var payload = Payload.none
        var offset: Int64?
        while let tag = try reader.tag() {
            switch (tag.field, tag.type) {
            case (1, .lengthDelimited):
                payload = .create(try reader.lengthDelimited())
            case (2, .lengthDelimited):
                (payload, offset) = try ingest(try reader.lengthDelimited()) { .record($0, $1) }
            case (3, .lengthDelimited):
                (payload, offset) = try ingest(try reader.lengthDelimited()) { .batch($0, $1) }
            default:
                try reader.skip(tag.type)
            }
        }
        return (payload, offset)
    }

    /// `IngestRecordRequest` and `IngestRecordBatchRequest` have the same shape: offset 1; proto 2, JSON 3, AVRO 4.
    private static func ingest(
        _ bytes: UnsafeRawBufferPointer, _ make: (RecordType, UnsafeRawBufferPointer) -> Payload
    ) throws(WireError) -> (Payload, Int64?) {
        var reader = WireReader(bytes)
        var payload = Payload.none
        var offset: Int64?
        while let tag = try reader.tag() {
            switch (tag.field, tag.type) {
            case (1, .varint): offset = Int64(bitPattern: try reader.varint())
            case (2, .lengthDelimited): payload = make(.proto, try reader.lengthDelimited())
            case (3, .lengthDelimited): payload = make(.json, try reader.lengthDelimited())
            case (4, .lengthDelimited): payload = make(.avro, try reader.lengthDelimited())
            default: try reader.skip(tag.type)
            }
        }
        return (payload, offset)
    }
}

/// Counts of a message's records.
public struct RecordTotals: Equatable, Sendable {
    public var count: Int
    /// Record bytes, without tags and lengths.
    public var bytes: Int

    public init(count: Int, bytes: Int) {
        self.count = count
        self.bytes = bytes
    }

    /// Counts the records of a batch's bytes without copying them.
    public init(batch: UnsafeRawBufferPointer) throws(ZerobusError) {
        var count = 0
        var bytes = 0
        try RecordTotals.forEachRecord(inBatch: batch) { record in
            count &+= 1
            bytes &+= record.count
        }
        self.init(count: count, bytes: bytes)
    }

    /// Visits the records of a batch's bytes in their order.
    package static func forEachRecord(
        inBatch batch: UnsafeRawBufferPointer, _ visit: (UnsafeRawBufferPointer) throws(ZerobusError) -> Void
    ) throws(ZerobusError) {
        var reader = WireReader(batch)
        while true {
            let record: UnsafeRawBufferPointer
            do throws(WireError) {
                guard let tag = try reader.tag() else { return }
                guard tag.field == 1, tag.type == .lengthDelimited else {
                    try reader.skip(tag.type)
                    continue
                }
                record = try reader.lengthDelimited()
            } catch {
                throw .invalid("the batch is not well-formed")
            }
            try visit(record)
        }
    }
}
