import NIOConcurrencyHelpers

/// Wakes one waiting task: a raise before the wait is kept, several count as one.
final class Signal: Sendable {
    private struct State {
        var isRaised = false
        var isClosed = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = NIOLockedValueBox(State())

    /// Wakes the waiting task, or the next one.
    func raise() {
        state.withLockedValue { state -> CheckedContinuation<Void, Never>? in
            defer { state.waiter = nil }
            if state.waiter == nil { state.isRaised = true }
            return state.waiter
        }?.resume()
    }

    /// Lets every wait from now on return at once.
    func close() {
        state.withLockedValue { state -> CheckedContinuation<Void, Never>? in
            defer { state.waiter = nil }
            state.isClosed = true
            return state.waiter
        }?.resume()
    }

    /// Returns after a raise, when closed, and when the task is cancelled. One task waits at a time.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLockedValue { state in
                    precondition(state.waiter == nil, "one task waits for a signal at a time")
                    if state.isRaised || state.isClosed || Task.isCancelled {
                        state.isRaised = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            state.withLockedValue { state -> CheckedContinuation<Void, Never>? in
                defer { state.waiter = nil }
                return state.waiter
            }?.resume()
        }
    }
}
