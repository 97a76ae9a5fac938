import ConnectorJournal
import ConnectorModel
import SimulatedDisk
import Testing

@testable import ConnectorLane

/// What becomes of records when there is no room, by each source's policy.
@Suite struct LanePolicyTests {
    private let limits = LaneLimits(journalBytesMax: 40_000)

    private func account(_ world: LaneWorld, _ source: String = "source") -> SourceAccount {
        world.snapshot.sources[source] ?? SourceAccount()
    }

    /// Submits ten records at a time until `isDone` or for long enough.
    private func flood(
        _ world: LaneWorld, _ source: String = "source", from first: Int = 0, rounds: Int = 200,
        until isDone: () -> Bool = { false }
    ) -> Int {
        var value = first
        for _ in 0..<rounds where !isDone() {
            world.submit(value..<value + 10, source: source, padding: 20)
            value += 10
            world.settle()
        }
        return value
    }

    @Test(arguments: [(DropPolicy.dropNewest, DropReason.noRoom), (.reject, .rejected)])
    func newRecordsAreGivenUpAndCountedUntilThereIsRoom(policy: DropPolicy, reason: DropReason) throws {
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1, limits: limits)
        let listener = RecordingListener()
        world.attach("source", listener, SourcePolicy(drop: policy))
        let submitted = flood(world)
        let dropped = account(world).drops[reason]
        #expect(dropped > 0 && dropped == account(world).dropped)
        #expect(world.snapshot.queuedRecords + dropped == submitted)
        #expect(world.snapshot.journalBytes < 45_000)
        // The protocol may acknowledge all the same: they are accounted for.
        #expect(listener.tickets.last == UInt64(submitted / 10))
        #expect(listener.demands == [])
        world.openStream()
        let sent = try world.takeAll()
        #expect(sent.map(\.value) == Array(0..<submitted - dropped))
        world.acknowledge(Int64(world.snapshot.batchesSent - 1))
        world.advance(.seconds(1))
        world.submit([submitted])
        world.settle()
        #expect(account(world).dropped == dropped)
        #expect(try world.takeAll().map(\.value) == [submitted])
    }

    @Test(arguments: [false, true])
    func theOldestMakeRoomInWholeSegments(restarts: Bool) throws {
        let disk = SimulatedDisk(seed: 1)
        var world = try LaneWorld(on: disk, seed: 1, limits: limits)
        world.attach("source", RecordingListener(), SourcePolicy(drop: .dropOldest))
        var submitted = flood(world)
        var dropped = account(world).drops[.noRoom]
        #expect(dropped > 0)
        #expect(world.snapshot.queuedRecords + dropped == submitted)
        if restarts {
            disk.crash()
            world = try LaneWorld(on: disk, seed: 2, limits: limits)
            world.attach("source", RecordingListener(), SourcePolicy(drop: .dropOldest))
            #expect(world.snapshot.queuedRecords + dropped == submitted)
            submitted = flood(world, from: submitted)
            dropped += account(world).drops[.noRoom]
            #expect(world.snapshot.queuedRecords + dropped == submitted)
        }
        #expect(world.snapshot.journalBytes < 45_000)
        world.openStream()
        world.settle()
        #expect(try world.takeAll().map(\.value) == Array(dropped..<submitted))
        world.acknowledge(Int64(world.snapshot.batchesSent - 1))
        world.advance(.seconds(1))
        #expect(world.snapshot.queuedRecords == 0)
    }

    @Test func whatWasSentMayBeGivenUpAndItsAcknowledgementMeansNothing() throws {
        let world = try LaneWorld(
            on: SimulatedDisk(seed: 1), seed: 1, limits: limits, batch: BatchLimits(recordsMax: 15))
        world.attach("source", RecordingListener(), SourcePolicy(drop: .dropOldest))
        _ = flood(world, rounds: 20)
        world.openStream()
        // Batches of fifteen over frames of ten: the next one begins inside a frame.
        _ = try world.takeBatch()
        _ = try world.takeBatch()
        _ = try world.takeBatch()
        let submitted = flood(world, from: 200)
        let dropped = account(world).dropped
        #expect(dropped > 45)
        world.acknowledge(2)
        #expect(account(world).delivered == 0)
        let rest = try world.takeAll()
        #expect(rest.map(\.value) == Array(dropped..<submitted))
        world.acknowledge(Int64(world.snapshot.batchesSent - 1))
        world.advance(.seconds(1))
        #expect(world.snapshot.queuedRecords == 0)
        #expect(account(world).delivered + dropped == submitted)
    }

    @Test func aSourceThatGivesNothingUpKeepsEverythingBesideOneThatDoes() throws {
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1, limits: limits)
        let careful = RecordingListener()
        world.attach("careful", careful)
        world.attach("careless", RecordingListener(), SourcePolicy(drop: .dropOldest))
        var values = (0, 0)
        for _ in 0..<200 {
            if careful.demands.last != false { values.0 = flood(world, "careful", from: values.0, rounds: 1) }
            values.1 = flood(world, "careless", from: values.1, rounds: 1)
        }
        #expect(account(world, "careful").dropped == 0)
        #expect(account(world, "careless").dropped > 0)
        #expect(world.snapshot.journalBytes < 45_000)
        world.openStream()
        world.settle()
        let rows = try world.takeAll()
        #expect(rows.filter { $0.topic == "topic of careful" }.map(\.value) == Array(0..<values.0))
        #expect(
            rows.filter { $0.topic == "topic of careless" }.count == values.1 - account(world, "careless").dropped)
    }

    @Test func aFloodLeavesItsNeighboursTheirShare() throws {
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1, limits: limits)
        let (flooding, quiet) = (RecordingListener(), RecordingListener())
        world.attach("flood", flooding)
        world.attach("quiet", quiet)
        _ = flood(world, "flood") { flooding.demands.last == false }
        #expect(flooding.demands == [false])
        // A quarter is kept for each of two.
        #expect((28_000..<32_000).contains(world.snapshot.journalBytes))
        #expect(quiet.demands == [])
        _ = flood(world, "quiet") { quiet.demands.last == false }
        #expect(world.snapshot.journalBytes >= 39_000)
        #expect(account(world, "quiet").durable > 100)
    }

    @Test func aRateIsHeldExactlyByAskingForAPause() throws {
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1, limits: LaneLimits(journalBytesMax: 1 << 30))
        let listener = RecordingListener()
        let limit = RateLimit(recordsPerSecond: 1000, burst: 100)
        world.attach("source", listener, SourcePolicy(rateLimit: limit))
        var value = 0
        while world.now < .seconds(60) {
            if listener.demands.last != false {
                world.submit(value..<value + 70)
                value += 70
                world.settle()
            } else {
                // The lane's thread wakes by itself when the time has come.
                let until = try #require(world.sleepsUntil)
                world.advance(max(.milliseconds(1), until - world.now))
            }
        }
        #expect(abs(value - 60_000) < 600)
        #expect(world.snapshot.total.dropped == 0)
    }

    @Test func whoCannotPauseLosesWhatExceedsTheRate() throws {
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1)
        world.attach(
            "source", RecordingListener(),
            SourcePolicy(drop: .dropNewest, rateLimit: RateLimit(recordsPerSecond: 10, burst: 10)))
        for value in 0..<100 {
            world.submit([value])
            world.advance(.milliseconds(50))
        }
        let account = account(world)
        #expect(account.drops[.rateLimit] == account.dropped)
        #expect((38...42).contains(account.dropped))
        #expect(account.submitted == 100)
    }

    @Test func aFullDiskCostsTheOldestInMemoryAndRecovers() throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try LaneWorld(on: disk, seed: 1, limits: LaneLimits(memoryRecordsMax: 100))
        world.attach("source", RecordingListener(), SourcePolicy(drop: .dropOldest))
        disk.capacityBytes = 0
        let submitted = flood(world, rounds: 50)
        #expect(world.snapshot.pendingRecords <= 110)
        #expect(account(world).drops[.noRoom] >= submitted - 110)
        #expect(world.snapshot.state.hasPrefix("journal fails"))
        disk.capacityBytes = .max
        world.advance(.seconds(2))
        #expect(world.snapshot.state == "working")
        world.openStream()
        let kept = try world.takeAll().map(\.value)
        #expect(kept == Array(submitted - kept.count..<submitted))
        #expect(kept.count + account(world).dropped == submitted)
    }

    @Test func aMeterPaysBackWhatCameTooEarly() {
        var meter = RateMeter(RateLimit(recordsPerSecond: 3, burst: 1), now: .zero)
        #expect(meter.waitUntil(now: .zero) == nil)
        meter.took(1, now: .zero)
        #expect(meter.waitUntil(now: .zero) == nil)
        meter.took(3, now: .zero)
        #expect(meter.waitUntil(now: .milliseconds(999)) != nil)
        #expect(meter.waitUntil(now: .seconds(1)) == nil)
        // A long pause gives no more than the burst.
        meter.took(4, now: .seconds(1000))
        #expect(meter.waitUntil(now: .seconds(1000)) != nil)
    }
}
