import ModbusCore
import Synchronization

/// The requests of a poll, and what the device has refused; kept from one connection to the next.
///
/// Refused requests are split and asked again within the same poll, so that one bad register does not take its
/// neighbours' readings with it.
final class PollPlan: Sendable {
    private struct State {
        var memory = RefusalMemory()
        var blocks: [ReadBlock]?
        var retries: [ReadBlock] = []
        /// When what was refused is forgotten; nil while nothing was.
        var forgetAt: ContinuousClock.Instant?
    }

    /// How long a refusal holds. A device whose map has changed is then asked as if it were new, which costs a
    /// device that has not changed the few requests of one search.
    static let refusalsHold = Duration.seconds(900)

    private let items: [ReadItem]
    private let planner: ReadPlanner
    private let state = Mutex(State())

    init(_ items: [ReadItem], planner: ReadPlanner) {
        self.items = items
        self.planner = planner
    }

    /// The requests of a new poll.
    func begin(now: ContinuousClock.Instant) -> [ReadBlock] {
        state.withLock { state in
            state.retries = []
            if let forgetAt = state.forgetAt {
                if now >= forgetAt { state = State() }
            } else if !state.memory.isEmpty {
                state.forgetAt = now + Self.refusalsHold
            }
            if let blocks = state.blocks { return blocks }
            let blocks = planner.plan(items, avoiding: state.memory)
            state.blocks = blocks
            return blocks
        }
    }

    /// What is to be asked in place of requests that were refused since the last call.
    func takeRetries() -> [ReadBlock] {
        state.withLock { state in
            defer { state.retries = [] }
            return state.retries
        }
    }

    /// The device answered a block with data.
    func answered(_ block: ReadBlock) {
        state.withLock { $0.memory.blockAnswered(block) }
    }

    /// The device refused a block. Returns whether its members are bad for this poll.
    func refused(_ block: ReadBlock, with code: ExceptionCode) -> Bool {
        state.withLock { state in
            if code == .illegalDataAddress || code == .illegalDataValue { state.blocks = nil }
            switch state.memory.blockRefused(block, with: code, items: items) {
            case .retry(let blocks):
                state.retries += blocks
                return false
            case .giveUp: return true
            }
        }
    }
}
