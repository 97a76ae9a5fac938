import Synchronization

/// Lets any number of tasks wait until it is opened, once and for good.
final class Latch: Sendable {
    private struct State {
        var isOpen = false
        var lastWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    func open() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.isOpen = true
            return state.waiters.values.map { $0 }
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns when it is open, and when the task is cancelled.
    func wait() async {
        let number = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    if state.isOpen || Task.isCancelled { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
        }
    }
}

/// Something that runs for long and can be ended by itself, while its neighbours go on.
final class Stoppable: Sendable {
    private let stopping = Latch()
    private let over = Latch()

    /// Runs `body` until it ends by itself or is told to.
    func run(_ body: @escaping @Sendable () async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await body() }
            group.addTask { [stopping] in await stopping.wait() }
            await group.next()
            group.cancelAll()
        }
        over.open()
    }

    /// It never came to run.
    func skip() { over.open() }

    /// Tells it to end, without waiting.
    func stop() { stopping.open() }

    /// Returns when it has ended, and when the task is cancelled.
    func waitForEnd() async { await over.wait() }
}
