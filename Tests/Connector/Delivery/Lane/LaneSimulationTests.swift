import ConnectorJournal
import ConnectorKeys
import ConnectorModel
import SimulatedDisk
import Testing

@testable import ConnectorLane

/// Lane, journal and forwarder as one seeded world: sources that repeat what was not promised, a target that
/// acknowledges late and dies, a disk that fails, processes that are killed. The checker stands outside.
@Suite struct LaneSimulationTests {
    /// A source as a broker sees it: what it was not promised it delivers again after a restart.
    private final class Plant {
        var next = 0
        /// Values by ticket of this run.
        var waiting: [(ticket: UInt64, value: Int)] = []
        var repeated: Set<Int> = []
        var promised: Set<Int> = []
    }

    private final class PlantListener: LaneListener, @unchecked Sendable {
        // One thread only.
        let plant: Plant
        init(_ plant: Plant) { self.plant = plant }

        func durable(upTo ticket: Ticket) {
            for entry in plant.waiting where entry.ticket <= ticket.number { plant.promised.insert(entry.value) }
            plant.waiting.removeAll { $0.ticket <= ticket.number }
        }

        func demand(open: Bool) {}
    }

    /// A table, and the stream that fills it.
    private struct Table {
        var rows: [ReceivedRecord] = []
        var unacknowledged: [(offset: Int64, records: [ReceivedRecord])] = []
        var nextOffset: Int64 = 0
        var isConnected = false
    }

    private let sources = ["a", "b", "c"]
    private let sealing = JournalSealing(KeyRing([DataKey.random()], place: "test"))

    @Test(arguments: 0..<100)
    func nothingPromisedIsLostNothingElseIsDoubled(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let disk = SimulatedDisk(seed: seed &+ 1)
        let plants = sources.map { _ in Plant() }
        var table = Table()
        let limits = LaneLimits(
            memoryRecordsMax: Int.random(in: 5...60, using: &random),
            groupBytesMax: Int.random(in: 50...2000, using: &random))
        let batch = BatchLimits(recordsMax: Int.random(in: 1...20, using: &random))
        for run in 0..<5 {
            disk.syncFailureChance = run == 4 ? 0 : 0.03
            if run < 4 { disk.crashAtStep = disk.steps + Int.random(in: 0..<150, using: &random) }
            do {
                let world = try LaneWorld(
                    on: disk, seed: seed &* 101 &+ UInt64(run), limits: limits, batch: batch,
                    segmentBytesMax: 2500, sealing: seed % 2 == 0 ? .none : sealing)
                try live(world, plants, &table, &random, isLast: run == 4)
            } catch is JournalFailure {}
            table.isConnected = false
            for plant in plants {
                // What nobody was promised comes again, in its order.
                plant.repeated.formUnion(plant.waiting.map(\.value))
            }
            random.chance(0.5) ? disk.crash() : disk.kill()
        }
        try check(plants, table)
    }

    private func live(
        _ world: LaneWorld, _ plants: [Plant], _ table: inout Table, _ random: inout SeededRandom, isLast: Bool
    ) throws {
        for (source, plant) in zip(sources, plants) {
            world.attach(source, PlantListener(plant))
            let again = plant.waiting.map(\.value)
            plant.waiting = []
            for value in again { submit([value], source, plant, world) }
        }
        for _ in 0..<120 {
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                let index = Int.random(in: 0..<sources.count, using: &random)
                let count = Int.random(in: 1...8, using: &random)
                let first = plants[index].next
                plants[index].next += count
                submit(Array(first..<first + count), sources[index], plants[index], world)
            case 2: _ = world.worker.step(now: world.now)
            case 3: world.advance(.milliseconds(Int.random(in: 0...700, using: &random)))
            case 4: try exchange(world, &table, &random)
            default: if random.chance(0.2) { connectOrDie(world, &table) }
            }
        }
        guard isLast else { return }
        connectOrDie(world, &table)
        if !table.isConnected { connectOrDie(world, &table) }
        world.advance(.seconds(10))
        while let batch = try world.takeBatch() {
            table.unacknowledged.append((table.nextOffset, batch))
            table.nextOffset += 1
            acknowledge(world, &table, count: table.unacknowledged.count)
            world.advance(.milliseconds(200))
        }
        #expect(world.snapshot.queuedRecords == 0)
    }

    private func submit(_ values: [Int], _ source: String, _ plant: Plant, _ world: LaneWorld) {
        let ticket = world.submit(values, source: source)
        for value in values { plant.waiting.append((ticket.number, value)) }
    }

    private func connectOrDie(_ world: LaneWorld, _ table: inout Table) {
        if table.isConnected {
            // Whether the target kept what it did not acknowledge, nobody knows.
            for (_, records) in table.unacknowledged.dropLast(table.unacknowledged.count / 2) { table.rows += records }
            world.endStream()
        } else {
            world.openStream()
        }
        table.unacknowledged = []
        table.nextOffset = 0
        table.isConnected.toggle()
    }

    private func exchange(_ world: LaneWorld, _ table: inout Table, _ random: inout SeededRandom) throws {
        guard table.isConnected else { return }
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            guard let batch = try world.takeBatch() else { break }
            table.unacknowledged.append((table.nextOffset, batch))
            table.nextOffset += 1
        }
        acknowledge(world, &table, count: Int.random(in: 0...table.unacknowledged.count, using: &random))
    }

    private func acknowledge(_ world: LaneWorld, _ table: inout Table, count: Int) {
        guard count > 0 else { return }
        for (_, records) in table.unacknowledged.prefix(count) { table.rows += records }
        let offset = table.unacknowledged[count - 1].offset
        table.unacknowledged.removeFirst(count)
        #expect(world.acknowledge(offset))
        // Some come twice.
        #expect(world.acknowledge(offset))
    }

    private func check(_ plants: [Plant], _ table: Table) throws {
        for (source, plant) in zip(sources, plants) {
            let rows = table.rows.filter { $0.topic == "topic of \(source)" }
            let missing = plant.promised.subtracting(rows.map(\.value))
            #expect(missing == [])
            #expect(plant.promised.count == plant.next)
            var names: [Int: Set<String>] = [:]
            var seen: Set<String> = []
            var highest = -1
            for row in rows {
                names[row.value, default: []].insert(row.recordID)
                // Apart from repetitions the rows are in order.
                if seen.insert(row.recordID).inserted, !plant.repeated.contains(row.value) {
                    #expect(row.value > highest)
                    highest = max(highest, row.value)
                }
            }
            // The same value under two names only where the source had to repeat it.
            let doubled = names.filter { $0.value.count > 1 }.map(\.key).filter { !plant.repeated.contains($0) }
            #expect(doubled == [])
        }
    }
}
