import Testing
import ZerobusCore

@testable import ZerobusServer

/// What the stand-in does wrong on purpose, as decisions.
@Suite struct DrillTests {
    @Test func onlyTheFirstStreamsAreDrilled() {
        var drill = Drill()
        drill.deadlyOffset = 3
        drill.streams = 2
        #expect(drill.forStream(1).received(3) != .store)
        #expect(drill.forStream(2).received(3) == .store)
        drill.streams = nil
        #expect(drill.forStream(1_000_000).received(3) != .store)
    }

    @Test func eachSwitchHasItsOffset() {
        var drill = Drill()
        drill.crashOffset = 1
        drill.deadlyOffset = 2
        drill.refusedOffset = 3
        drill.refusalCode = .resourceExhausted
        let stream = drill.forStream(0)
        #expect(stream.received(0) == .store)
        #expect(stream.received(1) == .crash)
        guard case .die(let death) = stream.received(2), case .refuse(let refusal) = stream.received(3) else {
            Issue.record("not drilled")
            return
        }
        #expect(death.code == .unavailable)
        #expect(refusal.code == .resourceExhausted)
        #expect(stream.received(4) == .store)
        #expect(stream.openingRefusal == nil)
        drill.openingRefusal = .notFound
        #expect(drill.forStream(0).openingRefusal?.code == .notFound)
    }

    @Test func acknowledgementsWaitTheirTime() {
        var delay = AcknowledgementDelay(.milliseconds(150))
        delay.committed(upTo: 0, now: .milliseconds(0))
        delay.committed(upTo: 4, now: .milliseconds(100))
        // Told twice: the first time counts.
        delay.committed(upTo: 4, now: .milliseconds(140))
        #expect(delay.due(now: .milliseconds(149)) == nil)
        #expect(delay.nextDue == .milliseconds(150))
        #expect(delay.due(now: .milliseconds(150)) == 0)
        #expect(delay.due(now: .milliseconds(249)) == nil)
        #expect(delay.due(now: .milliseconds(1000)) == 4)
        #expect(delay.due(now: .milliseconds(2000)) == nil)
        #expect(delay.nextDue == nil)
        var none = AcknowledgementDelay(.zero)
        none.committed(upTo: 7, now: .zero)
        #expect(none.due(now: .zero) == 7)
    }

    @Test func theLogKeepsTheLastStreams() throws {
        let log = StreamLog()
        let table = try Telemetry.table()
        for number in 0..<StreamLog.maxEntries + 5 { #expect(log.asked(table, now: 1) == number) }
        log.note(3) { $0.messages = 99 }
        log.note(StreamLog.maxEntries + 4) { $0.messages = 7 }
        log.note(StreamLog.maxEntries + 5) { $0.messages = 8 }
        let (entries, total) = log.snapshot
        #expect(total == StreamLog.maxEntries + 5)
        #expect(entries.count == StreamLog.maxEntries)
        #expect(entries.first?.number == 5 && entries.first?.messages == 0)
        #expect(entries.last?.messages == 7)
    }
}
