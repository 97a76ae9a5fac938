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

    /// Sources are asked to stop before anything is drained; they have this long.
    private static let sourcesStopLimit = Duration.seconds(5)

    package init(
        supervisors: [SourceSupervisor], lane: Lane, target: (any Target)?, drainLimit: Duration = .seconds(10),
        logger: Logger
    ) {
        self.supervisors = supervisors
        self.lane = lane
        self.target = target
        self.drainLimit = drainLimit
        self.logger = logger
    }

    /// Runs until the service group shuts down gracefully: then sources end, the lane drains within its limit,
    /// and what is left stays in the journal for the next start.
    @concurrent
    package func run() async throws {
        for supervisor in supervisors {
            lane.attach(source: supervisor.intake.source.name, listener: supervisor.intake)
        }
        await withTaskGroup(of: Void.self) { forwarding in
            if let target {
                forwarding.addTask { await lane.runForwarder(to: target) }
            }
            await runSources()
            if target != nil {
                let isEmpty = await lane.drain(within: drainLimit)
                if !isEmpty { logger.notice("not everything could be delivered; the rest waits in the journal") }
            }
            forwarding.cancelAll()
        }
        await lane.close()
    }

    /// Runs every supervisor until shutdown; a source that does not end in time is left behind.
    private func runSources() async {
        await withTaskGroup(of: Void.self) { group in
            for supervisor in supervisors { group.addTask { await supervisor.run() } }
            // Without sources there still is something to forward.
            try? await gracefulShutdown()
            group.cancelAll()
            group.addTask { try? await Task.sleep(for: Self.sourcesStopLimit) }
            await group.waitForAll()
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
