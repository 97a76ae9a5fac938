package import ConnectorLane
package import ConnectorModel
package import Logging
import ServiceLifecycle
import Synchronization

/// A lane with the target behind it and the sources before it.
package struct TargetLane: Sendable {
    package let lane: Lane
    /// Nil while there is nowhere to send to: rows are journalled.
    package var target: (any Target)?
    package var supervisors: [SourceSupervisor]

    package init(lane: Lane, target: (any Target)?, supervisors: [SourceSupervisor]) {
        self.lane = lane
        self.target = target
        self.supervisors = supervisors
    }
}

/// The lines from sources to targets: runs supervisors and forwarders, changes single ones while the others run on,
/// and stops them in the right order.
package final class Pipeline: Service {
    /// A lane with what ends its parts.
    private struct Line {
        var parts: TargetLane
        var forwarder: Stoppable?
        var sources: [Stoppable] = []
    }

    private typealias Job = @Sendable () async -> Void

    private let lines: Mutex<[Line]>
    private let jobs: AsyncStream<Job>
    private let jobsIn: AsyncStream<Job>.Continuation
    private let logger: Logger
    private let drainLimit: Duration
    private let sourcesStopLimit: Duration
    private let leftBehind: @Sendable ([String]) -> Void

    /// The default target's first.
    package var lanes: [TargetLane] { lines.withLock { $0.map(\.parts) } }
    package var supervisors: [SourceSupervisor] { lanes.flatMap(\.supervisors) }

    /// - Parameters:
    ///   - lanes: one at least.
    ///   - sourcesStopLimit: how long sources may take to stop before the lanes drain without them.
    ///   - drainLimit: how long the lanes may take to deliver what they hold.
    ///   - leftBehind: called with the names of sources that have not stopped when all else has ended and everything
    ///     received is on disk; ``run()`` cannot return before they do.
    package init(
        lanes: [TargetLane], sourcesStopLimit: Duration = .seconds(5), drainLimit: Duration = .seconds(10),
        logger: Logger, leftBehind: @escaping @Sendable ([String]) -> Void = { _ in }
    ) {
        lines = Mutex(lanes.map { Line(parts: $0) })
        (jobs, jobsIn) = AsyncStream.makeStream()
        self.sourcesStopLimit = sourcesStopLimit
        self.drainLimit = drainLimit
        self.logger = logger
        self.leftBehind = leftBehind
    }

    /// Runs until the service group shuts down gracefully: then sources end, the lanes drain within their limit,
    /// and what is left stays in the journals for the next start.
    @concurrent
    package func run() async throws {
        for name in lanes.map(\.lane.name) { start(name) }
        await withDiscardingTaskGroup { group in
            group.addTask {
                // Without sources there still is something to forward. Cancellation ends this wait as well.
                try? await gracefulShutdown()
                self.jobsIn.finish()
            }
            for await job in jobs { group.addTask { await job() } }
            let sources = lines.withLock { $0.flatMap(\.sources) }
            for source in sources { source.stop() }
            await wait(for: sources, atMost: sourcesStopLimit)
            await drain(lanes)
            group.cancelAll()
            let late = supervisors.filter { !$0.snapshot().phase.isOver }.map(\.intake.source.name)
            guard !late.isEmpty, !Task.isCancelled else { return }
            logger.error("does not stop: \(late.joined(separator: ", "))")
            await close(lanes)
            leftBehind(late)
        }
        await close(lanes)
    }

    // MARK: Changes while it runs

    /// Takes a lane in, starts its forwarder and its sources.
    package func begin(_ lane: TargetLane) {
        lines.withLock { $0.append(Line(parts: lane)) }
        start(lane.lane.name)
    }

    /// Ends a lane: its sources stop, it delivers what it can within the limit, and gives its journal back.
    @concurrent
    package func end(lane name: String) async {
        guard let line = line(name) else { return }
        for source in line.sources { source.stop() }
        await wait(for: line.sources, atMost: sourcesStopLimit)
        if line.parts.target != nil { await drain([line.parts]) }
        line.forwarder?.stop()
        await line.forwarder?.waitForEnd()
        await line.parts.lane.close()
        lines.withLock { $0.removeAll { $0.parts.lane.name == name } }
    }

    /// Sends what a lane holds, and all that comes, to another target from now on. Its sources notice nothing.
    @concurrent
    package func change(targetOf name: String, to target: (any Target)?) async {
        guard let forwarder = line(name).map(\.forwarder) else { return }
        forwarder?.stop()
        await forwarder?.waitForEnd()
        change(name) { line in
            line.parts.target = target
            line.forwarder = nil
        }
        startForwarder(of: name)
    }

    /// Ends single sources of a lane.
    @concurrent
    package func end(sources names: Set<String>, of lane: String) async {
        guard let line = line(lane) else { return }
        let ending = zip(line.parts.supervisors, line.sources).filter { names.contains($0.0.intake.source.name) }
        for (_, source) in ending { source.stop() }
        await wait(for: ending.map(\.1), atMost: sourcesStopLimit)
        for (supervisor, _) in ending { line.parts.lane.detach(source: supervisor.intake.source.name) }
        change(lane) { line in
            let kept = zip(line.parts.supervisors, line.sources).filter { !names.contains($0.0.intake.source.name) }
            line.parts.supervisors = kept.map(\.0)
            line.sources = kept.map(\.1)
        }
    }

    /// Starts single sources beside those that a lane has.
    package func begin(_ supervisors: [SourceSupervisor], on lane: String) {
        for supervisor in supervisors {
            let stoppable = Stoppable()
            change(lane) { line in
                line.parts.supervisors.append(supervisor)
                line.sources.append(stoppable)
            }
            guard let line = line(lane) else { return }
            start(supervisor, stoppable, line.parts.lane)
        }
    }

    /// Puts the lanes into the order of these names.
    package func order(_ names: [String]) {
        lines.withLock { lines in
            lines.sort {
                (names.firstIndex(of: $0.parts.lane.name) ?? .max, $0.parts.lane.name)
                    < (names.firstIndex(of: $1.parts.lane.name) ?? .max, $1.parts.lane.name)
            }
        }
    }

    // MARK: Parts

    private func line(_ name: String) -> Line? {
        lines.withLock { $0.first { $0.parts.lane.name == name } }
    }

    private func change(_ name: String, _ body: (inout Line) -> Void) {
        lines.withLock { lines in
            guard let index = lines.firstIndex(where: { $0.parts.lane.name == name }) else { return }
            body(&lines[index])
        }
    }

    private func start(_ name: String) {
        change(name) { $0.sources = $0.parts.supervisors.map { _ in Stoppable() } }
        guard let line = line(name) else { return }
        startForwarder(of: name)
        for (supervisor, stoppable) in zip(line.parts.supervisors, line.sources) {
            start(supervisor, stoppable, line.parts.lane)
        }
    }

    private func startForwarder(of name: String) {
        guard let line = line(name), let target = line.parts.target else { return }
        let forwarder = Stoppable()
        change(name) { $0.forwarder = forwarder }
        start(forwarder) { await line.parts.lane.runForwarder(to: target) }
    }

    private func start(_ supervisor: SourceSupervisor, _ stoppable: Stoppable, _ lane: Lane) {
        lane.attach(
            source: supervisor.intake.source.name, listener: supervisor.intake, policy: supervisor.policy)
        start(stoppable) { await supervisor.run() }
    }

    private func start(_ stoppable: Stoppable, _ body: @escaping Job) {
        if case .terminated = jobsIn.yield({ await stoppable.run(body) }) { stoppable.skip() }
    }

    // MARK: Ends

    /// Lets lanes deliver what they hold, all at the same time.
    private func drain(_ lanes: [TargetLane]) async {
        await withTaskGroup(of: Void.self) { group in
            for lane in lanes where lane.target != nil {
                group.addTask { [drainLimit, logger] in
                    if await lane.lane.drain(within: drainLimit) { return }
                    logger.notice(
                        "not everything could be delivered to \(lane.lane.name); the rest waits in the journal")
                }
            }
        }
    }

    private func close(_ lanes: [TargetLane]) async {
        for lane in lanes { await lane.lane.close() }
    }

    private func wait(for parts: [Stoppable], atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for part in parts { await part.waitForEnd() } }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }
}
