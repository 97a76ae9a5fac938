import ConnectorModel
import SimulatedDisk
import Testing

@testable import ConnectorLane

/// A backlog on disk beside live rows, on a fast clock.
@Suite struct BacklogShareTests {
    private static let tick = Duration.milliseconds(50)

    /// A target that takes so many batches per tick, over all streams in turn, and acknowledges them at once.
    private struct Pace {
        var batchesPerTick: Int
        /// Takes from the backlog whatever it offers, so that nothing but its share holds it back.
        var prefersBacklog = false
        var next = 0
        var offsets: [Int64]
        /// By stream.
        var records: [Int]
        var rows: [(tick: Int, row: ReceivedRecord)] = []

        init(_ batchesPerTick: Int, _ world: LaneWorld) {
            self.batchesPerTick = batchesPerTick
            offsets = Array(repeating: 0, count: world.streams)
            records = Array(repeating: 0, count: world.streams)
        }

        mutating func run(_ world: LaneWorld, tick: Int) throws {
            var (left, idle) = (batchesPerTick, 0)
            while left > 0, idle < offsets.count {
                let stream = prefersBacklog ? idle : next % offsets.count
                next += 1
                guard let batch = try world.takeBatch(stream) else {
                    idle += 1
                    continue
                }
                (left, idle) = (left - 1, 0)
                rows += batch.map { (tick, $0) }
                records[stream] += batch.count
                world.acknowledge(offsets[stream], on: stream)
                offsets[stream] += 1
                world.settle()
            }
        }
    }

    private func world(_ share: Double, disk: SimulatedDisk = SimulatedDisk(seed: 1), seed: UInt64 = 1) throws
        -> LaneWorld
    {
        try LaneWorld(
            on: disk, seed: seed, limits: LaneLimits(memoryRecordsMax: 400, backlogShare: share),
            batch: BatchLimits(recordsMax: 20), segmentBytesMax: 1 << 16)
    }

    /// Ten rows a tick: an outage, then a target that takes five batches of twenty a tick.
    /// - Returns: how many ticks each row of the time after the outage waited, and the rows in the order of arrival.
    private func outage(
        of ticks: Int, then after: Int, share: Double, batchesPerTick: Int = 5
    ) throws -> (waits: [Int], rows: [ReceivedRecord], left: Int) {
        let world = try world(share)
        var value = 0
        for _ in 0..<ticks {
            world.submit(value..<value + 10)
            value += 10
            world.advance(Self.tick)
        }
        for stream in 0..<world.streams { #expect(world.openStream(stream)) }
        world.settle()
        let first = value
        var pace = Pace(batchesPerTick, world)
        for tick in 0..<after {
            world.submit(value..<value + 10)
            value += 10
            world.advance(Self.tick)
            try pace.run(world, tick: tick)
        }
        let waits = pace.rows.filter { $0.row.value >= first }.map { $0.tick - ($0.row.value - first) / 10 }
        return (waits, pace.rows.map(\.row), world.snapshot.queuedRecords)
    }

    /// Half a way: live rows wait for those of their own kind only, while the backlog drains beside them.
    @Test func liveRowsKeepTheirLatencyWhileTheBacklogDrains() throws {
        let (waits, rows, left) = try outage(of: 1000, then: 200, share: 0.5)
        // All live rows but those of the last moment are there, and those that came late had the newest of the
        // outage before them.
        #expect(waits.count >= 1980)
        #expect(waits.dropFirst(100).allSatisfy { $0 <= 1 })
        #expect(waits.allSatisfy { $0 <= 10 })
        // The rest of the way was the backlog's.
        #expect(left < 2500)
        #expect(Set(rows.map(\.recordID)).count == rows.count)
    }

    @Test func orderHoldsInsideBacklogAndLive() throws {
        let (_, rows, left) = try outage(of: 1000, then: 400, share: 0.5)
        #expect(left == 0 && rows.count == 14_000)
        // Two rising rows of values, and no third.
        var ends: [Int] = []
        for row in rows {
            if let index = ends.indices.filter({ ends[$0] < row.value }).max(by: { ends[$0] < ends[$1] }) {
                ends[index] = row.value
            } else {
                ends.append(row.value)
            }
        }
        #expect(ends.count == 2)
    }

    @Test func withoutAShareTheBacklogGoesFirstInStrictOrder() throws {
        let (waits, rows, left) = try outage(of: 1000, then: 400, share: 1)
        #expect(rows.map(\.value) == Array(0..<14_000) && left == 0)
        #expect(waits[0] > 50)
    }

    /// A target that takes no more than comes: the share decides, and neither part starves.
    @Test(arguments: [0.25, 0.5, 0.75])
    func aSlowTargetIsDividedByTheShare(share: Double) throws {
        let world = try world(share)
        var value = 0
        for _ in 0..<500 {
            world.submit(value..<value + 10)
            value += 10
            world.advance(Self.tick)
        }
        for stream in 0..<world.streams { world.openStream(stream) }
        world.settle()
        var pace = Pace(4, world)
        pace.prefersBacklog = true
        for tick in 0..<100 {
            // Twice as much as the target takes.
            for _ in 0..<16 {
                world.submit(value..<value + 10)
                value += 10
            }
            world.advance(Self.tick)
            try pace.run(world, tick: tick)
        }
        let fromBacklog = Double(pace.records[0]) / Double(pace.records[0] + pace.records[1])
        #expect(abs(fromBacklog - share) < 0.1, "\(fromBacklog)")
    }

    /// A second outage in the middle, a kill, and another start: everything arrives.
    @Test func nothingIsMissingAfterOutagesAndAKill() throws {
        let disk = SimulatedDisk(seed: 1)
        var world = try world(0.5, disk: disk)
        var value = 0
        var arrived: Set<Int> = []
        for round in 0..<12 {
            for _ in 0..<100 {
                world.submit(value..<value + 10)
                value += 10
                world.advance(Self.tick)
            }
            if round == 6 {
                world.advance(.seconds(1))
                disk.kill()
                world = try self.world(0.5, disk: disk, seed: 2)
            }
            for stream in 0..<world.streams { world.openStream(stream) }
            world.settle()
            var pace = Pace(6, world)
            for tick in 0..<20 {
                world.submit(value..<value + 10)
                value += 10
                world.advance(Self.tick)
                try pace.run(world, tick: tick)
            }
            arrived.formUnion(pace.rows.map(\.row.value))
            #expect(world.snapshot.memoryRecords <= 460)
            for stream in 0..<world.streams { world.endStream(stream, nil) }
        }
        for stream in 0..<world.streams { world.openStream(stream) }
        var pace = Pace(50, world)
        for tick in 0..<400 where world.snapshot.queuedRecords > 0 {
            world.advance(Self.tick)
            try pace.run(world, tick: tick)
        }
        arrived.formUnion(pace.rows.map(\.row.value))
        #expect(arrived == Set(0..<value) && world.snapshot.queuedRecords == 0)
        world.advance(.seconds(2))
        #expect(world.snapshot.segments <= 2)
    }

    @Test func theShareCountsOnlyWhileLiveRowsWait() {
        var share = BacklogShare(0.5, batchRecordsMax: 10)
        let free = share.backlogMaySend(liveWaits: false, inFlight: 0)
        let kept = share.backlogMaySend(liveWaits: true, inFlight: 0)
        #expect(free && !kept)
        share.liveSent(10)
        let earned = share.backlogMaySend(liveWaits: true, inFlight: 0)
        share.backlogSent(10, liveWaits: true)
        let spent = share.backlogMaySend(liveWaits: true, inFlight: 0)
        #expect(earned && !spent)
        // Half of the batches that a stream alone may have under way.
        let many = share.backlogMaySend(liveWaits: false, inFlight: BacklogShare.flightsMax / 2)
        #expect(!many)
        let all = BacklogShare(1, batchRecordsMax: 10)
        #expect(all.backlogMaySend(liveWaits: true, inFlight: 1_000_000) && !all.sharesWithLive)
    }
}
