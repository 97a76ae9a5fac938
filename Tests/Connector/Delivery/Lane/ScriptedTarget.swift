import ConnectorModel
import Synchronization

@testable import ConnectorLane

/// A target in memory whose streams live as the test says.
final class ScriptedTarget: Target {
    /// How one stream goes.
    enum Life: Sendable {
        /// Acknowledges late, for ever.
        case steady
        /// Breaks when so many batches have arrived; `kept` of them are acknowledged before.
        case breaks(after: Int, kept: Int)
        /// Ends in good order when so many batches were acknowledged.
        case ends(after: Int)
        /// Cannot be opened.
        case refused(TargetFailure)
        /// Acknowledges what it never got.
        case lies
    }

    private struct State {
        var lives: [Life]
        var opened = 0
        var rows: [ReceivedRecord] = []
        var batches: [Int] = []
    }

    let destination = "scripted"
    private let state: Mutex<State>

    /// Streams follow `lives` in turn; further ones are steady.
    init(_ lives: [Life] = []) {
        state = Mutex(State(lives: lives))
    }

    /// All rows that arrived, in order, also those that were not acknowledged.
    var rows: [ReceivedRecord] { state.withLock { $0.rows } }
    var batches: [Int] { state.withLock { $0.batches } }
    var opened: Int { state.withLock { $0.opened } }

    func withStream(_ body: @Sendable (any TargetStream) async throws -> Void) async throws {
        let life = state.withLock { state in
            state.opened += 1
            return state.opened <= state.lives.count ? state.lives[state.opened - 1] : .steady
        }
        if case .refused(let failure) = life { throw failure }
        try await body(ScriptedStream(life, self))
    }

    fileprivate func arrived(_ batch: RecordBatch) throws {
        let records = try received(batch)
        state.withLock { state in
            state.rows += records
            state.batches.append(batch.count)
        }
    }
}

private final class ScriptedStream: TargetStream {
    private let life: ScriptedTarget.Life
    private let target: ScriptedTarget
    /// Batches that arrived, and those that were acknowledged.
    private let counts = Mutex((arrived: 0, acknowledged: 0))
    private let news = Gate()

    init(_ life: ScriptedTarget.Life, _ target: ScriptedTarget) {
        self.life = life
        self.target = target
    }

    func send(_ batch: RecordBatch) async throws {
        try target.arrived(batch)
        let arrived = counts.withLock { counts in
            counts.arrived += 1
            return counts.arrived
        }
        news.signal()
        if case .breaks(let after, _) = life, arrived >= after {
            throw TargetFailure(.transient, "the line broke")
        }
    }

    func nextAcknowledgement() async throws -> Int64? {
        while true {
            try Task.checkCancellation()
            let (arrived, acknowledged) = counts.withLock { $0 }
            var limit = arrived
            switch life {
            case .breaks(_, let kept): limit = min(limit, kept)
            case .ends(let after):
                if acknowledged >= after { return nil }
                limit = min(limit, after)
            case .lies: if arrived > 0 { return 1000 }
            default: break
            }
            if limit > acknowledged {
                // Late: others get their turn first.
                for _ in 0..<10 { await Task.yield() }
                counts.withLock { $0.acknowledged = limit }
                return Int64(limit - 1)
            }
            await news.wait()
        }
    }
}
