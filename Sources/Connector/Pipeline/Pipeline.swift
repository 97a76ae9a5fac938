package import ConnectorLane
package import ConnectorModel
package import Logging
import ServiceLifecycle

/// A lane with the target behind it and the sources before it.
package struct TargetLane: Sendable {
    package let lane: Lane
    /// Nil while there is nowhere to send to: rows are journalled.
    package let target: (any Target)?
    package let supervisors: [SourceSupervisor]

    package init(lane: Lane, target: (any Target)?, supervisors: [SourceSupervisor]) {
        self.lane = lane
        self.target = target
        self.supervisors = supervisors
    }
}

/// The lines from sources to targets: runs supervisors and forwarders, and stops them in the right order.
package struct Pipeline: Service {
    /// The default target's first.
    package let lanes: [TargetLane]
    private let logger: Logger
    private let drainLimit: Duration
    private let sourcesStopLimit: Duration
    private let leftBehind: @Sendable ([String]) -> Void

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
        self.lanes = lanes
        self.sourcesStopLimit = sourcesStopLimit
        self.drainLimit = drainLimit
        self.logger = logger
        self.leftBehind = leftBehind
    }

    /// Runs until the service group shuts down gracefully: then sources end, the lanes drain within their limit,
    /// and what is left stays in the journals for the next start.
    @concurrent
    package func run() async throws {
        for lane in lanes {
            for supervisor in lane.supervisors {
                lane.lane.attach(
                    source: supervisor.intake.source.name, listener: supervisor.intake, policy: supervisor.policy)
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for lane in lanes {
                guard let target = lane.target else { continue }
                group.addTask { await lane.lane.runForwarder(to: target) }
            }
            let (sourcesEnd, sourcesEnded) = AsyncStream<Void>.makeStream()
            group.addTask {
                await runSources()
                sourcesEnded.finish()
            }
            // Without sources there still is something to forward. Cancellation ends this wait as well.
            try? await gracefulShutdown()
            await wait(for: sourcesEnd, atMost: sourcesStopLimit)
            await drain()
            group.cancelAll()
            let late = supervisors.filter { !$0.snapshot().phase.isOver }.map(\.intake.source.name)
            guard !late.isEmpty, !Task.isCancelled else { return }
            logger.error("does not stop: \(late.joined(separator: ", "))")
            await close()
            leftBehind(late)
        }
        await close()
    }

    /// Lets every lane deliver what it holds, all at the same time.
    private func drain() async {
        await withTaskGroup(of: Void.self) { group in
            for lane in lanes where lane.target != nil {
                group.addTask {
                    if await lane.lane.drain(within: drainLimit) { return }
                    logger.notice(
                        "not everything could be delivered to \(lane.lane.name); the rest waits in the journal")
                }
            }
        }
    }

    private func close() async {
        for lane in lanes { await lane.lane.close() }
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
}
