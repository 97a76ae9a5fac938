import ConnectorDeadLetters
import ConnectorJournal
import ConnectorKeys
import ConnectorModel
import Resilience
import SimulatedDisk
import TestRandomness

@testable import ConnectorLane

/// Lane, journal, dead letters and forwarder as one seeded world: sources that repeat what was not promised, a table
/// that acknowledges late, twice or never and refuses some rows, streams that die, a disk that fails, fills up and
/// flips bits, processes that are killed. The checker stands outside and knows only promises and rows.
struct LaneSimulation {
    /// A bug that the checker must find.
    enum Planted: CaseIterable {
        /// Syncs report success and reach nothing.
        case acknowledgeBeforeSync
        /// What was sent is released though the table has not acknowledged it.
        case releaseBeforeAcknowledgement
    }

    /// What goes wrong in a world.
    enum Fault: String, CaseIterable {
        case powerFailure, kill, failedSync, failedWrite, fullDisk, flippedBit, deadStream, refusal
        case lostAcknowledgement, repeatedAcknowledgement
    }

    struct Report {
        var records = 0
        var faults: [Fault: Int] = [:]
        /// Sentences about broken promises.
        var violations: [String] = []

        var allFaults: Int { faults.values.reduce(0, +) }

        mutating func count(_ fault: Fault, _ times: Int = 1) { faults[fault, default: 0] += times }

        mutating func add(_ other: Report) {
            records += other.records
            faults.merge(other.faults, uniquingKeysWith: +)
        }
    }

    /// A source as a broker sees it: what it was not promised it delivers again after a restart.
    private final class Plant {
        let name: String
        var next = 0
        /// Values by ticket of this run.
        var waiting: [(ticket: UInt64, value: Int)] = []
        var repeated: Set<Int> = []
        var promised: Set<Int> = []

        init(_ name: String) {
            self.name = name
        }
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

    /// A stream as the table sees it.
    private struct Stream {
        var unacknowledged: [(offset: Int64, records: [ReceivedRecord])] = []
        var nextOffset: Int64 = 0
        var isConnected = false
    }

    /// A table, and the streams that fill it.
    private struct Table {
        var rows: [ReceivedRecord] = []
        var streams = Array(repeating: Stream(), count: 8)
    }

    private static let runs = 6
    private static let steps = 150
    /// Records of one submission, and with it of a frame.
    private static let frameRecordsMax = 8
    /// Values under one topic, so that new tags come all the time.
    private static let topicValues = 40
    private static let key = DataKey.random()

    private let seed: UInt64
    private let planted: Planted?
    private var random: SeededRandom
    private let disk: SimulatedDisk
    private let letterDisk: SimulatedDisk
    private let plants = ["a", "b", "c"].map(Plant.init)
    private var table = Table()
    private var report = Report()

    init(seed: UInt64, planted: Planted? = nil) {
        self.seed = seed
        self.planted = planted
        random = SeededRandom(seed: seed)
        disk = SimulatedDisk(seed: seed &+ 1)
        letterDisk = SimulatedDisk(seed: seed &+ 2)
    }

    /// Live rows go beside the backlog in every fifth world.
    private var sharesWithLive: Bool { seed % 5 == 2 && planted == nil }
    private var flipsBits: Bool { seed % 4 == 3 && planted == nil }
    /// The table refuses some rows in every third world.
    private func isPoison(_ value: Int) -> Bool { seed % 3 == 1 && planted == nil && value % 61 == 60 }

    static func run(seed: UInt64, planted: Planted? = nil) throws -> Report {
        var simulation = LaneSimulation(seed: seed, planted: planted)
        try simulation.live()
        return simulation.report
    }

    private mutating func live() throws {
        let limits = LaneLimits(
            memoryRecordsMax: Int.random(in: 5...60, using: &random),
            groupBytesMax: Int.random(in: 50...2000, using: &random),
            streams: planted == nil ? Int.random(in: 1...3, using: &random) : 1,
            backlogShare: sharesWithLive ? Double.random(in: 0.1...0.9, using: &random) : 1)
        let retry = RetryLimits(
            breaker: .init(
                failureThreshold: Int.random(in: 1...8, using: &random), openTime: .milliseconds(500),
                successThreshold: Int.random(in: 1...4, using: &random)))
        let batch = BatchLimits(recordsMax: Int.random(in: 1...20, using: &random))
        let sealing = seed % 2 == 0 ? JournalSealing.none : JournalSealing(KeyRing([Self.key], place: "test"))
        for run in 0..<Self.runs {
            let isLast = run == Self.runs - 1
            disk.syncFailureChance = isLast ? 0 : 0.03
            letterDisk.syncFailureChance = disk.syncFailureChance
            disk.liesAboutSync = planted == .acknowledgeBeforeSync && !isLast
            if !isLast { disk.crashAtStep = disk.steps + Int.random(in: 0..<250, using: &random) }
            do {
                let world = try LaneWorld(
                    on: disk, seed: seed &* 101 &+ UInt64(run), limits: limits, batch: batch, retry: retry,
                    segmentBytesMax: 2500,
                    sealing: sealing, letterStorage: SimulatedStorage(letterDisk))
                try live(world, isLast: isLast)
                if isLast { try check(world) }
            } catch is JournalFailure {}
            table.streams = Array(repeating: Stream(), count: table.streams.count)
            // What nobody was promised comes again, in its order.
            for plant in plants { plant.repeated.formUnion(plant.waiting.map(\.value)) }
            end()
        }
        report.records = plants.reduce(0) { $0 + $1.next }
        report.count(.failedSync, disk.failedSyncs + letterDisk.failedSyncs)
    }

    /// The process ends, with or without the power.
    private mutating func end() {
        let powerFails = planted == .acknowledgeBeforeSync || random.chance(0.5)
        report.count(powerFails ? .powerFailure : .kill)
        powerFails ? disk.crash() : disk.kill()
        powerFails ? letterDisk.crash() : letterDisk.kill()
        (disk.capacityBytes, letterDisk.capacityBytes) = (.max, .max)
        (disk.failingWrites, letterDisk.failingWrites) = ([:], [:])
        guard flipsBits, random.chance(0.3) else { return }
        guard let name = disk.names.filter({ $0.hasPrefix("segment-") }).randomElement(using: &random),
            disk.size(of: name) > JournalFormat.bodyStart
        else { return }
        disk.flip(name, at: Int.random(in: JournalFormat.bodyStart..<disk.size(of: name), using: &random))
        report.count(.flippedBit)
    }

    private mutating func live(_ world: LaneWorld, isLast: Bool) throws {
        for plant in plants {
            world.attach(plant.name, PlantListener(plant))
            let again = plant.waiting.map(\.value)
            plant.waiting = []
            for value in again { submit([value], plant, world) }
        }
        for _ in 0..<Self.steps {
            switch Int.random(in: 0..<7, using: &random) {
            case 0, 1:
                let plant = plants[Int.random(in: 0..<plants.count, using: &random)]
                let count = Int.random(in: 1...Self.frameRecordsMax, using: &random)
                plant.next += count
                submit(Array(plant.next - count..<plant.next), plant, world)
            case 2: _ = world.worker.step(now: world.now)
            case 3: world.advance(.milliseconds(Int.random(in: 0...700, using: &random)))
            case 4, 5: try exchange(world, Int.random(in: 0..<world.streams, using: &random))
            default: disturb(world, isLast: isLast)
            }
        }
        guard isLast else { return }
        (disk.capacityBytes, letterDisk.capacityBytes) = (.max, .max)
        world.advance(.seconds(10))
        for _ in 0..<5000 where world.waitingRecords > 0 {
            for stream in 0..<world.streams {
                if !table.streams[stream].isConnected { connect(world, stream) }
                try exchange(world, stream)
                acknowledge(world, stream, count: table.streams[stream].unacknowledged.count)
            }
            world.advance(.milliseconds(200))
        }
        if world.waitingRecords > 0 { report.violations.append("the lane does not come to an end") }
    }

    private func submit(_ values: [Int], _ plant: Plant, _ world: LaneWorld) {
        let topic = "topic of \(plant.name)/\((values.first ?? 0) / Self.topicValues)"
        let ticket = world.submit(values, source: plant.name, topic: topic)
        for value in values { plant.waiting.append((ticket.number, value)) }
    }

    private mutating func disturb(_ world: LaneWorld, isLast: Bool) {
        let stream = Int.random(in: 0..<world.streams, using: &random)
        if random.chance(0.3) { table.streams[stream].isConnected ? streamDies(world, stream) : connect(world, stream) }
        if random.chance(0.05) {
            let full = random.chance(0.8) ? disk : letterDisk
            full.capacityBytes = full.usedBytes
            report.count(.fullDisk)
        } else if random.chance(0.3) {
            (disk.capacityBytes, letterDisk.capacityBytes) = (.max, .max)
        }
        if random.chance(0.03), let name = ["segment-", "tags", "watermark"].randomElement(using: &random) {
            disk.failingWrites[name] = 1
            report.count(.failedWrite)
        }
    }

    private mutating func connect(_ world: LaneWorld, _ stream: Int) {
        // The breaker may want more time.
        guard world.openStream(stream) else { return }
        table.streams[stream] = Stream(isConnected: true)
    }

    private mutating func streamDies(_ world: LaneWorld, _ stream: Int, _ failure: TargetFailure? = nil) {
        report.count(failure == nil ? .deadStream : .refusal)
        // Whether the table kept what it did not acknowledge, nobody knows.
        let unacknowledged = table.streams[stream].unacknowledged
        let kept = failure == nil && planted == nil ? unacknowledged.count / 2 : 0
        report.count(.lostAcknowledgement, kept)
        for (_, records) in unacknowledged.prefix(kept) {
            if records.contains(where: { isPoison($0.value) }) { break }
            table.rows += records
        }
        world.endStream(stream, failure ?? TargetFailure(.transient, "gone"))
        world.settle()
        table.streams[stream] = Stream()
    }

    private mutating func exchange(_ world: LaneWorld, _ stream: Int) throws {
        guard table.streams[stream].isConnected else { return }
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard let batch = try world.takeBatch(stream) else { break }
            let offset = table.streams[stream].nextOffset
            table.streams[stream].unacknowledged.append((offset, batch))
            if planted == .releaseBeforeAcknowledgement { world.acknowledge(offset, on: stream) }
            table.streams[stream].nextOffset += 1
        }
        let most = table.streams[stream].unacknowledged.count
        acknowledge(world, stream, count: Int.random(in: 0...most, using: &random))
    }

    private mutating func acknowledge(_ world: LaneWorld, _ stream: Int, count: Int) {
        for _ in 0..<count {
            guard let (offset, records) = table.streams[stream].unacknowledged.first else { return }
            if records.contains(where: { isPoison($0.value) }) {
                return streamDies(world, stream, TargetFailure(.refused, "value out of range"))
            }
            table.streams[stream].unacknowledged.removeFirst()
            table.rows += records
            if !world.acknowledge(offset, on: stream) { report.violations.append("offset \(offset) was not known") }
            // Some come twice.
            if random.chance(0.1) {
                report.count(.repeatedAcknowledgement)
                _ = world.acknowledge(offset, on: stream)
            }
        }
    }

    // MARK: The checker

    private mutating func check(_ world: LaneWorld) throws {
        var refused: [String: Set<Int>] = [:]
        try world.letters.forEach { stored in
            if stored.letter.stage == .target, let value = testValue(stored.letter.content) {
                refused[stored.letter.source, default: []].insert(value)
            }
            return true
        }
        var missing = 0
        for plant in plants {
            let rows = table.rows.filter { $0.topic.hasPrefix("topic of \(plant.name)/") }
            let arrived = Set(rows.map(\.value))
            let buried = refused[plant.name] ?? []
            let lost = plant.promised.subtracting(arrived).subtracting(buried)
            missing += lost.count
            // A flipped bit costs one frame, and nothing else costs anything.
            if missing > (report.faults[.flippedBit] ?? 0) * Self.frameRecordsMax {
                report.violations.append("\(plant.name) was promised and lost: \(lost.sorted().prefix(5))")
            }
            if plant.promised.count != plant.next {
                report.violations.append("\(plant.name) was promised \(plant.promised.count) of \(plant.next)")
            }
            if let good = buried.first(where: { !isPoison($0) }) {
                report.violations.append("\(good) of \(plant.name) is among the dead letters and was never refused")
            }
            if let bad = arrived.first(where: isPoison) { report.violations.append("\(bad) arrived though refused") }
            checkOrder(rows, plant)
        }
    }

    private mutating func checkOrder(_ rows: [ReceivedRecord], _ plant: Plant) {
        var names: [Int: Set<String>] = [:]
        var seen: Set<String> = []
        var highest: [String: Int] = [:]
        for row in rows {
            names[row.value, default: []].insert(row.recordID)
            // The topic is that of the first value which was submitted together with it.
            let topics = [row.value, max(0, row.value - Self.frameRecordsMax + 1)].map {
                "topic of \(plant.name)/\($0 / Self.topicValues)"
            }
            if !topics.contains(row.topic) {
                report.violations.append("\(row.value) of \(plant.name) arrived under \(row.topic)")
            }
            // Apart from repetitions the rows of a tag are in order.
            guard seen.insert(row.recordID).inserted, !plant.repeated.contains(row.value), !sharesWithLive else {
                continue
            }
            let last = highest[row.topic, default: -1]
            if row.value <= last { report.violations.append("\(row.value) of \(plant.name) came after \(last)") }
            highest[row.topic] = max(last, row.value)
        }
        // The same value under two names only where the source had to repeat it.
        let doubled = names.filter { $0.value.count > 1 }.keys.filter { !plant.repeated.contains($0) }
        if !doubled.isEmpty { report.violations.append("doubled without need: \(doubled.sorted().prefix(5))") }
    }
}
