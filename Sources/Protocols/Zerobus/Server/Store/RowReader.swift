import GRDB
import GRDBSQLite
import ProtobufWire
import ZerobusCore

/// Reads rows as JSON text with the types of their columns.
enum RowReader {
    /// The most rows of one answer.
    static let maxRows = 1_000_000

    /// Which rows, and in which order.
    struct Request: Sendable {
        var limit: Int
        /// A column's name, with `-` in front for descending; nil for the order of insertion.
        var order: String?
    }

    /// `{"rows":[{column:value}]}`.
    static func rows(_ schema: TableSchema, _ request: Request, _ store: TableStore) async throws(StoreError) -> [UInt8]
    {
        let sql = try statement(schema, request)
        do {
            return try await store.pool.read { database in try read(sql, schema, database) }
        } catch {
            throw StoreError(.unavailable, TableStore.text(error))
        }
    }

    private static func statement(_ schema: TableSchema, _ request: Request) throws(StoreError) -> String {
        var order = "rowid"
        if let wanted = request.order, !wanted.isEmpty {
            let isDescending = wanted.hasPrefix("-")
            let name = isDescending ? String(wanted.dropFirst()) : wanted
            guard let (_, column) = schema.column(named: name) else {
                throw StoreError(.invalid, "\(schema.name) has no column '\(name)'")
            }
            order = "\(SQLName.quoted(column.name))\(isDescending ? " DESC" : ""), rowid\(isDescending ? " DESC" : "")"
        }
        let columns = schema.columns.map { SQLName.quoted($0.name) }.joined(separator: ",")
        let limit = min(max(request.limit, 0), maxRows)
        return "SELECT \(columns) FROM \(SQLName.quoted(schema.name.description)) ORDER BY \(order) LIMIT \(limit)"
    }

    private static func read(_ sql: String, _ schema: TableSchema, _ database: Database) throws -> [UInt8] {
        let statement = try database.makeStatement(sql: sql)
        let handle = statement.sqliteStatement
        var out = WireWriter(capacity: 4096)
        out.raw("{\"rows\":[")
        var isFirst = true
        while true {
            let code = sqlite3_step(handle)
            guard code == SQLITE_ROW else {
                guard code == SQLITE_DONE else {
                    throw StoreError(.unavailable, String(cString: sqlite3_errmsg(database.sqliteConnection)))
                }
                break
            }
            out.raw(isFirst ? "{" : ",{")
            isFirst = false
            for (index, column) in schema.columns.enumerated() {
                if index > 0 { out.raw(",") }
                JSONText.write(column.name, &out)
                out.raw(":")
                value(handle, CInt(index), column.type, &out)
            }
            out.raw("}")
        }
        out.raw("]}")
        return out.takeBytes()
    }

    private static func value(_ handle: OpaquePointer, _ index: CInt, _ type: ColumnType, _ out: inout WireWriter) {
        if sqlite3_column_type(handle, index) == SQLITE_NULL { return out.raw("null") }
        switch type {
        case .boolean: out.raw(sqlite3_column_int64(handle, index) != 0 ? "true" : "false")
        case .tinyint, .smallint, .int, .bigint, .date, .timestamp, .timestampNTZ:
            out.raw(String(sqlite3_column_int64(handle, index)))
        case .float, .double: JSONText.write(sqlite3_column_double(handle, index), &out)
        case .binary: JSONText.writeBase64(bytes(handle, index), &out)
        case .string, .varchar, .decimal, .variant: JSONText.write(utf8: bytes(handle, index), &out)
        // Kept as JSON text already.
        case .array, .map, .structure: out.raw(bytes(handle, index))
        }
    }

    private static func bytes(_ handle: OpaquePointer, _ index: CInt) -> UnsafeRawBufferPointer {
        let start = sqlite3_column_blob(handle, index)
        return UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, index)))
    }
}
