import ConnectorModel
import ConnectorPipeline
import Resilience
import Testing

@Suite struct SourceStateTests {
    private let down = SourceFailure(.transient, "refused")

    private func machine() -> SourceState {
        SourceState(backoff: Backoff(initial: .seconds(1), maximum: .seconds(8), multiplier: 2))
    }

    @Test func failuresInARowWaitLongerAndSuccessStartsOver() {
        var state = machine()
        #expect(state.phase.name == "stopped")
        state.connecting()
        #expect(state.failed(down, random: 1) == .wait(.seconds(1)))
        #expect(state.phase == .backingOff(down) && state.phase.reason == "refused")
        state.connecting()
        #expect(state.failed(down, random: 1) == .wait(.seconds(2)))
        #expect(state.failed(down, random: 1) == .wait(.seconds(4)))
        #expect(state.failed(down, random: 1) == .wait(.seconds(8)))
        #expect(state.failed(down, random: 1) == .wait(.seconds(8)))
        state.connecting()
        state.connected(at: Timestamp(microseconds: 5))
        #expect(state.phase == .running(since: Timestamp(microseconds: 5)))
        #expect(state.failed(down, random: 0.5) == .wait(.milliseconds(500)))
        #expect(state.failures == 6 && state.reconnections == 1)
    }

    @Test func aPermanentFailureIsTriedSlowly() {
        var state = machine()
        state.connecting()
        let refusal = SourceFailure(.permanent, "wrong password")
        #expect(state.failed(refusal, random: 0) == .wait(.seconds(4)))
        #expect(state.failed(refusal, random: 1) == .wait(.seconds(8)))
    }

    @Test func aFatalFailureEndsTheSource() {
        var state = machine()
        state.connecting()
        #expect(state.failed(SourceFailure(.fatal, "no"), random: 0.3) == .giveUp)
        #expect(state.phase.name == "failed")
    }
}
