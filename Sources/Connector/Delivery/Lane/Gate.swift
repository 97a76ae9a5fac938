import Synchronization

/// Lets one task wait for a signal from anywhere. A signal that nobody waits for is kept, once.
final class Gate: Sendable {
    private enum State: Sendable {
        case idle
        case signalled
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.idle)

    func signal() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard case .waiting(let waiter) = state else {
                state = .signalled
                return nil
            }
            state = .idle
            return waiter
        }
        waiter?.resume()
    }

    /// Returns after a signal or when the task is cancelled. One task waits at a time.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goOn = state.withLock { state in
                    if case .signalled = state {
                        state = .idle
                        return true
                    }
                    if case .waiting = state { preconditionFailure("two tasks wait at one gate") }
                    state = .waiting(continuation)
                    return false
                }
                if goOn { continuation.resume() }
            }
        } onCancel: {
            signal()
        }
    }
}
