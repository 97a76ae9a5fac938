import ConnectorJournal
import ConnectorModel
import SimulatedDisk
import Testing

@testable import ConnectorLane

/// `durability: memory`: on disk only while memory is full or the target is down, and at a clean stop.
@Suite struct LanePlaceTests {
    private func world(_ disk: SimulatedDisk, seed: UInt64 = 1, memoryRecordsMax: Int = 1000) throws -> LaneWorld {
        try LaneWorld(
            on: disk, seed: seed, limits: LaneLimits(memoryRecordsMax: memoryRecordsMax), isTiered: true)
    }

    private func segments(_ disk: SimulatedDisk) -> [String] { disk.names.filter { $0.hasPrefix("segment-") } }

    @Test func aTargetThatKeepsUpNeverTouchesTheDisk() throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try world(disk)
        let listener = RecordingListener()
        world.attach("source", listener)
        world.openStream()
        var offset: Int64 = 0
        for value in 0..<200 {
            let ticket = world.submit([value])
            world.advance(.milliseconds(20))
            #expect(listener.tickets.last == ticket.number)
            while try world.takeBatch() != nil {
                world.acknowledge(offset)
                offset += 1
            }
        }
        #expect(world.snapshot.total.delivered == 200)
        #expect(disk.names.isEmpty)
        world.shared.close()
        world.settle()
        #expect(disk.names.isEmpty)
    }

    @Test func whileTheTargetIsDownEverythingIsOnDisk() throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try world(disk)
        world.submit(0..<10)
        world.openStream()
        world.settle()
        _ = try world.takeBatch()
        #expect(disk.names.isEmpty)
        world.endStream()
        world.settle()
        // What was in memory went to disk, and what comes now goes there.
        #expect(!segments(disk).isEmpty)
        world.submit(10..<20)
        world.settle()
        disk.kill()
        let next = try self.world(disk, seed: 2)
        next.openStream()
        next.settle()
        #expect(try next.takeAll().map(\.value) == Array(0..<20))
        // Delivered, and in memory again.
        next.acknowledge(0)
        next.advance(.seconds(1))
        next.submit(20..<30)
        next.settle()
        _ = try next.takeBatch()
        next.acknowledge(1)
        next.advance(.seconds(1))
        disk.kill()
        let last = try self.world(disk, seed: 3)
        #expect(last.waitingRecords == 0)
    }

    @Test func whatExceedsMemoryIsOnDisk() throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try world(disk, memoryRecordsMax: 50)
        world.openStream()
        for start in stride(from: 0, to: 50, by: 10) {
            world.submit(start..<start + 10)
            world.settle()
        }
        #expect(disk.names.isEmpty)
        for start in stride(from: 50, to: 200, by: 10) {
            world.submit(start..<start + 10)
            world.settle()
        }
        #expect(!segments(disk).isEmpty)
        disk.kill()
        let next = try self.world(disk, seed: 2)
        next.openStream()
        next.settle()
        #expect(try next.takeAll().map(\.value) == Array(0..<200))
    }

    @Test func aCleanStopLeavesTheRestOnDisk() throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try world(disk)
        world.openStream()
        world.submit(0..<10)
        world.settle()
        world.submit(10..<20)
        world.shared.close()
        world.settle()
        #expect(!disk.isHeld)
        let next = try self.world(disk, seed: 2)
        next.openStream()
        next.settle()
        #expect(try next.takeAll().map(\.value) == Array(0..<20))
    }

    @Test func aDiskThatIsFullPausesTheSourcesAndLosesNothing() throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try world(disk)
        let listener = RecordingListener()
        world.attach("source", listener)
        world.openStream()
        world.submit(0..<10)
        world.settle()
        disk.capacityBytes = 0
        world.endStream()
        world.settle()
        #expect(world.journalFailures.last?.kind == .full)
        #expect(listener.demands == [false])
        disk.capacityBytes = .max
        world.advance(.seconds(2))
        #expect(listener.demands == [false, true])
        world.openStream()
        #expect(try world.takeAll().map(\.value) == Array(0..<10))
    }
}
