package import ZerobusCore

/// A table: its name and columns.
package struct TableSchema: Equatable, Sendable {
    package struct Column: Equatable, Sendable {
        package let name: String
        package let type: ColumnType
        package let isNullable: Bool

        package init(name: String, type: ColumnType, isNullable: Bool = true) {
            self.name = name
            self.type = type
            self.isNullable = isNullable
        }
    }

    package let name: TableName
    package let columns: [Column]

    /// Throws when there is no column, too many, or two of the same name (in any case).
    package init(name: TableName, columns: [Column]) throws(ZerobusError) {
        guard !columns.isEmpty, columns.count <= ZerobusLimits.maxColumns else {
            throw ZerobusError(.invalidArgument, "\(name) has \(columns.count) columns")
        }
        var names: Set<String> = []
        for column in columns where !names.insert(column.name.lowercased()).inserted {
            throw ZerobusError(.invalidArgument, "\(name) has two columns named \(column.name)")
        }
        self.name = name
        self.columns = columns
    }

    /// The statement that creates the table; ``DDLParser`` reads it back.
    package var createStatement: String {
        let lines = columns.map { column in
            "  \(SQLName.backticked(column.name)) \(column.type.sql)\(column.isNullable ? "" : " NOT NULL")"
        }
        let parts = [name.catalog, name.schema, name.table].map(SQLName.backticked)
        return "CREATE TABLE \(parts.joined(separator: ".")) (\n\(lines.joined(separator: ",\n"))\n)"
    }

    /// The statement that creates the SQLite table of the same full name.
    var sqliteCreateStatement: String {
        let parts = columns.map { "\(SQLName.quoted($0.name)) \($0.type.sqlite)\($0.isNullable ? "" : " NOT NULL")" }
        return "CREATE TABLE \(SQLName.quoted(name.description)) (\(parts.joined(separator: ", ")))"
    }

    /// A column by name in any case, as the lakehouse looks names up.
    func column(named name: String) -> (index: Int, column: Column)? {
        let index =
            columns.firstIndex { $0.name == name } ?? columns.firstIndex { $0.name.lowercased() == name.lowercased() }
        return index.map { ($0, columns[$0]) }
    }
}
