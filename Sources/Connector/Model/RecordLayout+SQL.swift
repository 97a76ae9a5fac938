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

extension RecordLayout.ColumnType {
    package var deltaName: String {
        switch self {
        case .timestamp: "TIMESTAMP"
        case .string: "STRING"
        case .double: "DOUBLE"
        case .int: "INT"
        case .map: "MAP<STRING, STRING>"
        }
    }
}
