extension RecordLayout {
    /// The CREATE TABLE text of a Delta table with this layout.
    /// - Parameter table: the three-part name, `catalog.schema.table`.
    package func createTable(named table: String) -> String {
        let lines = columns.map { column in
            "  \(column.name) \(column.type.deltaName) COMMENT '\(column.comment)'"
        }
        return "CREATE TABLE IF NOT EXISTS \(table) (\n" + lines.joined(separator: ",\n") + "\n) USING DELTA;\n"
    }
}

extension RecordLayout {
    /// The CREATE VIEW text of a view that shows each record once, however often it was sent.
    ///
    /// What was sent and not acknowledged is sent again, with the same `record_id`; the first copy counts.
    /// - Parameter table: the three-part name of the table.
    package func createViewWithoutDuplicates(of table: String) -> String {
        let identity =
            switch recordIDPlace {
            case .column: "record_id"
            case .metadata: "metadata['record_id']"
            }
        let first = columns.contains { $0.content == .ingestTime } ? "ingest_time" : "timestamp"
        return """
            CREATE OR REPLACE VIEW \(table)_once AS
            SELECT * FROM \(table)
            QUALIFY row_number() OVER (PARTITION BY \(identity) ORDER BY \(first)) = 1;

            """
    }

    /// The layout as a message of a `.proto` file.
    package func protoText() -> String {
        let lines = columns.map { column in
            column.type == .map
                ? "  map<string, string> \(column.name) = \(column.number);"
                : "  optional \(column.type.protoName) \(column.name) = \(column.number);"
        }
        return "syntax = \"proto2\";\n\nmessage \(messageName) {\n" + lines.joined(separator: "\n") + "\n}\n"
    }
}

extension RecordLayout.ColumnType {
    package var protoName: String {
        switch self {
        case .timestamp, .bigint: "int64"
        case .string: "string"
        case .double: "double"
        case .int: "int32"
        case .boolean: "bool"
        case .binary: "bytes"
        case .map: "map<string, string>"
        }
    }

    package var deltaName: String {
        switch self {
        case .timestamp: "TIMESTAMP"
        case .string: "STRING"
        case .double: "DOUBLE"
        case .int: "INT"
        case .bigint: "BIGINT"
        case .boolean: "BOOLEAN"
        case .binary: "BINARY"
        case .map: "MAP<STRING, STRING>"
        }
    }
}
