import Logging
import NIOCore
import NIOPosix
import OPCUAClient
import OPCUAServer
import OPCUATypes
import Synchronization
import Testing

@testable import OPCUASoak

/// What the soak program counts, on a small scale.
@Suite struct SoakTests {
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A message with the same tick for items 0 up to `items`.
    private func message(_ number: UInt32, tick: Double, items: UInt32) throws -> NotificationReader {
        var body = BinaryWriter()
        body.write(Int32(items))
        for handle in 0..<items { body.writeNotification(clientHandle: handle, value: DataValue(.double(tick))) }
        body.write(-1 as Int32)
        let object = ExtensionObject(
            typeId: NodeId(DataChangeNotification.binaryEncodingId),
            body: .binary(ByteString(Array(body.buffer.readableBytesView))))
        var writer = BinaryWriter()
        NotificationMessage(sequenceNumber: number, notificationData: [object]).encode(to: &writer)
        var end = 0
        return try NotificationReader(writer.buffer, end: &end)
    }

    @Test func gapsRepeatsAndSequenceAreSeen() throws {
        var counter = ItemCounter(items: 3)
        try counter.received(message(1, tick: 7, items: 3), of: 1)
        #expect(counter.counts.gaps == 0, "an item may begin anywhere")
        try counter.received(message(2, tick: 8, items: 3), of: 1)
        #expect(counter.counts.values == 6 && counter.counts.gaps == 0 && counter.itemsSeen == 3)
        // Item 2 misses tick 9; message 4 does not come.
        try counter.received(message(3, tick: 9, items: 2), of: 1)
        try counter.received(message(5, tick: 10, items: 3), of: 1)
        #expect(counter.counts.gaps == 1 && counter.counts.missing == 1 && counter.counts.sequenceGaps == 1)
        try counter.received(message(6, tick: 10, items: 1), of: 1)
        #expect(counter.counts.repeats == 1 && counter.counts.lastTick == 10)
        // Not a tick; a handle that nobody has.
        try counter.received(message(7, tick: 0.5, items: 1), of: 1)
        try counter.received(message(8, tick: 11, items: 4), of: 1)
        #expect(counter.counts.bad == 2)
    }

    /// A message in which each item has a time of its own, in microseconds of UTC.
    private func message(times: [Int64?]) throws -> NotificationReader {
        var body = BinaryWriter()
        body.write(Int32(times.count))
        for (handle, time) in times.enumerated() {
            body.writeNotification(
                clientHandle: UInt32(handle),
                value: DataValue(.double(1), sourceTimestamp: time.map { DateTime(utcMicroseconds: $0) }))
        }
        body.write(-1 as Int32)
        let object = ExtensionObject(
            typeId: NodeId(DataChangeNotification.binaryEncodingId),
            body: .binary(ByteString(Array(body.buffer.readableBytesView))))
        var writer = BinaryWriter()
        NotificationMessage(sequenceNumber: 1, notificationData: [object]).encode(to: &writer)
        var end = 0
        return try NotificationReader(writer.buffer, end: &end)
    }

    @Test func valuesOfTheSpanAreOnTimeOrLate() throws {
        let (second, start): (Int64, Int64) = (1_000_000, 1_700_000_000_000_000)
        var counter = TimelyCounter(items: 3, time: .source, allowed: second)
        counter.count(start..<start + 2 * second)
        // Before the span: seen, not counted. The third has no time yet.
        try counter.received(message(times: [start - 1, start - 1, nil]), of: 1, now: start)
        #expect(counter.itemsSeen == 2 && counter.values == 0 && counter.bad == 1)
        // One on time to the microsecond, one late by a microsecond of time more, one at once.
        try counter.received(message(times: [start + 1, start, start + second]), of: 1, now: start + second + 1)
        #expect(counter.values == 3 && counter.onTime == 2 && counter.itemsSeen == 3)
        #expect(counter.worst == second + 1)
        // Again the same, and what lies behind the span.
        try counter.received(message(times: [start + 1, start + 2 * second]), of: 1, now: start + 2 * second)
        #expect(counter.values == 3 && counter.repeats == 1)
        #expect(counter.lateness(atShare: 0.3) == 0 && counter.lateness(atShare: 1) == 1000)
    }

    @Test func theValueCanBeTheTime() throws {
        var counter = TimelyCounter(items: 1, time: .value, allowed: 1_000_000)
        counter.count(0..<Int64.max)
        try counter.received(message(1, tick: 0, items: 1), of: 1, now: 0)
        #expect(counter.bad == 1)
        try counter.received(message(2, tick: 1.7e15, items: 1), of: 1, now: 1_700_000_000_250_000)
        #expect(counter.onTime == 1 && counter.lateness(atShare: 0.99) == 250)
    }

    /// 1,000 items that change every 50 ms for three seconds: everything comes, once and in order.
    @Test func nothingIsLostOnTheWay() async throws {
        let tags = 1_000
        let configuration = ServerConfiguration(port: 0, applicationName: "soak", applicationURI: "urn:soak")
        let plant = try CountingPlant(
            tags: tags, configuration: configuration, group: MultiThreadedEventLoopGroup.singleton,
            logger: Self.logger)
        let (ports, listening) = AsyncStream<Int>.makeStream()
        let outcome = Mutex(ItemCounts())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await plant.server.run { listening.yield($0.port ?? 0) } }
            for await port in ports {
                let subscriber = Subscriber(
                    configuration: OPCUAClientConfiguration(endpoint: try OPCUAEndpoint("opc.tcp://127.0.0.1:\(port)")),
                    tags: tags, publishingMilliseconds: 100)
                try await subscriber.run { receiver in
                    for tick in 1...60 {
                        plant.tick(tick, at: DateTime(ticks: Int64(tick)))
                        try await Task.sleep(for: .milliseconds(50))
                        // Never further ahead than the queues of the items hold.
                        while receiver.counts.lastTick + 5 < tick { try await Task.sleep(for: .milliseconds(10)) }
                    }
                    while receiver.counts.lastTick < 60 || receiver.counts.values < 60 * tags {
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    outcome.withLock { $0 = receiver.counts }
                }
                break
            }
            group.cancelAll()
        }
        let counts = outcome.withLock { $0 }
        // Items may show "waiting for initial data" before the first tick.
        #expect(counts.values - counts.bad == 60 * tags)
        #expect(counts.gaps == 0 && counts.repeats == 0 && counts.sequenceGaps == 0 && counts.lost == 0)
        #expect(counts.lastTick == 60)
    }
}
