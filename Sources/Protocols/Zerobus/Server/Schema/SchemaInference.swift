import ZerobusCore

/// Tables that nobody declared: made from the first descriptor or the first JSON records.
enum SchemaInference {
    /// Integers of 64 bits in these columns are times in microseconds.
    private static func isTimeName(_ name: String) -> Bool {
        let lower = name.lowercased()
        return lower.hasSuffix("_time") || lower == "timestamp"
    }

    /// A table with one column per field, in the descriptor's order.
    static func schema(_ name: TableName, from descriptor: RecordDescriptor) throws(ZerobusError) -> TableSchema {
        var columns: [TableSchema.Column] = []
        for field in descriptor.fields {
            var type = try type(of: field.kind, field: field.name)
            if type == .bigint, isTimeName(field.name) { type = .timestamp }
            columns.append(.init(name: field.name, type: type, isNullable: !field.isRequired))
        }
        return try TableSchema(name: name, columns: columns)
    }

    private static func type(of kind: RecordDescriptor.Kind, field: String) throws(ZerobusError) -> ColumnType {
        switch kind {
        case .one(let element): return try type(of: element, field: field)
        case .repeated(let element): return .array(try type(of: element, field: field))
        case .map(let key, let value):
            return .map(type(of: key), try type(of: value, field: field))
        }
    }

    private static func type(of element: RecordDescriptor.Element, field: String) throws(ZerobusError) -> ColumnType {
        switch element {
        case .scalar(let scalar): return type(of: scalar)
        case .message(let fields):
            guard !fields.isEmpty else { throw ZerobusError(.invalidArgument, "message of field '\(field)' is empty") }
            var parts: [ColumnType.StructField] = []
            for field in fields {
                parts.append(.init(name: field.name, type: try type(of: field.kind, field: field.name)))
            }
            return .structure(parts)
        }
    }

    private static func type(of scalar: RecordDescriptor.Scalar) -> ColumnType {
        switch scalar {
        case .int32, .sint32, .sfixed32, .enumeration: .int
        case .int64, .sint64, .sfixed64, .uint32, .fixed32, .uint64, .fixed64: .bigint
        case .float: .float
        case .double: .double
        case .bool: .boolean
        case .string: .string
        case .bytes: .binary
        }
    }

    /// A table for JSON records: the union of their keys in the order in which they appear. Whole numbers become
    /// BIGINT (TIMESTAMP by name), other numbers DOUBLE, objects of texts MAP, everything else nested VARIANT; a key
    /// that is always null becomes STRING.
    static func schema(_ name: TableName, fromJSON records: [UnsafeRawBufferPointer]) throws(ZerobusError)
        -> TableSchema
    {
        var order: [String] = []
        var types: [String: ColumnType?] = [:]
        for record in records {
            do throws(JSONReader.Malformed) {
                var reader = JSONReader(record)
                try reader.object { key, reader throws(JSONReader.Malformed) in
                    if types[key] == nil {
                        guard order.count < ZerobusLimits.maxColumns else {
                            throw JSONReader.Malformed(reason: "too many keys")
                        }
                        order.append(key)
                        types[key] = .some(nil)
                    }
                    let seen = try type(of: &reader, key: key)
                    if let seen { types[key] = .some(merge(types[key] ?? nil, seen)) }
                }
                try reader.end()
            } catch {
                throw ZerobusError(.invalidArgument, "a record is not a JSON object: \(error.reason)")
            }
        }
        return try TableSchema(
            name: name, columns: order.map { .init(name: $0, type: (types[$0] ?? nil) ?? .string) })
    }

    private static func merge(_ old: ColumnType?, _ new: ColumnType) -> ColumnType {
        guard let old, old != new else { return new }
        let numbers: [ColumnType] = [.bigint, .double, .timestamp]
        return numbers.contains(old) && numbers.contains(new) ? .double : .variant
    }

    private static func type(of reader: inout JSONReader, key: String) throws(JSONReader.Malformed) -> ColumnType? {
        switch try reader.kind() {
        case .null:
            try reader.skipValue()
            return nil
        case .bool:
            try reader.skipValue()
            return .boolean
        case .string:
            try reader.skipValue()
            return .string
        case .number:
            let text = try reader.number()
            guard Int64(text) != nil else { return .double }
            return isTimeName(key) ? .timestamp : .bigint
        case .array:
            try reader.skipValue()
            return .variant
        case .object:
            var onlyTexts = true
            try reader.object { _, reader throws(JSONReader.Malformed) in
                let kind = try reader.kind()
                if kind != .string, kind != .null { onlyTexts = false }
                try reader.skipValue()
            }
            return onlyTexts ? .map(.string, .string) : .variant
        }
    }
}
