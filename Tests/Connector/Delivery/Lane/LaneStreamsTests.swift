import ConnectorDeadLetters
import ConnectorModel
import SimulatedDisk
import Testing

@testable import ConnectorLane

/// Several streams to one target: who sends what, and what a death or a late acknowledgement of one means for all.
@Suite struct LaneStreamsTests {
    private static let sources = (0..<12).map { "source \($0)" }

    private func world(
        _ streams: Int = 3, disk: SimulatedDisk = SimulatedDisk(seed: 1), seed: UInt64 = 1, recordsMax: Int = 10,
        memory: Int = 50_000
    ) throws -> LaneWorld {
        try LaneWorld(
            on: disk, seed: seed, limits: LaneLimits(memoryRecordsMax: memory, streams: streams),
            batch: BatchLimits(recordsMax: recordsMax))
    }

    private func submit(_ world: LaneWorld, _ values: Range<Int>) {
        for value in values {
            for source in Self.sources { world.submit([value], source: source) }
        }
        world.settle()
    }

    private func open(_ world: LaneWorld) {
        for stream in 0..<world.streams { world.openStream(stream) }
    }

    @Test func aTagAlwaysUsesTheSameStreamAndAllAreUsed() throws {
        let world = try world()
        open(world)
        submit(world, 0..<20)
        var topics: [Set<String>] = []
        var rows: [ReceivedRecord] = []
        for stream in 0..<3 {
            let sent = try world.takeAll(stream)
            topics.append(Set(sent.map(\.topic)))
            rows += sent
        }
        #expect(topics.allSatisfy { !$0.isEmpty })
        #expect(topics[0].isDisjoint(with: topics[1]) && topics[0].union(topics[1]).isDisjoint(with: topics[2]))
        #expect(rows.count == 240 && Set(rows.map(\.recordID)).count == 240)
        for source in Self.sources {
            #expect(rows.filter { $0.topic == "topic of \(source)" }.map(\.value) == Array(0..<20))
        }
    }

    /// The watermark is what is durable in all streams, whatever the order of their acknowledgements.
    @Test func aFrameIsReleasedWhenAllStreamsHaveDeliveredIt() throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try world(disk: disk)
        open(world)
        submit(world, 0..<10)
        var sent: [[ReceivedRecord]] = []
        for stream in 0..<3 { sent.append(try world.takeAll(stream)) }
        func acknowledgeAll(_ stream: Int) {
            // Full batches of ten, and one with the rest.
            world.acknowledge(Int64((sent[stream].count + 9) / 10 - 1), on: stream)
            world.advance(.seconds(1))
        }
        acknowledgeAll(2)
        acknowledgeAll(0)
        let open = world.snapshot.queuedRecords
        #expect(open >= sent[1].count && open > 100)
        // A kill now repeats what lies behind the slowest stream, and nothing is missing.
        disk.kill()
        let next = try LaneWorld(on: disk, seed: 2, batch: BatchLimits(recordsMax: 1000))
        next.openStream()
        next.settle()
        let again = try next.takeAll()
        #expect(Set(again.map(\.recordID)).isSuperset(of: sent[1].map(\.recordID)))
        next.acknowledge(Int64(next.snapshot.batchesSent - 1))
        #expect(next.snapshot.queuedRecords == 0)
    }

    @Test func allAcknowledgedMeansNothingIsLeft() throws {
        let world = try world()
        open(world)
        submit(world, 0..<10)
        for stream in [1, 2, 0] {
            var offset: Int64 = 0
            while try world.takeBatch(stream) != nil {
                world.acknowledge(offset, on: stream)
                offset += 1
            }
        }
        #expect(world.snapshot.queuedRecords == 0)
        #expect(world.snapshot.total.delivered == 120)
    }

    @Test func aStreamThatDiesSendsAgainExactlyWhatItHadNotDelivered() throws {
        let world = try world()
        open(world)
        submit(world, 0..<20)
        _ = try world.takeAll(0)
        _ = try world.takeAll(2)
        var batches: [[ReceivedRecord]] = []
        while let batch = try world.takeBatch(1) { batches.append(batch) }
        #expect(batches.count > 3)
        world.acknowledge(1, on: 1)
        world.endStream(1)
        world.openStream(1)
        #expect(try world.takeAll(1) == batches[2...].flatMap { $0 })
        // The others have nothing to repeat, and their offsets go on.
        #expect(try world.takeAll(0).isEmpty && world.takeAll(2).isEmpty)
        submit(world, 20..<21)
        #expect(try !world.takeAll(0).isEmpty)
    }

    @Test func rotationOfOneDoesNotDisturbTheOthers() throws {
        let world = try world()
        open(world)
        submit(world, 0..<5)
        _ = try world.takeAll(0)
        world.endStream(1, nil)
        #expect(!world.snapshot.isConnected)
        world.acknowledge(0, on: 0)
        world.openStream(1)
        #expect(world.snapshot.isConnected && world.snapshot.failures == 0)
        #expect(try !world.takeAll(1).isEmpty)
    }

    /// A refused record of one stream is found by that stream alone.
    @Test func poisonOnOneStreamLeavesTheOthersAlone() throws {
        let world = try world(recordsMax: 50)
        submit(world, 0..<100)
        var rows: [ReceivedRecord] = []
        var refusals = 0
        let bad = ("topic of source 3", 57)
        for stream in 0..<3 {
            for _ in 0..<100 {
                world.openStream(stream)
                world.settle()
                var offset: Int64 = 0
                var isRefused = false
                while let batch = try world.takeBatch(stream) {
                    if batch.contains(where: { ($0.topic, $0.value) == bad }) {
                        isRefused = true
                        break
                    }
                    rows += batch
                    world.acknowledge(offset, on: stream)
                    offset += 1
                }
                guard isRefused else { break }
                refusals += 1
                world.endStream(stream, TargetFailure(.refused, "value out of range"))
                world.settle()
            }
        }
        #expect((2...12).contains(refusals))
        #expect(rows.count == 1199 && world.snapshot.queuedRecords == 0)
        #expect(world.snapshot.total.deadLetters == 1 && world.snapshot.total.delivered == 1199)
        var letters: [String] = []
        try world.letters.forEach { stored in
            letters.append("\(stored.letter.source) \(testValue(stored.letter.content) ?? -1)")
            return true
        }
        #expect(letters == ["source 3 57"])
    }

    /// Memory holds what the slowest stream has not delivered, and no more.
    @Test func theFastestStreamWaitsForTheSlowest() throws {
        let world = try world(memory: 24)
        open(world)
        submit(world, 0..<50)
        var fast = 0
        for _ in 0..<100 {
            for stream in [0, 2] {
                var offset = Int64(-1)
                while let batch = try world.takeBatch(stream) {
                    offset += 1
                    fast += batch.count
                }
            }
            world.settle()
        }
        #expect(fast < 24 && world.snapshot.memoryRecords <= 24)
    }

    /// Whoever restarts with another number of streams misses nothing.
    @Test(arguments: [1, 2, 7])
    func theNumberOfStreamsMayChange(streams: Int) throws {
        let disk = SimulatedDisk(seed: 1)
        let world = try world(disk: disk)
        open(world)
        submit(world, 0..<10)
        _ = try world.takeAll(1)
        world.acknowledge(0, on: 1)
        world.advance(.seconds(1))
        disk.kill()
        let next = try self.world(streams, disk: disk, seed: 2)
        open(next)
        next.settle()
        var values: [String: [Int]] = [:]
        for stream in 0..<streams {
            for row in try next.takeAll(stream) { values[row.topic, default: []].append(row.value) }
        }
        #expect(values.count == 12 && values.values.allSatisfy { $0 == Array(0..<10) })
    }

    /// The tag decides, not what else its constant part holds.
    @Test func aChangedUnitMovesNoTag() {
        let identity = RecordLayout.rawEvents.identity
        func prefix(_ topic: String, unit: String) -> [UInt8] {
            testPrefix(topic) + [0x52, UInt8(unit.utf8.count)] + unit.utf8
        }
        func stream(_ prefix: [UInt8]) -> Int? {
            (0..<5).first { stream in
                prefix.withUnsafeBytes { StreamTags(stream: stream, streams: 5, identity: identity).contains($0) }
            }
        }
        var used: Set<Int> = []
        for number in 0..<100 {
            let (before, after) = (stream(prefix("t\(number)", unit: "kW")), stream(prefix("t\(number)", unit: "W")))
            #expect(before == after && before != nil)
            if let before { used.insert(before) }
        }
        #expect(used.count == 5)
        // Bytes that are no record belong somewhere all the same.
        #expect(stream([0xFF, 0xFF]) != nil)
    }
}
