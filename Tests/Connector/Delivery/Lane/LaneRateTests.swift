import ConnectorModel
import SimulatedDisk
import Testing

@testable import ConnectorLane

/// The rate of a target (`zerobus.rate_limit`), on a clock that the test moves.
@Suite struct LaneRateTests {
    private func world(_ limit: RateLimit?, streams: Int = 1) throws -> LaneWorld {
        let world = try LaneWorld(
            on: SimulatedDisk(seed: 1), seed: 1, limits: LaneLimits(streams: streams),
            batch: BatchLimits(recordsMax: 70, rateLimit: limit), segmentBytesMax: 1 << 16)
        for stream in 0..<world.streams { world.openStream(stream) }
        return world
    }

    /// 16 records come every 10 ms, and all leave that may.
    /// - Parameter steps: how often; after that none come until all have left.
    /// - Returns: how many records left while they came, and how many in all.
    private func run(_ world: LaneWorld, steps: Int) throws -> (meanwhile: Int, all: Int) {
        var offsets = Array(repeating: Int64(0), count: world.streams)
        var (meanwhile, sent) = (0, 0)
        for step in 0..<2 * steps {
            if step < steps {
                for source in 0..<4 { world.submit(step..<step + 4, source: "source \(source)") }
                world.settle()
                meanwhile = sent
            }
            for stream in 0..<world.streams {
                while let batch = try world.takeBatch(stream) {
                    sent += batch.count
                    world.acknowledge(offsets[stream], on: stream)
                    offsets[stream] += 1
                    world.settle()
                }
            }
            world.advance(.milliseconds(10))
        }
        return (meanwhile, sent)
    }

    @Test(arguments: [1, 3]) func aTargetGetsNoMoreThanItsRateAndThatExactly(_ streams: Int) throws {
        // 1,600 a second come, for 60 seconds.
        let world = try world(RateLimit(recordsPerSecond: 1000, burst: 100), streams: streams)
        let sent = try run(world, steps: 6000)
        #expect(abs(sent.meanwhile - 60_000) <= 600, "\(sent)")
        #expect(sent.all == 96_000)
        #expect(world.waitingRecords == 0)
    }

    @Test func withoutARateEverythingLeavesAtOnce() throws {
        #expect(try run(try world(nil), steps: 100) == (1584, 1600))
    }

    @Test func theSenderSleepsUntilMoreMayLeave() throws {
        let world = try world(RateLimit(recordsPerSecond: 100, burst: 1))
        world.submit(0..<70)
        world.submit(70..<140)
        world.settle()
        #expect(try world.takeBatch()?.count == 70)
        guard case .linger(let wait) = world.shared.nextSend(0, lingered: true, now: world.now) else {
            Issue.record("does not wait")
            return
        }
        #expect(wait == .milliseconds(690))
        world.advance(wait)
        #expect(try world.takeBatch()?.count == 70)
    }
}
