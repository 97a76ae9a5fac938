import ProtobufWire

/// A table of values (Sparkplug 3.0, 6.4.18 to 6.4.20).
public struct DataSet: Hashable, Sendable {
    public var columns: [String]
    /// One for each column.
    public var types: [DataType]
    /// Each with one value for each column.
    public var rows: [[MetricValue]]

    public init(columns: [String], types: [DataType], rows: [[MetricValue]]) {
        self.columns = columns
        self.types = types
        self.rows = rows
    }

    init(_ bytes: UnsafeRawBufferPointer, _ budget: inout DecodingBudget) throws(PayloadError) {
        var fields = FieldReader(bytes)
        var columns: [String] = []
        var codes: [UInt32] = []
        var encodedRows: [UnsafeRawBufferPointer] = []
        while let field = try fields.next() {
            switch field {
            // The number of columns says nothing that the columns do not.
            case 1: _ = try fields.varint()
            case 2:
                try budget.take()
                columns.append(try fields.string())
            case 3: try fields.numbers(into: &codes)
            case 4:
                try budget.take()
                encodedRows.append(try fields.bytes())
            default: try fields.skip()
            }
        }
        guard codes.count == columns.count else { throw .inconsistent }
        var types: [DataType] = []
        for code in codes {
            guard let type = DataType(rawValue: code) else { throw .inconsistent }
            types.append(type)
        }
        self.init(columns: columns, types: types, rows: [])
        for row in encodedRows { rows.append(try Self.row(row, types, &budget)) }
    }

    private static func row(
        _ bytes: UnsafeRawBufferPointer, _ types: [DataType], _ budget: inout DecodingBudget
    ) throws(PayloadError) -> [MetricValue] {
        var fields = FieldReader(bytes)
        var values: [MetricValue] = []
        while let field = try fields.next() {
            guard field == 1 else {
                try fields.skip()
                continue
            }
            try budget.take()
            guard values.count < types.count else { throw .inconsistent }
            let raw = try Self.cell(try fields.bytes())
            // A cell of another kind than its column is no reason to lose the table.
            let type = types[values.count]
            values.append(
                try MetricValue.decodeAny(raw, type, isNull: false, &budget))
        }
        guard values.count == types.count else { throw .inconsistent }
        return values
    }

    /// `DataSetValue` of the schema.
    private static func cell(_ bytes: UnsafeRawBufferPointer) throws(PayloadError) -> RawValue {
        var fields = FieldReader(bytes)
        var value = RawValue.none
        while let field = try fields.next() {
            switch field {
            case 1: value = .int(try fields.uint32())
            case 2: value = .long(try fields.varint())
            case 3: value = .float(try fields.float())
            case 4: value = .double(try fields.double())
            case 5: value = .boolean(try fields.bool())
            case 6: value = .string(try fields.bytes())
            case 7: value = .vendor(try fields.bytes())
            default: try fields.skip()
            }
        }
        return value
    }

    func write(to writer: inout WireWriter) {
        writer.field(1, unsigned: UInt64(columns.count))
        for column in columns { writer.field(2, string: column) }
        for type in types { writer.field(3, unsigned: UInt64(type.rawValue)) }
        for row in rows {
            let open = writer.beginNested(4)
            for (value, type) in zip(row, types) {
                let cell = writer.beginNested(1)
                writer.value(value, type, .cell)
                writer.endNested(cell)
            }
            writer.endNested(open)
        }
    }
}
