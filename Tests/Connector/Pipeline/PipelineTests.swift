import ConnectorLane
import ConnectorModel
import ConnectorPipeline
import Logging
import Resilience
import ServiceLifecycle
import Synchronization
import TestKit
import Testing

/// The order in which the line stops: sources, lane, forwarder.
@Suite(.timeLimit(.minutes(1))) struct PipelineTests {
    private static let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    /// Delivers ten readings, then waits for the order to stop and delivers one last reading.
    private struct Ending: Source {
        let identity = SourceIdentity(name: "ending", protocolType: "test", endpoint: "x", statusName: { _ in "Good" })

        func run(_ intake: Intake) async throws {
            let tag = intake.define(TagDefinition(address: "a"))
            intake.connected()
            intake.deliver { frame in
                for number in 0..<10 { frame.append(Reading(.int(Int64(number)), .int16), of: tag) }
            }
            do {
                try await Task.sleep(for: .seconds(600))
            } catch {
                intake.deliver { $0.append(Reading(.int(10), .int16), of: tag) }
                throw error
            }
        }
    }

    /// Delivers a reading and does not hear the order to stop.
    private final class Deaf: Source {
        let identity = SourceIdentity(name: "deaf", protocolType: "test", endpoint: "x", statusName: { _ in "Good" })
        private let release = AsyncStream<Void>.makeStream()

        func run(_ intake: Intake) async throws {
            let tag = intake.define(TagDefinition(address: "a"))
            intake.connected()
            intake.deliver { $0.append(Reading(.int(1), .int16), of: tag) }
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                release.continuation.onTermination = { _ in continuation.resume() }
            }
        }

        func letGo() { release.continuation.finish() }
    }

    /// Takes and acknowledges everything, unless it is unreachable.
    private final class Memory: Target {
        let destination = "memory"
        let isReachable: Bool
        let rows = Atomic(0)
        init(isReachable: Bool = true) { self.isReachable = isReachable }

        func withStream(_ body: @Sendable (any TargetStream) async throws -> Void) async throws {
            guard isReachable else { throw TargetFailure(.transient, "unreachable") }
            try await body(Stream(target: self))
        }

        private final class Stream: TargetStream {
            let target: Memory
            let acknowledgements = AsyncStream<Int64>.makeStream()
            let sent = Atomic<Int64>(0)
            init(target: Memory) { self.target = target }

            func send(_ batch: RecordBatch) async throws {
                target.rows.add(batch.count, ordering: .relaxed)
                acknowledgements.continuation.yield(sent.add(1, ordering: .relaxed).oldValue)
            }

            func nextAcknowledgement() async throws -> Int64? {
                for await offset in acknowledgements.stream { return offset }
                return nil
            }
        }
    }

    private func lane(_ folder: String) throws -> Lane {
        try Lane(name: "main", directory: folder + "/journal", logger: Self.logger)
    }

    private func supervisor(_ source: any Source, _ lane: Lane) -> SourceSupervisor {
        SourceSupervisor(
            source: source, intake: Intake(source: source.identity, layout: .rawEvents, sink: lane),
            backoff: Backoff(), emitQualityOnDisconnect: true, logger: Self.logger)
    }

    /// Runs a pipeline, orders it to stop once `isReady`, and waits for its end.
    private func run(_ pipeline: Pipeline, untilReady isReady: @escaping @Sendable () -> Bool) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: pipeline, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: Self.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            while !isReady() { try await Task.sleep(for: .milliseconds(2)) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func whatASourceDeliversWhileItStopsIsStillDelivered() async throws {
        try await withTemporaryDirectory { folder in
            let lane = try lane(folder)
            let supervisor = supervisor(Ending(), lane)
            let target = Memory()
            let pipeline = Pipeline(
                lanes: [TargetLane(lane: lane, target: target, supervisors: [supervisor])], logger: Self.logger)
            try await run(pipeline) { supervisor.snapshot().isRunning }
            #expect(target.rows.load(ordering: .relaxed) == 11)
            #expect(supervisor.snapshot().phase == .stopped)
            let snapshot = pipeline.snapshot()
            #expect(snapshot.acknowledged == 11 && snapshot.queuedRecords == 0)
        }
    }

    @Test func whatCannotBeDeliveredInTimeWaitsForTheNextStart() async throws {
        try await withTemporaryDirectory { folder in
            do {
                let lane = try lane(folder)
                let supervisor = supervisor(Ending(), lane)
                let pipeline = Pipeline(
                    lanes: [TargetLane(lane: lane, target: Memory(isReachable: false), supervisors: [supervisor])],
                    drainLimit: .milliseconds(20), logger: Self.logger)
                try await run(pipeline) { supervisor.snapshot().isRunning }
                #expect(pipeline.snapshot().queuedRecords == 11)
            }
            let lane = try lane(folder)
            let target = Memory()
            let pipeline = Pipeline(
                lanes: [TargetLane(lane: lane, target: target, supervisors: [])], logger: Self.logger)
            try await run(pipeline) { target.rows.load(ordering: .relaxed) == 11 }
        }
    }

    /// Without a target there is nothing to wait for: rows are journalled.
    @Test func withoutATargetRowsAreJournalled() async throws {
        try await withTemporaryDirectory { folder in
            let lane = try lane(folder)
            let supervisor = supervisor(Ending(), lane)
            let pipeline = Pipeline(
                lanes: [TargetLane(lane: lane, target: nil, supervisors: [supervisor])], logger: Self.logger)
            try await run(pipeline) { supervisor.snapshot().isRunning }
            let snapshot = pipeline.snapshot()
            #expect(snapshot.queuedRecords == 11 && snapshot.lanes[0].lane.pendingRecords == 0)
            #expect(snapshot.lanes[0].destination == "not configured" && snapshot.health == .degraded)
        }
    }

    @Test func aSourceThatDoesNotStopHoldsUpNobody() async throws {
        try await withTemporaryDirectory { folder in
            let lane = try lane(folder)
            let deaf = Deaf()
            let supervisors = [supervisor(deaf, lane), supervisor(Ending(), lane)]
            let target = Memory()
            let left = Mutex<(names: [String], rows: Int)>(([], 0))
            let pipeline = Pipeline(
                lanes: [TargetLane(lane: lane, target: target, supervisors: supervisors)],
                sourcesStopLimit: .milliseconds(50),
                logger: Self.logger
            ) { names in
                // All that was received is safe by now.
                left.withLock { $0 = (names, target.rows.load(ordering: .relaxed)) }
                deaf.letGo()
            }
            try await run(pipeline) { supervisors.allSatisfy { $0.snapshot().isRunning } }
            #expect(left.withLock { $0.names } == ["deaf"])
            #expect(left.withLock { $0.rows } == 12)
        }
    }
}
