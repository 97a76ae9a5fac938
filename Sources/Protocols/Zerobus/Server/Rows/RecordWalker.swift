import ZerobusCore

/// Visits the records of an ingest message, each decoded with the stream's plan into a sink of the caller's.
enum RecordWalker {
    /// Decodes one record into the sink that it is given.
    typealias Decode<Sink: RowSink> = (inout Sink) throws(ZerobusError) -> Void

    /// Calls `visit` once per record, in order; errors name the record.
    static func walk<Sink: RowSink>(
        _ message: UnsafeRawBufferPointer, _ plan: RowPlan, _ visit: (Decode<Sink>) throws(ZerobusError) -> Void
    ) throws(ZerobusError) {
        switch plan.recordType {
        case .proto:
            var decoder = ProtoRowDecoder(plan: plan)
            try forEach(message) { record throws(ZerobusError) in
                try visit { sink throws(ZerobusError) in try decoder.decode(record, into: &sink) }
            }
        case .json:
            var decoder = JSONRowDecoder(plan: plan)
            try forEach(message) { record throws(ZerobusError) in
                try visit { sink throws(ZerobusError) in try decoder.decode(record, into: &sink) }
            }
        case .avro:
            throw ZerobusError(.unimplemented, "AVRO records are not supported here")
        }
    }

    private static func forEach(
        _ message: UnsafeRawBufferPointer, _ visit: (UnsafeRawBufferPointer) throws(ZerobusError) -> Void
    ) throws(ZerobusError) {
        let decoded = try ClientMessage(message)
        switch decoded.payload {
        case .record(_, let record):
            try numbered(0, decoded.offset, record, visit)
        case .batch(_, let batch):
            var index = 0
            try RecordTotals.forEachRecord(inBatch: batch) { record throws(ZerobusError) in
                try numbered(index, decoded.offset, record, visit)
                index += 1
            }
        case .create, .none:
            throw ZerobusError(.invalidArgument, "the message has no records")
        }
    }

    private static func numbered(
        _ index: Int, _ offset: Int64?, _ record: UnsafeRawBufferPointer,
        _ visit: (UnsafeRawBufferPointer) throws(ZerobusError) -> Void
    ) throws(ZerobusError) {
        do throws(ZerobusError) {
            try visit(record)
        } catch {
            throw ZerobusError(error.code, "record \(index) of offset \(offset ?? -1): \(error.message)")
        }
    }
}
