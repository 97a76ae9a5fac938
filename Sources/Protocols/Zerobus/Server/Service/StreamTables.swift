import ZerobusCore

/// Finds or makes the table of a stream and compiles how its records become rows.
struct StreamTables: Sendable {
    let store: TableStore
    /// Undeclared tables are made from the first descriptor or the first JSON records.
    let autoCreate: Bool

    /// For a stream of protobuf records; nil for JSON into a table that is still to be made.
    func plan(_ request: CreateStreamRequest) async throws(ZerobusError) -> RowPlan? {
        let schema: TableSchema?
        switch request.recordType {
        case .avro:
            throw ZerobusError(.unimplemented, "AVRO records are not supported here")
        case .json:
            schema = try await find(request.table)
            if schema == nil, !autoCreate { throw missing(request.table) }
            return schema.map { RowPlan(jsonInto: $0) }
        case .proto:
            let descriptor = try RecordDescriptor(serialized: request.descriptor ?? [])
            schema = try await find(request.table)
            if let schema { return try RowPlan(schema: schema, descriptor: descriptor) }
            guard autoCreate else { throw missing(request.table) }
            let made = try await make(try SchemaInference.schema(request.table, from: descriptor))
            return try RowPlan(schema: made, descriptor: descriptor)
        }
    }

    /// For the first message of JSON records into an undeclared table.
    func plan(_ table: TableName, firstJSON message: [UInt8]) async throws(ZerobusError) -> RowPlan {
        if let schema = try await find(table) { return RowPlan(jsonInto: schema) }
        let inferred = try message.withRawBytes { bytes throws(ZerobusError) in
            var records: [UnsafeRawBufferPointer] = []
            switch try ClientMessage(bytes).payload {
            case .record(_, let record): records = [record]
            case .batch(_, let batch):
                try RecordTotals.forEachRecord(inBatch: batch) { record throws(ZerobusError) in records.append(record) }
            case .create, .none: break
            }
            return try SchemaInference.schema(table, fromJSON: records)
        }
        return RowPlan(jsonInto: try await make(inferred))
    }

    private func find(_ table: TableName) async throws(ZerobusError) -> TableSchema? {
        do throws(StoreError) {
            return try await store.schema(table)
        } catch {
            throw ZerobusError(.unavailable, error.description)
        }
    }

    /// Another stream may have made it meanwhile: the stored schema counts.
    private func make(_ schema: TableSchema) async throws(ZerobusError) -> TableSchema {
        do throws(StoreError) {
            _ = try await store.create(schema, ifNotExists: true)
            return try await store.schema(schema.name) ?? schema
        } catch {
            throw ZerobusError(.unavailable, error.description)
        }
    }

    private func missing(_ table: TableName) -> ZerobusError {
        ZerobusError(.notFound, "the table \(table) does not exist (the server runs with --strict)")
    }
}
