import Foundation
import ProtobufWire
import ZerobusCore

/// Turns JSON records into rows: keys are column names, values as the service documents them (times and dates as
/// integers, BINARY as base64, DECIMAL and VARIANT as text).
struct JSONRowDecoder: ~Copyable {
    let plan: RowPlan
    private let columns: [String: Int]
    private var isSet: [Bool]
    private var json = WireWriter(capacity: 256)

    init(plan: RowPlan) {
        self.plan = plan
        columns = Dictionary(
            plan.schema.columns.enumerated().map { ($1.name.lowercased(), $0) }, uniquingKeysWith: { first, _ in first }
        )
        isSet = Array(repeating: false, count: plan.schema.columns.count)
    }

    /// Decodes one record. Throws INVALID_ARGUMENT without a place; the caller knows which record it was.
    mutating func decode(_ record: UnsafeRawBufferPointer, into sink: inout some RowSink) throws(ZerobusError) {
        for index in isSet.indices { isSet[index] = false }
        var problem: ZerobusError?
        do throws(JSONReader.Malformed) {
            var reader = JSONReader(record)
            try reader.object { key, reader throws(JSONReader.Malformed) in
                guard let index = columns[key] ?? columns[key.lowercased()] else {
                    problem = problem ?? ZerobusError(.invalidArgument, "'\(key.prefix(200))' is no column")
                    return try reader.skipValue()
                }
                let column = plan.schema.columns[index]
                do {
                    try value(index, column.type, &reader, &sink)
                } catch let error as JSONReader.Malformed {
                    throw error
                } catch let error as ValueProblem {
                    problem = problem ?? ZerobusError(.invalidArgument, "column '\(column.name)' \(error.reason)")
                } catch {
                    problem = problem ?? ZerobusError(.internalError, "\(error)")
                }
            }
            try reader.end()
        } catch {
            throw ZerobusError(.invalidArgument, "the record is not a JSON object: \(error.reason)")
        }
        if let problem { throw problem }
        for (column, wasSet) in isSet.enumerated() where !wasSet {
            guard plan.schema.columns[column].isNullable else {
                throw ZerobusError(
                    .invalidArgument, "column '\(plan.schema.columns[column].name)' is NOT NULL and missing")
            }
            sink.null(column)
        }
    }

    /// Reads exactly one value; after a ``ValueProblem`` the value has been read too.
    private mutating func value(
        _ index: Int, _ type: ColumnType, _ reader: inout JSONReader, _ sink: inout some RowSink
    ) throws {
        let kind = try reader.kind()
        // As absent: NULL where that is allowed.
        if kind == .null { return try reader.null() }
        switch type {
        case .tinyint, .smallint, .int, .bigint, .date, .timestamp, .timestampNTZ:
            sink.integer(index, try JSONScalar.integer(type, kind, &reader))
        case .float, .double:
            sink.real(index, try JSONScalar.real(kind, &reader))
        case .boolean:
            sink.integer(index, try JSONScalar.bool(kind, &reader) ? 1 : 0)
        case .string, .varchar, .decimal, .variant:
            var text = try JSONScalar.text(type, kind, &reader)
            text.withUTF8 { sink.transientText(index, UnsafeRawBufferPointer($0)) }
        case .binary:
            let data = try JSONScalar.binary(kind, &reader)
            data.withUnsafeBytes { sink.transientBlob(index, $0) }
        case .array, .map, .structure:
            json.clear()
            let raw = try reader.rawValue()
            var again = JSONReader(raw)
            try JSONNormalizer.write(type, &again, &json)
            json.withBytes { sink.transientText(index, $0) }
        }
        isSet[index] = true
    }
}
