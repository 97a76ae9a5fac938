import ConnectorDeadLetters
import ConnectorJournal
import ConnectorModel
import SimulatedDisk
import TestRandomness
import Testing

@testable import ConnectorLane

/// Records that the target refuses: found among good ones, kept, and everything else passes.
@Suite struct LaneDeadLetterTests {
    /// Delivers everything to a table that refuses batches with a poisonous value.
    private func deliver(
        _ world: LaneWorld, poison: Set<Int>, window: Int = 4
    ) throws -> (rows: [ReceivedRecord], streams: Int) {
        var rows: [ReceivedRecord] = []
        var streams = 0
        while world.snapshot.queuedRecords > 0, streams < 2000 {
            streams += 1
            world.openStream()
            world.settle()
            var underWay: [[ReceivedRecord]] = []
            var acknowledged: Int64 = -1
            var isRefused = false
            while !isRefused {
                while underWay.count < window, let batch = try world.takeBatch() { underWay.append(batch) }
                guard !underWay.isEmpty else { break }
                let batch = underWay.removeFirst()
                if batch.contains(where: { poison.contains($0.value) }) {
                    isRefused = true
                } else {
                    rows += batch
                    acknowledged += 1
                    #expect(world.acknowledge(acknowledged))
                    world.settle()
                }
            }
            world.endStream(0, isRefused ? TargetFailure(.refused, "value out of range") : nil)
            world.settle()
        }
        return (rows, streams)
    }

    private func letters(_ world: LaneWorld) throws -> [DeadLetter] {
        var letters: [DeadLetter] = []
        try world.letters.forEach { stored in
            letters.append(stored.letter)
            return true
        }
        return letters
    }

    @Test func onePoisonousRowAmongTenThousandIsFoundAndTheRestPasses() throws {
        let world = try LaneWorld(
            on: SimulatedDisk(seed: 1), seed: 1, batch: BatchLimits(recordsMax: 500), segmentBytesMax: 1 << 20)
        for start in stride(from: 0, to: 10_000, by: 100) { world.submit(start..<start + 100) }
        world.settle()
        let (rows, streams) = try deliver(world, poison: [5050])
        #expect(rows.map(\.value) == (0..<10_000).filter { $0 != 5050 })
        #expect(Set(rows.map(\.recordID)).count == 9999)
        // A halving for each power of two in five hundred, and what came before and after.
        #expect(streams <= 16)
        let letters = try letters(world)
        #expect(letters.map(\.stage) == [.target])
        #expect(letters.first?.reason == "value out of range")
        #expect(letters.first?.source == "source")
        #expect(letters.first?.recordID.hasSuffix("-5050") == true)
        #expect(letters.first?.prefix == testPrefix("topic of source"))
        let account = world.snapshot.total
        #expect(account.delivered == 9999 && account.deadLetters == 1 && account.dropped == 0)
    }

    @Test(arguments: 0..<20)
    func anyPoisonInAnyOrderIsSortedOut(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let world = try LaneWorld(
            on: SimulatedDisk(seed: seed), seed: seed,
            batch: BatchLimits(recordsMax: Int.random(in: 1...40, using: &random)))
        var value = 0
        while value < 300 {
            let count = Int.random(in: 1...25, using: &random)
            world.submit(value..<value + count)
            value += count
        }
        world.settle()
        let poison = Set(
            (0..<Int.random(in: 0...12, using: &random)).map { _ in Int.random(in: 0..<value, using: &random) })
        let (rows, _) = try deliver(world, poison: poison, window: Int.random(in: 1...6, using: &random))
        #expect(rows.map(\.value) == (0..<value).filter { !poison.contains($0) })
        #expect(try letters(world).count == poison.count)
        #expect(world.snapshot.total.deadLetters == poison.count)
        #expect(world.snapshot.total.delivered == value - poison.count)
    }

    @Test func aRefusedSchemaMovesNothingToTheDeadLetters() throws {
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1)
        world.submit(0..<10)
        world.settle()
        for _ in 0..<50 {
            _ = world.shared.streamRequested(0, now: world.now)
            let wait = world.shared.streamEnded(
                0, TargetFailure(.refused, "no such column"), random: 0, now: world.now)
            #expect(wait == .seconds(30))
            world.settle()
        }
        #expect(world.snapshot.link == "refused: no such column")
        #expect(try letters(world).isEmpty)
        #expect(world.snapshot.queuedRecords == 10)
    }

    @Test func whoRefusesEverythingIsAskedSlowly() throws {
        let world = try LaneWorld(on: SimulatedDisk(seed: 1), seed: 1)
        world.submit(0..<100)
        world.settle()
        var waits: [Duration] = []
        while !(waits.last.map { $0 > .zero } ?? false), waits.count < 200 {
            world.openStream()
            world.settle()
            _ = try world.takeBatch()
            waits.append(world.shared.streamEnded(0, TargetFailure(.refused, "no"), random: 0, now: world.now))
            world.settle()
        }
        #expect(waits.last == .seconds(30))
        #expect(try letters(world).count == RefusalSearch.buriedInARowMax)
        #expect(world.snapshot.queuedRecords == 100)
    }

    @Test func theRecordStaysWhereItIsUntilItsLetterIsDurable() throws {
        let letterDisk = SimulatedDisk(seed: 2)
        let world = try LaneWorld(
            on: SimulatedDisk(seed: 1), seed: 1, letterStorage: SimulatedStorage(letterDisk))
        world.submit([1])
        world.submit([2])
        world.settle()
        letterDisk.capacityBytes = 0
        for _ in 0..<3 {
            world.openStream()
            world.settle()
            if try world.takeBatch() == nil { break }
            world.endStream(0, TargetFailure(.refused, "no"))
            world.settle()
        }
        #expect(try world.takeBatch() == nil)
        #expect(world.snapshot.queuedRecords == 2)
        #expect(world.snapshot.state.hasPrefix("journal fails"))
        letterDisk.capacityBytes = .max
        world.advance(.seconds(2))
        #expect(world.snapshot.total.deadLetters == 1)
        #expect(try world.takeBatch()?.map(\.value) == [2])
    }

    @Test func aCorruptFrameIsKeptAmongTheDeadLettersOnce() throws {
        let disk = SimulatedDisk(seed: 1)
        let letters = SimulatedDisk(seed: 2)
        let world = try LaneWorld(on: disk, seed: 1, segmentBytesMax: 1 << 20)
        for value in 0..<5 {
            world.submit([value], padding: 30)
            world.settle()
        }
        disk.kill()
        let journal = Journal(storage: SimulatedStorage(disk), randomID: { 1 })
        let recovery = try journal.open()
        let first = try #require(recovery.first)
        disk.kill()
        disk.damage("segment-0000000000000001") { $0[first.offset + JournalFormat.frameHeadBytes + 10] ^= 1 }
        for run in 0..<3 {
            let damaged = Journal(storage: SimulatedStorage(disk), randomID: { 1 })
            let found = try damaged.open()
            #expect(found.damage.map(\.kind) == [.corrupt])
            let store = DeadLetterStore(storage: SimulatedStorage(letters), randomID: { UInt64(run + 5) })
            try store.open()
            try store.appendNew(damaged.letters(of: found.damage))
            #expect(store.count == 1)
            try store.forEach { stored in
                #expect(stored.letter.stage == .journal)
                #expect(stored.letter.content.count == found.damage.first?.bytes)
                return true
            }
            disk.kill()
            letters.kill()
        }
    }
}
