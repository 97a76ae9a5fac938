import ZerobusCore

/// How the records of one stream become rows of its table; compiled once per stream.
struct RowPlan: Sendable {
    /// A protobuf field and the column that it fills.
    struct ProtoField: Sendable {
        let number: Int
        let name: String
        let kind: RecordDescriptor.Kind
        /// Index in ``columns``.
        let column: Int
        let type: ColumnType
    }

    /// Field numbers below this are looked up in an array.
    private static let denseNumbers = 4096

    let schema: TableSchema
    let recordType: RecordType
    /// Inserts one row with a parameter per column.
    let insertStatement: String
    let fields: [ProtoField]
    private let dense: [Int16]
    private let sparse: [Int: Int]

    /// The columns that a record may not leave out.
    let required: [Int]

    /// For protobuf records. Throws when the descriptor does not fit the table: a field without a column, a type
    /// that does not fit, a NOT NULL column without a field.
    init(schema: TableSchema, descriptor: RecordDescriptor) throws(ZerobusError) {
        self.schema = schema
        recordType = .proto
        insertStatement = Self.insertStatement(schema)
        var fields: [ProtoField] = []
        var taken: Set<Int> = []
        for field in descriptor.fields {
            guard let (index, column) = schema.column(named: field.name) else {
                throw Self.mismatch("FIELD_NOT_IN_TABLE", "field '\(field.name)' is no column of \(schema.name)")
            }
            guard taken.insert(index).inserted else {
                throw Self.mismatch("FIELD_NOT_IN_TABLE", "two fields mean the column '\(column.name)'")
            }
            guard TypeFit.fits(field.kind, column.type) else {
                throw Self.mismatch(
                    "TYPE_INCOMPATIBLE", "field '\(field.name)' does not fit column '\(column.name)' \(column.type.sql)"
                )
            }
            fields.append(
                ProtoField(number: field.number, name: field.name, kind: field.kind, column: index, type: column.type))
        }
        for (index, column) in schema.columns.enumerated() where !column.isNullable && !taken.contains(index) {
            throw Self.mismatch("MISSING_REQUIRED_COLUMN", "the descriptor lacks the NOT NULL column '\(column.name)'")
        }
        self.fields = fields
        var dense = [Int16](repeating: -1, count: min((fields.map(\.number).max() ?? 0) + 1, Self.denseNumbers))
        var sparse: [Int: Int] = [:]
        for (index, field) in fields.enumerated() {
            if field.number < dense.count { dense[field.number] = Int16(index) } else { sparse[field.number] = index }
        }
        self.dense = dense
        self.sparse = sparse
        required = Self.required(schema)
    }

    /// For JSON records, whose keys are column names.
    init(jsonInto schema: TableSchema) {
        self.schema = schema
        recordType = .json
        insertStatement = Self.insertStatement(schema)
        fields = []
        dense = []
        sparse = [:]
        required = Self.required(schema)
    }

    /// Index in ``fields`` of a field number.
    @inline(__always)
    func fieldIndex(_ number: UInt32) -> Int? {
        if number < UInt32(dense.count) {
            let index = dense[Int(number)]
            return index < 0 ? nil : Int(index)
        }
        return sparse[Int(number)]
    }

    private static func insertStatement(_ schema: TableSchema) -> String {
        let columns = schema.columns.map { SQLName.quoted($0.name) }.joined(separator: ",")
        let places = Array(repeating: "?", count: schema.columns.count).joined(separator: ",")
        return "INSERT INTO \(SQLName.quoted(schema.name.description)) (\(columns)) VALUES (\(places))"
    }

    private static func required(_ schema: TableSchema) -> [Int] {
        schema.columns.indices.filter { !schema.columns[$0].isNullable }
    }

    private static func mismatch(_ cause: String, _ message: String) -> ZerobusError {
        ZerobusError(.invalidArgument, "\(message) (\(cause)). Error Code: 8001, Error State: 0.")
    }
}

/// Which protobuf types fit which columns (the service's mapping of types).
enum TypeFit {
    static func fits(_ kind: RecordDescriptor.Kind, _ type: ColumnType) -> Bool {
        switch (kind, type) {
        case (.one(let element), _): fits(element, type)
        case (.repeated(let element), .array(let elementType)): fits(element, elementType)
        case (.map(let key, let value), .map(let keyType, let valueType)):
            fits(.scalar(key), keyType) && fits(value, valueType)
        default: false
        }
    }

    private static func fits(_ element: RecordDescriptor.Element, _ type: ColumnType) -> Bool {
        switch element {
        case .scalar(let scalar):
            return fits(scalar, type)
        case .message(let fields):
            guard case .structure(let parts) = type else { return false }
            return fields.allSatisfy { field in
                parts.contains { $0.name.lowercased() == field.name.lowercased() && fits(field.kind, $0.type) }
            }
        }
    }

    private static func fits(_ scalar: RecordDescriptor.Scalar, _ type: ColumnType) -> Bool {
        switch type {
        case .tinyint, .smallint, .int, .date: [.int32, .sint32, .sfixed32, .enumeration].contains(scalar)
        case .bigint, .timestamp, .timestampNTZ:
            [.int64, .sint64, .sfixed64, .uint32, .fixed32, .uint64, .fixed64].contains(scalar)
        case .float: scalar == .float
        case .double: scalar == .double
        case .boolean: scalar == .bool
        case .string, .varchar, .decimal, .variant: scalar == .string
        case .binary: scalar == .bytes
        case .array, .map, .structure: false
        }
    }
}
