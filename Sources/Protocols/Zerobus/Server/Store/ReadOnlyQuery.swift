import GRDB
import GRDBSQLite

/// Runs one query of a user, without any way to change data; also while another process serves the folder.
package struct ReadOnlyQuery {
    /// One value of an answer.
    package enum Value: Equatable, Sendable {
        case null
        case integer(Int64)
        case real(Double)
        case text(String)
        case blob([UInt8])
    }

    private let queue: DatabaseQueue

    package init(_ directory: DataDirectory) throws(StoreError) {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA query_only = ON")
            // ATTACH could create files.
            sqlite3_limit(database.sqliteConnection, SQLITE_LIMIT_ATTACHED, 0)
        }
        do {
            queue = try DatabaseQueue(path: directory.databasePath, configuration: configuration)
        } catch {
            throw StoreError(.unavailable, "cannot open '\(directory.databasePath)': \(TableStore.text(error))")
        }
    }

    /// Calls `columns` once and `row` for each row.
    package func run(
        _ sql: String, columns: ([String]) throws -> Void, row: ([Value]) throws -> Void
    ) throws {
        try queue.inDatabase { database in
            let tables = try String.fetchAll(database, sql: "SELECT name FROM _zerobus_tables")
            let statement: Statement
            do {
                statement = try database.makeStatement(sql: ThreePartNames.rewrite(sql, tables: tables))
            } catch {
                throw StoreError(.invalid, Self.explain(error, sql, tables))
            }
            guard sqlite3_stmt_readonly(statement.sqliteStatement) != 0 else {
                throw StoreError(.invalid, "only queries are allowed, this would change data")
            }
            try columns(statement.columnNames)
            try step(statement.sqliteStatement, database, row)
        }
    }

    private static func explain(_ error: any Error, _ sql: String, _ tables: [String]) -> String {
        guard let missing = ThreePartNames.unknown(in: sql, tables: tables) else { return TableStore.text(error) }
        let known = tables.isEmpty ? "there are no tables yet" : "there are \(tables.sorted().joined(separator: ", "))"
        return "there is no table \(missing); \(known)"
    }

    private func step(_ handle: OpaquePointer, _ database: Database, _ row: ([Value]) throws -> Void) throws {
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: try row((0..<sqlite3_column_count(handle)).map { Self.value(handle, $0) })
            case SQLITE_DONE: return
            default: throw StoreError(.invalid, String(cString: sqlite3_errmsg(database.sqliteConnection)))
            }
        }
    }

    private static func value(_ handle: OpaquePointer, _ index: CInt) -> Value {
        switch sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, index))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, index))
        case SQLITE_TEXT:
            return .text(sqlite3_column_text(handle, index).map { String(cString: $0) } ?? "")
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(handle, index)
            let count = start == nil ? 0 : Int(sqlite3_column_bytes(handle, index))
            return .blob(Array(UnsafeRawBufferPointer(start: start, count: count)))
        default: return .null
        }
    }
}
