/// Asks again and again until there is an answer, or the deadline is passed.
///
/// - Parameters:
///   - what: what is awaited, for the message of the failure.
///   - limit: how long to ask. A test's verdict never depends on how fast the answer came.
///   - pause: time between two questions.
///   - probe: returns nil while the answer is not there; an error counts as "not yet" and is reported at the end.
/// - Throws: `TestKitError` at the deadline; `CancellationError` when the test's own time limit ran out.
@discardableResult
package func eventually<Answer>(
    _ what: String, within limit: Duration = .seconds(30), every pause: Duration = .milliseconds(50),
    _ probe: () async throws -> Answer?
) async throws -> Answer {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while true {
        var obstacle = ""
        do {
            if let answer = try await probe() { return answer }
        } catch let error as CancellationError {
            throw error
        } catch {
            obstacle = "; last obstacle: \(error)"
        }
        guard clock.now < deadline else {
            throw TestKitError("not within \(limit): \(what)\(obstacle)")
        }
        try await clock.sleep(for: pause)
    }
}

/// The same for a condition.
package func eventually(
    _ what: String, within limit: Duration = .seconds(30), every pause: Duration = .milliseconds(50),
    holds condition: () async throws -> Bool
) async throws {
    try await eventually(what, within: limit, every: pause) { try await condition() ? () : nil }
}
