import NIOConcurrencyHelpers

/// Tells the running streams that the server stops, so that they end in order.
final class StopSignal: Sendable {
    private struct State {
        var isRaised = false
        var nextID = 0
        var listeners: [Int: @Sendable () -> Void] = [:]
    }

    private let state = NIOLockedValueBox(State())

    /// Calls every listener, and those to come at once.
    func raise() {
        let listeners = state.withLockedValue { state in
            state.isRaised = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener() }
    }

    /// Runs `body` with `listener` registered.
    func with<Result>(_ listener: @escaping @Sendable () -> Void, _ body: () async throws -> Result) async rethrows
        -> Result
    {
        let id = state.withLockedValue { state -> Int? in
            if state.isRaised { return nil }
            state.nextID += 1
            state.listeners[state.nextID] = listener
            return state.nextID
        }
        if id == nil { listener() }
        defer { if let id { state.withLockedValue { $0.listeners[id] = nil } } }
        return try await body()
    }
}
