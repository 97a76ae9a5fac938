/// A running `zerobus-local`, and its tables over HTTP and SQL.
package struct TableService: Sendable {
    package var grpcPort: Int
    package var httpPort: Int
    package var data: String
    package var program: RunningProgram

    package var http: LocalHTTP { LocalHTTP(port: httpPort) }
    package var grpcEndpoint: String { "http://127.0.0.1:\(grpcPort)" }
    package var workspace: String { "http://127.0.0.1:\(httpPort)" }

    /// Rows of a table, 0 while the table does not exist.
    package func count(_ table: String) async throws -> Int {
        let answer = try await http.get("/tables/\(table)/count")
        if answer.status == 404 { return 0 }
        guard answer.status == 200, let count = try answer.json()["count"].integer else {
            throw TestKitError("count of \(table): \(answer.status) \(answer.text.prefix(300))")
        }
        return Int(count)
    }

    /// Rows in the order of `order` (`column` or `-column`; nil: as they came).
    package func rows(_ table: String, limit: Int, order: String? = nil) async throws -> [JSONValue] {
        let order = order.map { "&order=\($0)" } ?? ""
        return try await http.json("/tables/\(table)/rows?limit=\(limit)\(order)")["rows"].array
    }

    /// Waits until the table has at least `count` rows.
    package func waitForRows(_ count: Int, in table: String, within limit: Duration = .seconds(60)) async throws {
        var seen = 0
        do {
            try await program.whileAlive("\(count) rows in \(table)", within: limit) {
                seen = try await self.count(table)
                return seen >= count ? () : nil
            }
        } catch {
            throw TestKitError("\(table) has \(seen) rows: \(error)")
        }
    }

    /// The answer of `zerobus-local query`, one JSON object per row.
    package func query(_ sql: String) async throws -> [JSONValue] {
        try await TestKit.query(sql, data: data)
    }
}

/// SQL on the tables of a data folder, whether or not `zerobus-local serve` runs on it.
package func query(_ sql: String, data: String) async throws -> [JSONValue] {
    let (ending, output) = try await run(
        .program("zerobus-local", ["query", "--data", data, "--format", "json", sql]))
    guard ending == .exited(code: 0) else { throw TestKitError("query: \(ending) \(output)") }
    return try JSONValue.parse(output).array
}

/// Starts `zerobus-local serve` without a scope and waits until it answers.
package func startTableService(
    data: String, grpcPort: Int? = nil, httpPort: Int? = nil, arguments: [String] = []
) async throws -> TableService {
    let grpcPort = try grpcPort ?? FreePorts.next()
    let httpPort = try httpPort ?? FreePorts.next()
    let program = try start(
        .program(
            "zerobus-local",
            ["serve", "--grpc-port", "\(grpcPort)", "--http-port", "\(httpPort)", "--data", data] + arguments))
    let service = TableService(grpcPort: grpcPort, httpPort: httpPort, data: data, program: program)
    try await program.whileAlive("zerobus-local answers") { try await service.http.json("/tables") }
    return service
}

/// Runs `zerobus-local serve` for the time of the body.
package func withTableService<Result>(
    data: String, arguments: [String] = [], _ body: (TableService) async throws -> Result
) async throws -> Result {
    let service = try await startTableService(data: data, arguments: arguments)
    do {
        let result = try await body(service)
        await service.program.stop()
        return result
    } catch {
        await service.program.stop()
        throw error
    }
}
