import Foundation
import WebSupport
import ZerobusCore

/// The HTTP side: tables and their rows, table definitions as Unity Catalog gives them, tokens.
struct WebAPI: Sendable {
    let store: TableStore
    let tokens: TokenEndpoint
    /// A token endpoint that takes its time, for drills.
    let tokenDelay: Duration
    let log: StreamLog

    /// Rows of one answer when the request names no limit.
    private static let defaultRows = 1000

    var routes: WebRoutes {
        var routes = WebRoutes()
        routes.get("/health") { _ in .json(["status": "healthy"]) }
        routes.get("/tables") { _ in try await tables() }
        routes.post("/tables") { request in try await create(request.bodyText) }
        routes.get("/tables/{name}") { request in .json(UnityCatalogTable(try await schema(request))) }
        routes.get("/tables/{name}/count") { request in
            let schema = try await schema(request)
            return .json(["count": try await translated { try await store.count(schema.name) }])
        }
        routes.get("/tables/{name}/rows") { request in try await rows(request) }
        routes.get("/streams") { _ in
            let (streams, count) = log.snapshot
            return .json(StreamList(streams: streams, count: count))
        }
        routes.get("/api/2.1/unity-catalog/tables/{name}") { request in
            .json(UnityCatalogTable(try await schema(request)))
        }
        routes.post("/oidc/v1/token") { request in
            try await Task.sleep(for: tokenDelay)
            return tokens.answer(request, now: Int(Date().timeIntervalSince1970))
        }
        return routes
    }

    private struct StreamList: Encodable {
        var streams: [StreamLog.Entry]
        /// Of all streams since the start, forgotten ones included.
        var count: Int
    }

    private struct TableList: Encodable {
        struct Entry: Encodable {
            struct Column: Encodable {
                var name: String
                var type: String
                var nullable: Bool
            }

            var name: String
            var count: Int
            var columns: [Column]
        }

        var tables: [Entry]
        var count: Int
    }

    private func tables() async throws -> WebResponse {
        let tables = try await translated { try await store.tables() }
        let entries = tables.map { schema, count in
            TableList.Entry(
                name: schema.name.description, count: count,
                columns: schema.columns.map { .init(name: $0.name, type: $0.type.sql, nullable: $0.isNullable) })
        }
        return .json(TableList(tables: entries, count: entries.count))
    }

    private struct Creation: Encodable {
        var created: [String]
        var existing: [String]
        var skipped: [String]
    }

    /// Creates the tables of a text; all of it is understood before any table is made.
    private func create(_ text: String) async throws -> WebResponse {
        let script: DDLParser.Script
        do throws(DDLParser.Failure) {
            script = try DDLParser.parse(text)
        } catch {
            throw WebProblem.unprocessable(error.description)
        }
        guard !script.creations.isEmpty else { throw WebProblem.unprocessable("The text has no CREATE TABLE.") }
        var answer = Creation(created: [], existing: [], skipped: script.skipped)
        for creation in script.creations {
            let isNew = try await translated {
                try await store.create(creation.schema, ifNotExists: creation.ifNotExists)
            }
            if isNew {
                answer.created.append(creation.schema.name.description)
            } else {
                answer.existing.append(creation.schema.name.description)
            }
        }
        return .json(answer, status: 201)
    }

    private func rows(_ request: WebRequest) async throws -> WebResponse {
        var limit = Self.defaultRows
        if let text = request.queryValue("limit") {
            guard let number = Int(text), number >= 0 else {
                throw WebProblem.badRequest("limit must be a whole number.")
            }
            limit = number
        }
        let wanted = RowReader.Request(limit: limit, order: request.queryValue("order"))
        let schema = try await schema(request)
        let bytes = try await translated { try await RowReader.rows(schema, wanted, store) }
        return .bytes(bytes, contentType: "application/json")
    }

    private func schema(_ request: WebRequest) async throws -> TableSchema {
        let text = request.parameter("name")
        guard let name = TableName(text) else {
            throw WebProblem.badRequest("Table names are catalog.schema.table, not '\(text.prefix(300))'.")
        }
        guard let schema = try await translated({ try await store.schema(name) }) else {
            throw WebProblem.notFound("There is no table \(name).")
        }
        return schema
    }

    private func translated<Result>(_ work: () async throws -> Result) async throws -> Result {
        do {
            return try await work()
        } catch let error as StoreError {
            switch error.reason {
            case .notFound: throw WebProblem.notFound(error.description)
            case .exists: throw WebProblem.conflict(error.description)
            case .invalid: throw WebProblem.badRequest(error.description)
            case .unavailable: throw WebProblem.unavailable(error.description)
            }
        }
    }
}
