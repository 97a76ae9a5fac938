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
