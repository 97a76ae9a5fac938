import Synchronization
import Testing

@testable import SimulatorPlant

@Suite struct TickFeedTests {
    private final class Recorder: TickReceiver {
        let numbers = Mutex<[UInt64]>([])
        func received(_ tick: Tick) { numbers.withLock { $0.append(tick.number) } }
        var seen: [UInt64] { numbers.withLock { $0 } }
    }

    private struct Full: Error {}

    private final class Broken: TickReceiver {
        func received(_ tick: Tick) throws { if tick.number > 0 { throw Full() } }
    }

    private func tick(_ number: UInt64) -> Tick {
        Tick(number: number, timestamp: Int64(number), values: [], qualities: [])
    }

    @Test func aReceiverSeesTheValuesOfNowAndThenEveryTick() throws {
        let feed = TickFeed(tick(0))
        let first = Recorder()
        let second = Recorder()
        try feed.join(first)
        try feed.publish(tick(1))
        try feed.join(second)
        try feed.publish(tick(2))
        feed.leave(first)
        try feed.publish(tick(3))
        #expect(first.seen == [0, 1, 2])
        #expect(second.seen == [1, 2, 3])
        #expect(feed.latest.number == 3)
    }

    @Test func anErrorOfAReceiverReachesThePublisher() throws {
        let feed = TickFeed(tick(0))
        try feed.join(Broken())
        #expect(throws: Full.self) { try feed.publish(tick(1)) }
    }
}
