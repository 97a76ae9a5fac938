import GRDB
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import ZerobusCore

/// Group commit: everything that arrives while one transaction runs goes into the next one, whichever stream it is
/// from, up to a size that keeps acknowledgements coming. What is queued is bounded in bytes.
final class CommitQueue: Sendable {
    struct Entry: Sendable {
        let batch: RowInserter.Batch
        /// Called on the writer's thread once the rows are on disk, or could not be stored.
        let completed: @Sendable (ZerobusError?) -> Void
    }

    private struct State {
        var entries = CircularBuffer<Entry>()
        var bytes = 0
        var isRunning = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let store: TableStore
    private let thread: NIOThreadPool
    private let maxQueuedBytes: Int
    private let maxTransactionBytes: Int
    private let logger: Logger
    private let state = NIOLockedValueBox(State())

    init(store: TableStore, maxQueuedBytes: Int = 64 << 20, maxTransactionBytes: Int = 1 << 20, logger: Logger) {
        self.store = store
        self.maxQueuedBytes = maxQueuedBytes
        self.maxTransactionBytes = maxTransactionBytes
        self.logger = logger
        thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
    }

    /// Queues a message's rows; waits while the queue is full.
    func append(_ entry: Entry) async {
        while true {
            enum Outcome { case queued, start, full }
            let outcome = state.withLockedValue { state -> Outcome in
                guard state.bytes < maxQueuedBytes else { return .full }
                state.entries.append(entry)
                state.bytes += entry.batch.message.count
                if state.isRunning { return .queued }
                state.isRunning = true
                return .start
            }
            switch outcome {
            case .queued: return
            case .start:
                thread.submit { [self] _ in drain() }
                return
            case .full: await waitForRoom()
            }
        }
    }

    private func waitForRoom() async {
        await withCheckedContinuation { continuation in
            let hasRoom = state.withLockedValue { state in
                if state.bytes < maxQueuedBytes { return true }
                state.waiters.append(continuation)
                return false
            }
            if hasRoom { continuation.resume() }
        }
    }

    /// Commits until nothing is queued; on the writer's thread.
    private func drain() {
        while true {
            let (entries, waiters) = state.withLockedValue { state -> ([Entry], [CheckedContinuation<Void, Never>]) in
                let entries = take(&state)
                guard state.bytes < maxQueuedBytes else { return (entries, []) }
                let waiters = state.waiters
                state.waiters = []
                return (entries, waiters)
            }
            for waiter in waiters { waiter.resume() }
            if entries.isEmpty { return }
            commit(entries)
        }
    }

    /// The entries of the next transaction: at least one, if there is any.
    private func take(_ state: inout State) -> [Entry] {
        var taken: [Entry] = []
        var bytes = 0
        while let next = state.entries.first, taken.isEmpty || bytes + next.batch.message.count <= maxTransactionBytes {
            taken.append(state.entries.removeFirst())
            bytes += next.batch.message.count
        }
        state.bytes -= bytes
        if taken.isEmpty { state.isRunning = false }
        return taken
    }

    private func commit(_ entries: [Entry]) {
        var problem: ZerobusError?
        do {
            try store.pool.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    for entry in entries { try RowInserter.insert(entry.batch, database) }
                    return .commit
                }
            }
        } catch let error as ZerobusError {
            problem = error
        } catch {
            problem = ZerobusError(.unavailable, "the rows could not be stored: \(TableStore.text(error))")
        }
        if let problem { logger.error("commit failed: \(problem)") }
        for entry in entries { entry.completed(problem) }
    }

    /// Ends the writer's thread; call when nothing is queued any more.
    func shutdown() async throws {
        try await thread.shutdownGracefully()
    }
}
