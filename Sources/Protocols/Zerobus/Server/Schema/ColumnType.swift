/// A column's type, as Delta names it.
package indirect enum ColumnType: Equatable, Sendable {
    case tinyint, smallint, int, bigint
    case float, double
    case boolean
    case string
    /// VARCHAR(n) and CHAR(n); the length is not enforced.
    case varchar(Int)
    case binary
    /// Days since 1970-01-01.
    case date
    /// Microseconds since the epoch, UTC.
    case timestamp
    case timestampNTZ
    /// Precision and scale; the value is decimal text.
    case decimal(Int, Int)
    /// JSON text.
    case variant
    case array(ColumnType)
    case map(ColumnType, ColumnType)
    case structure([StructField])

    package struct StructField: Equatable, Sendable {
        package let name: String
        package let type: ColumnType
    }

    /// The type as SQL writes it, `MAP<STRING,STRING>`.
    package var sql: String {
        switch self {
        case .tinyint: "TINYINT"
        case .smallint: "SMALLINT"
        case .int: "INT"
        case .bigint: "BIGINT"
        case .float: "FLOAT"
        case .double: "DOUBLE"
        case .boolean: "BOOLEAN"
        case .string: "STRING"
        case .varchar(let length): "VARCHAR(\(length))"
        case .binary: "BINARY"
        case .date: "DATE"
        case .timestamp: "TIMESTAMP"
        case .timestampNTZ: "TIMESTAMP_NTZ"
        case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
        case .variant: "VARIANT"
        case .array(let element): "ARRAY<\(element.sql)>"
        case .map(let key, let value): "MAP<\(key.sql),\(value.sql)>"
        case .structure(let fields):
            "STRUCT<\(fields.map { "\(SQLName.backticked($0.name)):\($0.type.sql)" }.joined(separator: ","))>"
        }
    }

    /// The storage class in SQLite; chosen so that no value is converted.
    var sqlite: String {
        switch self {
        case .tinyint, .smallint, .int, .bigint, .boolean, .date, .timestamp, .timestampNTZ: "INTEGER"
        case .float, .double: "REAL"
        case .binary: "BLOB"
        case .string, .varchar, .decimal, .variant, .array, .map, .structure: "TEXT"
        }
    }

    /// Whether values are kept as JSON text.
    var isComplex: Bool {
        switch self {
        case .array, .map, .structure: true
        default: false
        }
    }
}

/// Quoting of names.
enum SQLName {
    /// For Delta SQL.
    static func backticked(_ name: String) -> String {
        "`" + name.split(separator: "`", omittingEmptySubsequences: false).joined(separator: "``") + "`"
    }

    /// For SQLite.
    static func quoted(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
