import ConnectorJournal
import ConnectorModel
import Foundation
import Logging
import Synchronization
import Testing

@testable import ConnectorLane

/// The lane with its thread, on the real file system, with a target in memory.
@Suite struct LaneTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let retry = RetryLimits(initialDelay: .milliseconds(1), maxDelay: .milliseconds(2))

    /// Lends a directory that is gone afterwards.
    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.path + "/penstock-lane-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    private func lane(
        _ path: String, limits: LaneLimits = LaneLimits(), batch: BatchLimits = BatchLimits()
    ) throws -> Lane {
        try Lane(name: "test", directory: path, limits: limits, batch: batch, retry: retry, logger: logger)
    }

    /// Runs the forwarder while `body` runs.
    private func forwarding(
        _ lane: Lane, to target: ScriptedTarget, _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await lane.runForwarder(to: target) }
            try await body()
            group.cancelAll()
        }
    }

    /// Tickets as they become durable.
    private final class DurableListener: LaneListener {
        private let last = Mutex<UInt64>(0)
        private let news = Gate()

        func durable(upTo ticket: Ticket) {
            last.withLock { $0 = max($0, ticket.number) }
            news.signal()
        }

        func demand(open: Bool) {}

        func wait(for ticket: Ticket) async {
            while last.withLock({ $0 }) < ticket.number { await news.wait() }
        }
    }

    @Test func aHundredThousandRecordsThroughATargetThatAcknowledgesLate() async throws {
        try await withDirectory { path in
            let lane = try lane(path, limits: LaneLimits(memoryRecordsMax: 5000))
            let target = ScriptedTarget([
                .breaks(after: 3, kept: 1), .ends(after: 5), .refused(TargetFailure(.permanent, "not yet")),
            ])
            let prefix = lane.register(prefix: testPrefix("topic"))
            try await forwarding(lane, to: target) {
                for start in stride(from: 0, to: 100_000, by: 250) {
                    _ = lane.submit([testFrame(start..<start + 250, prefix: prefix)], from: "source")
                    if start % 10_000 == 0 { await Task.yield() }
                }
                #expect(await lane.drain(within: .seconds(60)))
            }
            var seen: Set<String> = []
            let unique = target.rows.filter { seen.insert($0.recordID).inserted }.map(\.value)
            #expect(unique == Array(0..<100_000))
            #expect(target.batches.allSatisfy { $0 <= 1000 })
            let snapshot = lane.snapshot()
            #expect(
                snapshot.total == SourceAccount(submitted: 100_000, durable: 100_000, delivered: 100_000))
            #expect(snapshot.queuedRecords == 0)
            #expect(snapshot.damagedRecords == 0)
            #expect(target.opened >= 4)
            await lane.close()
        }
    }

    @Test func whatWasNotDeliveredIsThereAfterARestart() async throws {
        try await withDirectory { path in
            var first: Lane? = try lane(path)
            let listener = DurableListener()
            first?.attach(source: "source", listener: listener)
            let prefix = first?.register(prefix: testPrefix("topic")) ?? 0
            if let ticket = first?.submit([testFrame(0..<50, prefix: prefix)], from: "source") {
                await listener.wait(for: ticket)
            }
            #expect(await first?.drain(within: .milliseconds(1)) == false)
            await first?.close()
            first = nil

            let second = try lane(path)
            #expect(second.register(prefix: testPrefix("topic")) == prefix)
            #expect(second.snapshot().sources["source"]?.waiting == 50)
            let target = ScriptedTarget()
            try await forwarding(second, to: target) {
                _ = second.submit([testFrame(50..<60, prefix: prefix)], from: "source")
                #expect(await second.drain(within: .seconds(60)))
            }
            #expect(second.snapshot().sources["source"]?.waiting == 0)
            #expect(target.rows.map(\.value) == Array(0..<60))
            await second.close()
            let third = try lane(path)
            #expect(third.snapshot().queuedRecords == 0)
            await third.close()
            await third.close()
        }
    }

    @Test func aSecondLaneOnTheSameDirectoryIsRefused() async throws {
        try await withDirectory { path in
            let first = try lane(path)
            #expect(throws: JournalFailure.self) { try lane(path) }
            await first.close()
            await (try lane(path)).close()
        }
    }

    @Test func aLyingTargetReleasesNothing() async throws {
        try await withDirectory { path in
            let lane = try lane(path)
            let prefix = lane.register(prefix: testPrefix("topic"))
            let target = ScriptedTarget([.lies])
            try await forwarding(lane, to: target) {
                _ = lane.submit([testFrame(0..<5, prefix: prefix)], from: "source")
                #expect(await lane.drain(within: .seconds(60)))
            }
            #expect(target.opened >= 2)
            #expect(target.rows.map(\.value) == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4])
            await lane.close()
        }
    }

    @Test func aRefusalIsShownAndNothingIsGivenUp() async throws {
        try await withDirectory { path in
            let lane = try Lane(
                name: "test", directory: path,
                retry: RetryLimits(initialDelay: .seconds(100), maxDelay: .seconds(100)), logger: logger)
            let prefix = lane.register(prefix: testPrefix("topic"))
            let target = ScriptedTarget([.refused(TargetFailure(.permanent, "table plant.raw does not exist"))])
            try await forwarding(lane, to: target) {
                _ = lane.submit([testFrame(0..<5, prefix: prefix)], from: "source")
                while lane.snapshot().failures == 0 { await Task.yield() }
                #expect(lane.snapshot().link == "refused: table plant.raw does not exist")
                #expect(!lane.snapshot().isConnected)
            }
            #expect(lane.snapshot().queuedRecords == 5)
            #expect(lane.snapshot().link == "stopped")
            await lane.close()
        }
    }

    @Test func manySourcesAtOnce() async throws {
        try await withDirectory { path in
            let lane = try lane(path)
            let target = ScriptedTarget()
            try await forwarding(lane, to: target) {
                await withTaskGroup(of: Void.self) { group in
                    for source in 0..<8 {
                        group.addTask {
                            let listener = DurableListener()
                            lane.attach(source: "source \(source)", listener: listener)
                            let prefix = lane.register(prefix: testPrefix("topic \(source)"))
                            for value in 0..<50 {
                                let ticket = lane.submit([testFrame([value], prefix: prefix)], from: "source \(source)")
                                if value % 10 == 0 { await listener.wait(for: ticket) }
                            }
                        }
                    }
                }
                #expect(await lane.drain(within: .seconds(60)))
            }
            for source in 0..<8 {
                #expect(target.rows.filter { $0.topic == "topic \(source)" }.map(\.value) == Array(0..<50))
                #expect(lane.snapshot().sources["source \(source)"]?.delivered == 50)
            }
            await lane.close()
        }
    }
}
