import ConnectorJournal
import ConnectorModel
import SimulatedDisk
import Testing

@testable import ConnectorLane

@Suite struct LaneWorldTests {
    @Test func aSourceHearsOfItsOwnTicketsOncePerSync() throws {
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1)
        let (first, second) = (RecordingListener(), RecordingListener())
        world.attach("a", first)
        world.attach("b", second)
        #expect(world.submit([1], source: "a").number == 1)
        #expect(world.submit([2], source: "b").number == 2)
        #expect(world.submit([3], source: "a").number == 3)
        #expect(first.tickets == [])
        world.settle()
        #expect(first.tickets == [3])
        #expect(second.tickets == [2])
        world.shared.detach("a")
        world.submit([4], source: "a")
        world.settle()
        #expect(first.tickets == [3])
        let snapshot = world.snapshot
        #expect(snapshot.sources["a"] == SourceAccount(submitted: 3, durable: 3, delivered: 0))
        #expect(snapshot.queuedRecords == 4)
        #expect(snapshot.state == "working")
    }

    @Test func aSubmissionOfSeveralFramesIsDurableWithItsLast() throws {
        let world = try LaneWorld(
            on: SimulatedDisk(seed: 1), seed: 1, limits: LaneLimits(groupBytesMax: 100))
        let listener = RecordingListener()
        world.attach("source", listener)
        let frames = (0..<5).map { testFrame([$0], prefix: 0, padding: 60) }
        let ticket = world.shared.submit(frames, from: "source", time: Timestamp(microseconds: 0), now: .zero)
        _ = world.worker.step(now: .zero)
        _ = world.worker.step(now: .zero)
        #expect(listener.tickets == [])
        world.settle()
        #expect(listener.tickets == [ticket.number])
        // Even one of no frames.
        let empty = world.shared.submit([], from: "source", time: Timestamp(microseconds: 0), now: .zero)
        world.settle()
        #expect(listener.tickets.last == empty.number)
    }

    @Test func nothingIsSentBeforeItIsSynced() throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try LaneWorld(on: disk, seed: 1)
        world.openStream()
        let listener = RecordingListener()
        world.attach("source", listener)
        world.submit([1, 2])
        #expect(try world.takeBatch() == nil)
        disk.failingSyncs = ["segment-": 1]
        _ = world.worker.step(now: .zero)
        #expect(try world.takeBatch() == nil)
        #expect(listener.tickets == [])
        world.settle()
        #expect(try world.takeBatch()?.map(\.value) == [1, 2])
        #expect(listener.tickets == [1])
    }

    /// facts/payloads.md, "Store and forward order".
    @Test(arguments: [false, true])
    func storeAndForwardOrder(restart: Bool) throws {
        let disk = SimulatedDisk(seed: 1)
        let limits = LaneLimits(memoryRecordsMax: 3)
        let batch = BatchLimits(recordsMax: 1)
        var world = try LaneWorld(on: disk, seed: 1, limits: limits, batch: batch)
        for value in 0..<8 {
            world.submit([value])
            world.settle()
        }
        #expect(world.snapshot.memoryRecords == 3)
        world.openStream()
        var delivered: [Int] = []
        var base = 0
        func deliver(_ count: Int) throws {
            for _ in 0..<count {
                guard let batch = try world.takeBatch() else { return }
                delivered += batch.map(\.value)
                world.acknowledge(Int64(delivered.count - 1 - base))
                world.settle()
            }
        }
        try deliver(2)
        #expect(delivered == [0, 1])
        if restart {
            world.advance(.seconds(1))
            disk.kill()
            world = try LaneWorld(on: disk, seed: 2, limits: limits, batch: batch)
            world.openStream()
            world.settle()
            base = 2
        }
        world.submit([8])
        world.submit([9])
        world.settle()
        try deliver(100)
        #expect(delivered == Array(0..<10))
        #expect(world.snapshot.queuedRecords == 0)
    }

    @Test func afterAStreamsDeathExactlyTheUnacknowledgedIsSentAgain() throws {
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1, batch: BatchLimits(recordsMax: 10))
        for start in stride(from: 0, to: 100, by: 4) { world.submit(start..<start + 4) }
        world.settle()
        world.openStream()
        let first = try world.takeAll()
        #expect(first.map(\.value) == Array(0..<100))
        // Batches of ten over frames of four: offset 4 is the value 49, the last whole frame ends with 47.
        world.acknowledge(4)
        world.endStream()
        #expect(try world.takeBatch() != nil)
        world.endStream()
        world.openStream()
        let second = try world.takeAll()
        #expect(second == Array(first[50...]))
        // Acknowledgements of the old stream mean nothing here.
        #expect(!world.acknowledge(9))
        world.acknowledge(4)
        #expect(world.snapshot.queuedRecords == 0)
        #expect(world.snapshot.total.delivered == 100)
    }

    @Test func aKillAfterAnAcknowledgementRepeatsNothingAfterTheInterval() throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try LaneWorld(on: disk, seed: 1)
        world.submit(0..<10)
        world.settle()
        world.openStream()
        world.submit(10..<20)
        _ = try world.takeBatch()
        world.settle()
        _ = try world.takeBatch()
        world.acknowledge(0)
        world.settle()
        // The watermark is written a little later.
        #expect(world.sleepsUntil == .milliseconds(500))
        world.advance(.milliseconds(500))
        disk.kill()
        let next = try LaneWorld(on: disk, seed: 2)
        next.openStream()
        next.settle()
        #expect(try next.takeAll().map(\.value) == Array(10..<20))
    }

    /// The thread is not woken for the watermark alone while commits wake it anyway.
    @Test func theWatermarkIsWrittenWithTheNextCommit() throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try LaneWorld(on: disk, seed: 1)
        world.openStream()
        world.submit(0..<10)
        world.settle()
        _ = try world.takeBatch()
        // It sleeps for as long as an acknowledgement may stay unwritten, and none wakes it sooner.
        #expect(world.sleepsUntil == .milliseconds(500))
        world.advance(.milliseconds(10))
        world.acknowledge(0)
        world.advance(.milliseconds(90))
        #expect(world.sleepsUntil == .milliseconds(510))
        world.advance(.milliseconds(10))
        world.submit(10..<20)
        world.settle()
        disk.kill()
        let next = try LaneWorld(on: disk, seed: 2)
        next.openStream()
        next.settle()
        #expect(try next.takeAll().map(\.value) == Array(10..<20))
    }

    @Test func aFullJournalPausesTheSourcesUntilSegmentsAreDeleted() throws {
        let limits = LaneLimits(journalBytesMax: 40_000)
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1, limits: limits)
        let listener = RecordingListener()
        world.attach("source", listener)
        var value = 0
        while listener.demands.isEmpty {
            world.submit(value..<value + 10, padding: 20)
            value += 10
            world.settle()
        }
        #expect(listener.demands == [false])
        #expect(world.snapshot.journalBytes >= 40_000)
        #expect(world.snapshot.state == "full: sources are paused")
        // What is under way is still taken.
        world.submit(value..<value + 10, padding: 20)
        value += 10
        world.settle()
        // A source that comes now learns it too.
        let late = RecordingListener()
        world.attach("late", late)
        world.settle()
        #expect(late.demands == [false])

        world.openStream()
        let all = try world.takeAll()
        #expect(all.map(\.value) == Array(0..<value))
        world.acknowledge(0)
        world.settle()
        #expect(listener.demands == [false, true] || world.snapshot.journalBytes > 36_000)
        world.acknowledge(Int64(world.snapshot.batchesSent - 1))
        world.settle()
        #expect(listener.demands == [false, true])
        #expect(late.demands == [false, true])
        #expect(world.snapshot.journalBytes < 36_000)
    }

    @Test func aFullDiskPausesTheSourcesAndRecoversByItself() throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try LaneWorld(on: disk, seed: 1)
        let listener = RecordingListener()
        world.attach("source", listener)
        disk.capacityBytes = 10_000
        var value = 0
        while listener.demands.isEmpty {
            world.submit(value..<value + 5, padding: 20)
            value += 5
            world.settle()
        }
        #expect(listener.demands == [false])
        #expect(world.journalFailures.last?.kind == .full)
        #expect(world.snapshot.state.hasPrefix("journal fails: no space"))
        #expect(world.sleepsUntil == .seconds(1))
        let durable = listener.tickets.last ?? 0
        #expect(durable * 5 == value - 5)
        world.advance(.seconds(1))
        #expect(listener.demands == [false])
        disk.capacityBytes = .max
        world.advance(.seconds(1))
        #expect(listener.demands == [false, true])
        #expect(listener.tickets.last == durable + 1)
        world.openStream()
        #expect(try world.takeAll().map(\.value) == Array(0..<value))
        #expect(world.snapshot.state == "working")
    }

    @Test func memoryIsLimitedWhileTheDiskIsSlow() throws {
        let world = try LaneWorld(
            on: SimulatedDisk(seed: 1), seed: 1, limits: LaneLimits(memoryRecordsMax: 100))
        let listener = RecordingListener()
        world.attach("source", listener)
        for start in stride(from: 0, to: 100, by: 10) { world.submit(start..<start + 10) }
        #expect(world.worker.step(now: .zero) == .announceDemand(open: false))
        world.settle()
        #expect(listener.demands == [false, true])
    }

    @Test func anIdleStreamWaitsForNothingABusyOneLingers() throws {
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1, batch: BatchLimits(recordsMax: 10))
        world.openStream()
        world.submit([1])
        world.settle()
        #expect(try world.takeBatch(lingered: false)?.map(\.value) == [1])
        world.submit([2])
        world.settle()
        guard case .linger(.milliseconds(20)) = world.shared.nextSend(0, lingered: false, now: world.now) else {
            Issue.record("does not wait for more")
            return
        }
        // Full batches leave at once, and so does everything when the lane drains.
        world.submit(3..<12)
        world.settle()
        #expect(try world.takeBatch(lingered: false)?.count == 10)
        world.submit([12])
        world.settle()
        world.shared.hurry()
        #expect(try world.takeBatch(lingered: false)?.map(\.value) == [12])
    }

    @Test func recordsThatCannotBeReadAreCountedAndTheRestGoesOn() throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try LaneWorld(on: disk, seed: 1, segmentBytesMax: 1 << 20)
        for value in 0..<5 {
            world.submit([value], source: "source \(value)")
            world.settle()
        }
        disk.kill()
        let text = Array("topic of source 2".utf8)
        let content = try #require(disk.content("tags"))
        let place = try #require(content.indices.first { content[$0...].starts(with: text) })
        disk.damage("tags") { $0[place] ^= 1 }
        let next = try LaneWorld(on: disk, seed: 2)
        next.settle()
        next.openStream()
        #expect(try next.takeAll().map(\.value) == [0, 1, 3, 4])
        next.acknowledge(0)
        #expect(next.snapshot.queuedRecords == 0)
        #expect(next.snapshot.damagedRecords == 1)
    }

    @Test func frameBeyondTheLimitIsDroppedAndCounted() throws {
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1)
        let listener = RecordingListener()
        world.attach("source", listener)
        func frame(_ bytes: Int) -> EncodedFrame {
            EncodedFrame(entries: [UInt8](repeating: 0, count: bytes), count: 1)
        }
        let ticket = world.shared.submit(
            [frame(EncodedFrame.recordBytesMax), frame(EncodedFrame.recordBytesMax + 1)], from: "source",
            time: Timestamp(microseconds: 0), now: .zero)
        world.settle()
        #expect(listener.tickets == [ticket.number])
        #expect(world.snapshot.total.dropped == 1)
        #expect(world.snapshot.total.durable == 1)
    }

    @Test func closingWritesWhatIsPendingAndTheWatermark() throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try LaneWorld(on: disk, seed: 1)
        world.submit([1])
        world.settle()
        world.openStream()
        _ = try world.takeBatch()
        world.acknowledge(0)
        world.submit([2])
        world.shared.close()
        world.settle()
        #expect(!disk.isHeld)
        disk.crash()
        let next = try LaneWorld(on: disk, seed: 2)
        next.openStream()
        next.settle()
        #expect(try next.takeAll().map(\.value) == [2])
    }

    @Test func closingEndsThoughTheDiskFails() throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try LaneWorld(on: disk, seed: 1)
        world.submit([1])
        disk.syncFailureChance = 1
        world.settle()
        world.shared.close()
        world.settle()
        #expect(!disk.isHeld)
        #expect(world.journalFailures.count < 10)
    }
}
