import ProtobufWire
import ZerobusCore

/// Turns protobuf records into rows, straight from the wire: no message object, no copy of scalars.
struct ProtoRowDecoder: ~Copyable {
    let plan: RowPlan
    /// Columns that the current record has set.
    private var isSet: [Bool]
    /// Occurrences of repeated, map and message fields, which become JSON once the record is read.
    private var parts: [[WirePart]]
    private var json = WireWriter(capacity: 1024)

    init(plan: RowPlan) {
        self.plan = plan
        isSet = Array(repeating: false, count: plan.schema.columns.count)
        parts = Array(repeating: [], count: plan.fields.count)
    }

    /// Decodes one record. Throws INVALID_ARGUMENT without a place; the caller knows which record it was.
    mutating func decode(_ record: UnsafeRawBufferPointer, into sink: inout some RowSink) throws(ZerobusError) {
        for index in isSet.indices { isSet[index] = false }
        for index in parts.indices where !parts[index].isEmpty { parts[index].removeAll(keepingCapacity: true) }
        var reader = WireReader(record)
        while let tag = try next(&reader) {
            guard let index = plan.fieldIndex(tag.field) else {
                throw ZerobusError(.invalidArgument, "unknown field \(tag.field)")
            }
            let field = plan.fields[index]
            do throws(ValueProblem) {
                if case .one(.scalar(let scalar)) = field.kind {
                    try scalarField(field, scalar, tag, &reader, &sink)
                } else {
                    parts[index].append(try part(field, tag, &reader))
                }
            } catch {
                throw ZerobusError(.invalidArgument, "field '\(field.name)' \(error.reason)")
            }
            isSet[field.column] = true
        }
        try complexColumns(&sink)
        for (column, wasSet) in isSet.enumerated() where !wasSet {
            guard plan.schema.columns[column].isNullable else {
                throw ZerobusError(
                    .invalidArgument, "column '\(plan.schema.columns[column].name)' is NOT NULL and missing")
            }
            sink.null(column)
        }
    }

    private func next(_ reader: inout WireReader) throws(ZerobusError) -> WireTag? {
        do throws(WireError) {
            return try reader.tag()
        } catch {
            throw ZerobusError(.invalidArgument, "the record is not a well-formed protobuf message")
        }
    }

    private func scalarField(
        _ field: RowPlan.ProtoField, _ scalar: RecordDescriptor.Scalar, _ tag: WireTag, _ reader: inout WireReader,
        _ sink: inout some RowSink
    ) throws(ValueProblem) {
        guard tag.type == ScalarReading.wireType(scalar) else { throw .wrongType }
        let value: ScalarValue
        do throws(WireError) { value = try ScalarReading.read(scalar, &reader) } catch { throw .malformed }
        switch value {
        case .integer(let number):
            try ScalarReading.check(number, scalar, field.type)
            sink.integer(field.column, number)
        case .real(let number): sink.real(field.column, number)
        case .bool(let flag): sink.integer(field.column, flag ? 1 : 0)
        case .text(let bytes):
            try ScalarReading.checkText(bytes)
            sink.text(field.column, bytes)
        case .bytes(let bytes): sink.blob(field.column, bytes)
        }
    }

    private func part(
        _ field: RowPlan.ProtoField, _ tag: WireTag, _ reader: inout WireReader
    ) throws(ValueProblem) -> WirePart {
        do throws(WireError) { return try WirePart(tag.type, &reader) } catch { throw .malformed }
    }

    private mutating func complexColumns(_ sink: inout some RowSink) throws(ZerobusError) {
        for index in plan.fields.indices {
            let field = plan.fields[index]
            // A repeated field or map that is not on the wire is empty, never NULL.
            let isEmptyCollection: Bool
            switch field.kind {
            case .one(.scalar): continue
            case .one(.message): isEmptyCollection = false
            case .repeated, .map: isEmptyCollection = true
            }
            guard isEmptyCollection || !parts[index].isEmpty else { continue }
            json.clear()
            do throws(ValueProblem) {
                try WireToJSON.write(parts[index], field.kind, field.type, &json)
            } catch {
                throw ZerobusError(.invalidArgument, "field '\(field.name)' \(error.reason)")
            }
            json.withBytes { sink.transientText(field.column, $0) }
            isSet[field.column] = true
        }
    }
}
