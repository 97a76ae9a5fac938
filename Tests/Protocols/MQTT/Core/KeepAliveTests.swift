import MQTTCore
import NIOCore
import Testing

private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(1_000_000_000) + .seconds(seconds) }

@Suite struct KeepAliveTests {
    @Test func pingsWhenQuietAndLapsesWithoutAnswer() {
        var watch = KeepAlive(seconds: 60, now: at(0))
        #expect(watch.deadlineReached(now: at(0)) == .wait(until: at(60)))
        #expect(watch.deadlineReached(now: at(60)) == .ping(next: at(70)))
        #expect(watch.deadlineReached(now: at(69)) == .wait(until: at(70)))
        #expect(watch.deadlineReached(now: at(70)) == .lapsed)
    }

    @Test func anyPacketIsAnAnswer() {
        var watch = KeepAlive(seconds: 60, now: at(0))
        #expect(watch.deadlineReached(now: at(60)) == .ping(next: at(70)))
        watch.received(now: at(65))
        #expect(watch.deadlineReached(now: at(70)) == .wait(until: at(120)))
    }

    @Test func dataInBothDirectionsNeedsNoPing() {
        var watch = KeepAlive(seconds: 60, now: at(0))
        watch.sent(now: at(50))
        watch.received(now: at(55))
        #expect(watch.deadlineReached(now: at(60)) == .wait(until: at(110)))
    }

    /// The broker counts what it gets, so that receiving alone does not keep the link alive.
    @Test func receivingAloneStillPings() {
        var watch = KeepAlive(seconds: 60, now: at(0))
        watch.received(now: at(59))
        #expect(watch.deadlineReached(now: at(60)) == .ping(next: at(70)))
    }

    @Test func noAnswerIsExpectedWhilePaused() {
        var watch = KeepAlive(seconds: 60, now: at(0))
        watch.readingPaused()
        #expect(watch.deadlineReached(now: at(60)) == .ping(next: at(120)))
        #expect(watch.deadlineReached(now: at(120)) == .ping(next: at(180)))
        watch.readingResumed(now: at(130))
        #expect(watch.deadlineReached(now: at(180)) == .ping(next: at(190)))
        #expect(watch.deadlineReached(now: at(190)) == .lapsed)
    }

    @Test func canBeOff() {
        var watch = KeepAlive(seconds: 0, now: at(0))
        #expect(watch.deadlineReached(now: at(1_000_000)) == .off)
    }
}
