package import ConnectorLane
package import ConnectorModel
package import Logging
import ServiceLifecycle

/// The line from sources to a target: runs supervisors and forwarder, and stops them in the right order.
package struct Pipeline: Service {
    package let supervisors: [SourceSupervisor]
    package let lane: Lane
    /// Nil while there is nowhere to send to: rows are journalled.
    package let target: (any Target)?
    private let logger: Logger
    private let drainLimit: Duration
    private let sourcesStopLimit: Duration
    private let leftBehind: @Sendable ([String]) -> Void

    /// - Parameters:
    ///   - sourcesStopLimit: how long sources may take to stop before the lane drains without them.
    ///   - drainLimit: how long the lane may take to deliver what it holds.
    ///   - leftBehind: called with the names of sources that have not stopped when all else has ended and everything
    ///     received is on disk; ``run()`` cannot return before they do.
    package init(
        supervisors: [SourceSupervisor], lane: Lane, target: (any Target)?,
        sourcesStopLimit: Duration = .seconds(5), drainLimit: Duration = .seconds(10), logger: Logger,
        leftBehind: @escaping @Sendable ([String]) -> Void = { _ in }
    ) {
        self.supervisors = supervisors
        self.lane = lane
        self.target = target
        self.sourcesStopLimit = sourcesStopLimit
        self.drainLimit = drainLimit
        self.logger = logger
        self.leftBehind = leftBehind
    }

    /// Runs until the service group shuts down gracefully: then sources end, the lane drains within its limit,
    /// and what is left stays in the journal for the next start.
    @concurrent
    package func run() async throws {
        for supervisor in supervisors {
            lane.attach(source: supervisor.intake.source.name, listener: supervisor.intake)
        }
        await withTaskGroup(of: Void.self) { group in
            if let target {
                group.addTask { await lane.runForwarder(to: target) }
            }
            let (sourcesEnd, sourcesEnded) = AsyncStream<Void>.makeStream()
            group.addTask {
                await runSources()
                sourcesEnded.finish()
            }
            // Without sources there still is something to forward. Cancellation ends this wait as well.
            try? await gracefulShutdown()
            await wait(for: sourcesEnd, atMost: sourcesStopLimit)
            if target != nil {
                let isEmpty = await lane.drain(within: drainLimit)
                if !isEmpty { logger.notice("not everything could be delivered; the rest waits in the journal") }
            }
            group.cancelAll()
            let late = supervisors.filter { !$0.snapshot().phase.isOver }.map(\.intake.source.name)
            guard !late.isEmpty, !Task.isCancelled else { return }
            logger.error("does not stop: \(late.joined(separator: ", "))")
            await lane.close()
            leftBehind(late)
        }
        await lane.close()
    }

    /// Runs every supervisor until shutdown.
    private func runSources() async {
        await withTaskGroup(of: Void.self) { group in
            for supervisor in supervisors { group.addTask { await supervisor.run() } }
            try? await gracefulShutdown()
            group.cancelAll()
        }
    }

    private func wait(for end: AsyncStream<Void>, atMost limit: Duration) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in end {} }
            group.addTask { try? await Task.sleep(for: limit) }
            await group.next()
            group.cancelAll()
        }
    }

    package func snapshot() -> PipelineSnapshot {
        PipelineSnapshot(
            sources: supervisors.map { $0.snapshot() }, lane: lane.snapshot(),
            destination: target?.destination ?? "not configured")
    }
}

/// The whole line at one moment, for pages and metrics.
package struct PipelineSnapshot: Sendable {
    package var sources: [SourceSnapshot]
    package var lane: LaneSnapshot
    package var destination: String

    /// Readings taken from all sources since the start.
    package var received: Int { sources.reduce(0) { $0 + $1.intake.counts.all } }
    /// Rows acknowledged by the target since the start.
    package var acknowledged: Int { lane.total.delivered }
    /// Degraded is whatever is down but repairs itself; unhealthy is what can no longer keep readings safe.
    package enum Health: String, Sendable {
        case healthy, degraded, unhealthy
    }

    package var health: Health {
        if lane.storageFailure != nil { return .unhealthy }
        return sources.allSatisfy(\.isRunning) && lane.isConnected ? .healthy : .degraded
    }

    package var tags: Int { sources.reduce(0) { $0 + $1.intake.tags } }
}
