import ConnectorJournal
import ConnectorModel
import Testing

@testable import ConnectorLane

@Suite struct ForwarderStateTests {
    private func position(_ frame: UInt32) -> JournalPosition { JournalPosition(segment: 1, frame: frame) }

    private func connected() -> ForwarderState {
        var state = ForwarderState(RetryLimits(initialDelay: .seconds(1), maxDelay: .seconds(8), multiplier: 2))
        state.connecting()
        state.streamOpened()
        return state
    }

    @Test func acknowledgementsAreCumulative() {
        var state = connected()
        state.batchSent(completes: position(0))
        state.batchSent(completes: position(3))
        state.batchSent(completes: position(4))
        #expect(state.inFlight == 3)
        #expect(state.acknowledged(1) == .release(position(3)))
        #expect(state.inFlight == 1)
        // Repeated and older ones are no news.
        #expect(state.acknowledged(1) == .nothing)
        #expect(state.acknowledged(0) == .nothing)
        #expect(state.acknowledged(-1) == .nothing)
        #expect(state.acknowledged(2) == .release(position(4)))
        #expect(state.inFlight == 0)
    }

    @Test func anOffsetThatWasNeverSentIsAViolation() {
        var state = connected()
        #expect(state.acknowledged(0) == .violation)
        state.batchSent(completes: position(0))
        #expect(state.acknowledged(1) == .violation)
        #expect(state.acknowledged(.max) == .violation)
        #expect(state.acknowledged(0) == .release(position(0)))
    }

    @Test func aFrameIsReleasedWithItsLastPart() {
        var state = connected()
        state.batchSent(completes: nil)
        state.batchSent(completes: nil)
        state.batchSent(completes: position(0))
        #expect(state.acknowledged(1) == .nothing)
        #expect(state.acknowledged(2) == .release(position(0)))
    }

    @Test func framesWithoutRecordsAreDoneWithTheirPredecessors() {
        var state = connected()
        #expect(state.skipped(completes: position(0)) == .release(position(0)))
        state.batchSent(completes: position(1))
        #expect(state.skipped(completes: position(2)) == .nothing)
        #expect(state.acknowledged(0) == .release(position(2)))
    }

    @Test func transientFailuresBackOffUntilSomethingIsDelivered() {
        var state = connected()
        let failure = TargetFailure(.transient, "unreachable")
        #expect(state.streamEnded(failure, random: 1) == .seconds(1))
        #expect(state.words == "waiting to retry: unreachable")
        state.connecting()
        #expect(state.words == "connecting, last failure: unreachable")
        // A stream that opens and delivers nothing does not start over.
        state.streamOpened()
        #expect(state.streamEnded(failure, random: 1) == .seconds(2))
        #expect(state.streamEnded(failure, random: 0.5) == .seconds(2))
        #expect(state.streamEnded(failure, random: 1) == .seconds(8))
        #expect(state.streamEnded(failure, random: 1) == .seconds(8))
        state.streamOpened()
        state.batchSent(completes: position(0))
        _ = state.acknowledged(0)
        #expect(state.streamEnded(failure, random: 1) == .seconds(1))
        #expect(state.failures == 6)
        #expect(state.inFlight == 0)
    }

    @Test func aRefusalIsShownAndTriedSlowly() {
        var state = connected()
        let wait = state.streamEnded(TargetFailure(.permanent, "no such table"), random: 0)
        #expect(wait == .seconds(4))
        #expect(state.words == "refused: no such table")
    }

    @Test func rotationIsNoFailure() {
        var state = connected()
        state.batchSent(completes: position(0))
        _ = state.acknowledged(0)
        #expect(state.streamEnded(nil, random: 1) == .zero)
        #expect(state.failures == 0)
        // A target that only ever ends streams is not hammered.
        state.streamOpened()
        #expect(state.streamEnded(nil, random: 1) == .seconds(1))
    }
}
