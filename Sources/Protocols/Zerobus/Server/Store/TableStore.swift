import Foundation
import GRDB
import NIOConcurrencyHelpers
package import ZerobusCore

/// The tables: one SQLite file, one SQLite table per three-part name, in write-ahead mode so that readers and other
/// processes see committed rows while it is written.
package final class TableStore: Sendable {
    let pool: DatabasePool
    private let schemas = NIOLockedValueBox<[TableName: TableSchema]>([:])

    /// Opens or creates the file. Every commit is on disk when it returns (`synchronous=FULL`).
    package init(_ directory: DataDirectory) throws(StoreError) {
        var configuration = Configuration()
        configuration.busyMode = .timeout(10)
        configuration.maximumReaderCount = 4
        configuration.label = "zerobus-local"
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
        }
        do {
            pool = try DatabasePool(path: directory.databasePath, configuration: configuration)
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try database.execute(
                    sql: """
                        CREATE TABLE IF NOT EXISTS _zerobus_tables (
                            name TEXT PRIMARY KEY NOT NULL, definition TEXT NOT NULL) WITHOUT ROWID
                        """)
            }
        } catch {
            throw StoreError(.unavailable, "cannot open '\(directory.databasePath)': \(Self.text(error))")
        }
    }

    /// Ends all connections; call when nothing uses the store any more.
    package func close() throws {
        try pool.close()
    }

    // MARK: Tables

    /// The table's schema; nil when there is no such table.
    package func schema(_ name: TableName) async throws(StoreError) -> TableSchema? {
        if let known = schemas.withLockedValue({ $0[name] }) { return known }
        // Another process may have created it.
        let definition: String?
        do {
            definition = try await pool.read { database in
                try String.fetchOne(
                    database, sql: "SELECT definition FROM _zerobus_tables WHERE name = ?",
                    arguments: [name.description])
            }
        } catch {
            throw StoreError(.unavailable, Self.text(error))
        }
        guard let definition else { return nil }
        let schema = try Self.parse(definition)
        schemas.withLockedValue { $0[name] = schema }
        return schema
    }

    /// Creates a table; false when it exists and `ifNotExists` is set.
    package func create(_ schema: TableSchema, ifNotExists: Bool) async throws(StoreError) -> Bool {
        do {
            let created = try await pool.write { database in
                let exists = try Bool.fetchOne(
                    database, sql: "SELECT EXISTS (SELECT 1 FROM _zerobus_tables WHERE name = ?)",
                    arguments: [schema.name.description])
                if exists == true { return false }
                try database.execute(sql: schema.sqliteCreateStatement)
                try database.execute(
                    sql: "INSERT INTO _zerobus_tables VALUES (?, ?)",
                    arguments: [schema.name.description, schema.createStatement])
                return true
            }
            guard created || ifNotExists else { throw StoreError(.exists, "the table \(schema.name) exists already") }
            return created
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(.unavailable, "cannot create \(schema.name): \(Self.text(error))")
        }
    }

    /// All tables in the order of their names, each with its number of rows.
    package func tables() async throws(StoreError) -> [(schema: TableSchema, count: Int)] {
        let found: [(String, Int)]
        do {
            found = try await pool.read { database in
                try Row.fetchAll(database, sql: "SELECT name, definition FROM _zerobus_tables ORDER BY name").map {
                    row in
                    let name: String = row["name"]
                    let count = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(SQLName.quoted(name))")
                    return (row["definition"], count ?? 0)
                }
            }
        } catch {
            throw StoreError(.unavailable, Self.text(error))
        }
        var tables: [(TableSchema, Int)] = []
        for (definition, count) in found { tables.append((try Self.parse(definition), count)) }
        return tables
    }

    /// The number of rows of a table.
    package func count(_ name: TableName) async throws(StoreError) -> Int {
        do {
            return try await pool.read { database in
                try Int.fetchOne(database, sql: "SELECT count(*) FROM \(SQLName.quoted(name.description))") ?? 0
            }
        } catch {
            throw StoreError(.unavailable, Self.text(error))
        }
    }

    static func parse(_ definition: String) throws(StoreError) -> TableSchema {
        do throws(DDLParser.Failure) {
            guard let creation = try DDLParser.parse(definition).creations.first else {
                throw DDLParser.Failure(description: "no table")
            }
            return creation.schema
        } catch {
            throw StoreError(.unavailable, "a stored table definition cannot be read: \(error.description)")
        }
    }

    /// SQLite's message without the statement and its values.
    static func text(_ error: any Error) -> String {
        (error as? DatabaseError)?.message ?? "\(error)"
    }
}
