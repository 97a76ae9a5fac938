import GRDB
import GRDBSQLite
import ProtobufWire
import ZerobusCore

/// Inserts the records of one message through one prepared statement.
struct RowInserter {
    /// A message whose records have been checked already.
    struct Batch: Sendable {
        let plan: RowPlan
        let message: [UInt8]
    }

    /// Adds the rows of a message to the running transaction.
    static func insert(_ batch: Batch, _ database: Database) throws {
        let statement = try database.cachedStatement(sql: batch.plan.insertStatement)
        let handle = statement.sqliteStatement
        defer {
            sqlite3_reset(handle)
            // What was bound in place is gone after this call.
            sqlite3_clear_bindings(handle)
        }
        try batch.message.withUnsafeBytes { bytes in
            try RecordWalker.walk(bytes, batch.plan) { decode throws(ZerobusError) in
                var sink = BindingSink(statement: handle)
                try decode(&sink)
                guard sqlite3_step(handle) == SQLITE_DONE else {
                    let message = String(cString: sqlite3_errmsg(database.sqliteConnection))
                    sqlite3_reset(handle)
                    throw ZerobusError(.unavailable, "the row could not be stored: \(message)")
                }
                sqlite3_reset(handle)
            }
        }
    }
}

/// Binds values to the parameters of an insert statement.
struct BindingSink: RowSink {
    let statement: OpaquePointer

    /// SQLite copies the bytes before it returns.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    /// SQLite takes a null pointer for NULL, so empty text needs an address.
    private static let empty: StaticString = ""

    func null(_ column: Int) { sqlite3_bind_null(statement, CInt(column) + 1) }

    func integer(_ column: Int, _ value: Int64) { sqlite3_bind_int64(statement, CInt(column) + 1, value) }

    /// SQLite has no NaN: it becomes NULL.
    func real(_ column: Int, _ value: Double) { sqlite3_bind_double(statement, CInt(column) + 1, value) }

    func text(_ column: Int, _ bytes: UnsafeRawBufferPointer) { bindText(column, bytes, nil) }

    func transientText(_ column: Int, _ bytes: UnsafeRawBufferPointer) { bindText(column, bytes, Self.transient) }

    func blob(_ column: Int, _ bytes: UnsafeRawBufferPointer) { bindBlob(column, bytes, nil) }

    func transientBlob(_ column: Int, _ bytes: UnsafeRawBufferPointer) { bindBlob(column, bytes, Self.transient) }

    private func bindText(_ column: Int, _ bytes: UnsafeRawBufferPointer, _ destructor: sqlite3_destructor_type?) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            _ = Self.empty.utf8Start.withMemoryRebound(to: CChar.self, capacity: 1) {
                sqlite3_bind_text(statement, CInt(column) + 1, $0, 0, nil)
            }
            return
        }
        sqlite3_bind_text(
            statement, CInt(column) + 1, base.assumingMemoryBound(to: CChar.self), CInt(bytes.count), destructor)
    }

    private func bindBlob(_ column: Int, _ bytes: UnsafeRawBufferPointer, _ destructor: sqlite3_destructor_type?) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else {
            sqlite3_bind_zeroblob(statement, CInt(column) + 1, 0)
            return
        }
        sqlite3_bind_blob(statement, CInt(column) + 1, base, CInt(bytes.count), destructor)
    }
}
