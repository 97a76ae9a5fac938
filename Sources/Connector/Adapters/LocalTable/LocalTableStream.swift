import ConnectorModel
import Foundation
import GRDB
import JSONSupport
import ProtobufWire
import Synchronization

/// An open SQLite file as a stream: a batch is durable when `send` returns.
final class LocalTableStream: TargetStream {
    private let configuration: LocalTableConfiguration
    private let database: DatabaseQueue
    private let decoder: RecordDecoder
    private let insert: String
    private let lastOffset = Mutex<Int64>(-1)
    /// Watermarks are cumulative, so only the newest matters.
    private let acknowledgements: AsyncStream<Int64>
    private let acknowledged: AsyncStream<Int64>.Continuation

    init(_ configuration: LocalTableConfiguration) throws {
        self.configuration = configuration
        decoder = RecordDecoder(layout: configuration.layout)
        let columns = configuration.layout.columns
        let marks = columns.map { _ in "?" }.joined(separator: ", ")
        let names = columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
        insert = "INSERT INTO \"\(configuration.table)\" (\(names)) VALUES (\(marks))"
        (acknowledgements, acknowledged) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))

        var options = Configuration()
        options.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
        }
        options.busyMode = .timeout(5)
        database = try DatabaseQueue(path: configuration.path, configuration: options)
        let definitions = columns.map { "\"\($0.name)\" \($0.type.sqliteName)" }.joined(separator: ", ")
        try database.write { database in
            try database.execute(
                sql: "CREATE TABLE IF NOT EXISTS \"\(configuration.table)\" (\(definitions))")
        }
    }

    func send(_ batch: RecordBatch) async throws {
        do {
            try await database.write { [decoder, insert] database in
                let statement = try database.cachedStatement(sql: insert)
                try batch.forEachRecord { record in
                    let values = try decoder.columns(of: record).map { $0?.databaseValue ?? .null }
                    try statement.execute(arguments: StatementArguments(values))
                }
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            throw LocalTable.failure(error, configuration)
        }
        let offset = lastOffset.withLock { offset in
            offset += 1
            return offset
        }
        acknowledged.yield(offset)
    }

    func nextAcknowledgement() async throws -> Int64? {
        for await offset in acknowledgements { return offset }
        return nil
    }

    func close() {
        acknowledged.finish()
    }
}

extension RecordLayout.ColumnType {
    fileprivate var sqliteName: String {
        switch self {
        case .timestamp, .int, .bigint, .boolean: "INTEGER"
        case .double: "REAL"
        case .string, .map: "TEXT"
        case .binary: "BLOB"
        }
    }
}

extension RecordDecoder.ColumnValue {
    /// Times stay UTC microseconds; a map becomes a JSON object with its keys in order.
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .integer(let value): value.databaseValue
        case .double(let value): value.databaseValue
        case .text(let text): text.databaseValue
        case .boolean(let value): value.databaseValue
        case .bytes(let bytes): Data(bytes).databaseValue
        case .map(let map):
            ("{"
                + map.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
                .joined(separator: ",") + "}").databaseValue
        }
    }
}
