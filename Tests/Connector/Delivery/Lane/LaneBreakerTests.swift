import ConnectorModel
import Resilience
import SimulatedDisk
import Testing

@testable import ConnectorLane

/// The breaker that all streams of a lane have before them.
@Suite struct LaneBreakerTests {
    private func world(_ streams: Int = 1) throws -> LaneWorld {
        try LaneWorld(
            on: SimulatedDisk(seed: 1), seed: 1, limits: LaneLimits(streams: streams),
            batch: BatchLimits(recordsMax: 1),
            retry: RetryLimits(breaker: .init(failureThreshold: 3, openTime: .seconds(60), successThreshold: 3)))
    }

    @Test func failuresOpenItProbesAndAcknowledgementsCloseIt() throws {
        let world = try world()
        for value in 0..<10 { world.submit([value]) }
        world.settle()
        for _ in 0..<3 {
            #expect(world.snapshot.breaker == .closed)
            #expect(world.openStream())
            world.endStream()
        }
        #expect(world.snapshot.breaker == .open)
        #expect(world.shared.streamRequested(0, now: world.now) == .seconds(60))
        world.advance(.seconds(60))
        #expect(world.openStream())
        #expect(world.snapshot.breaker == .halfOpen)
        for offset in 0..<2 {
            _ = try world.takeBatch()
            #expect(world.snapshot.breaker == .halfOpen)
            world.acknowledge(Int64(offset))
        }
        #expect(world.snapshot.breaker == .closed)
    }

    @Test func aFailedProbeOpensItAgain() throws {
        let world = try world()
        for _ in 0..<3 {
            world.openStream()
            world.endStream()
        }
        world.advance(.seconds(60))
        #expect(world.shared.streamRequested(0, now: world.now) == nil)
        world.endStream()
        #expect(world.snapshot.breaker == .open)
        #expect(!world.openStream())
    }

    /// A target that only opens streams and takes nothing does not work.
    @Test func openStreamsClearNoFailures() throws {
        let world = try world()
        for _ in 0..<3 {
            #expect(world.openStream())
            world.endStream()
        }
        #expect(world.snapshot.breaker == .open)
    }

    @Test func rotationAndRefusedRecordsAreNoFailures() throws {
        let world = try world()
        for value in 0..<10 { world.submit([value]) }
        world.settle()
        for _ in 0..<5 {
            world.openStream()
            world.endStream(0, nil)
            world.openStream()
            _ = try world.takeBatch()
            world.endStream(0, TargetFailure(.refused, "no"))
            world.settle()
        }
        #expect(world.snapshot.breaker == .closed)
    }

    /// All streams fail together, and only one probes.
    @Test func streamsShareTheBreaker() throws {
        let world = try world(3)
        for stream in 0..<3 { #expect(world.openStream(stream)) }
        for stream in 0..<3 { world.endStream(stream) }
        #expect(world.snapshot.breaker == .open)
        world.advance(.seconds(60))
        #expect(world.shared.streamRequested(1, now: world.now) == nil)
        // Asked again soon, not hammered.
        #expect(world.shared.streamRequested(0, now: world.now) == .seconds(1))
        world.shared.streamOpened(1)
        #expect(world.openStream(0) && world.openStream(2))
        #expect(world.snapshot.breaker == .closed && world.snapshot.isConnected)
    }
}
