package import ConnectorLane
import ConnectorModel
package import Resilience

extension Pipeline {
    package func snapshot() -> PipelineSnapshot {
        PipelineSnapshot(
            sources: supervisors.map { $0.snapshot() },
            lanes: lanes.map {
                TargetSnapshot(lane: $0.lane.snapshot(), destination: $0.target?.destination ?? "not configured")
            })
    }
}

/// The whole connector at one moment, for pages and metrics.
package struct PipelineSnapshot: Sendable {
    package var sources: [SourceSnapshot]
    /// The default target's first.
    package var lanes: [TargetSnapshot]

    package init(sources: [SourceSnapshot], lanes: [TargetSnapshot]) {
        self.sources = sources
        self.lanes = lanes
    }

    /// Degraded is whatever is down but repairs itself; unhealthy is what can no longer keep readings safe.
    package enum Health: String, Sendable {
        case healthy, degraded, unhealthy
    }

    package var health: Health {
        if storageFailure != nil { return .unhealthy }
        return sources.allSatisfy(\.isRunning) && isConnected ? .healthy : .degraded
    }

    /// Readings taken from all sources since the start.
    package var received: Int { sources.reduce(0) { $0 + $1.intake.counts.all } }
    /// Rows acknowledged by the targets since the start.
    package var acknowledged: Int { sum { $0.total.delivered } }
    /// Rows that are not acknowledged yet.
    package var queuedRecords: Int { sum(\.queuedRecords) }
    package var dropped: Int { sum { $0.total.dropped } }
    package var journalBytes: Int { sum(\.journalBytes) }
    package var tags: Int { sources.reduce(0) { $0 + $1.intake.tags } }
    /// Whether every target has an open stream.
    package var isConnected: Bool { lanes.allSatisfy(\.lane.isConnected) }
    /// The breaker of the target that is worst off.
    package var breaker: CircuitBreaker.State {
        let all = lanes.map(\.lane.breaker)
        return all.contains(.open) ? .open : all.contains(.halfOpen) ? .halfOpen : .closed
    }
    /// Why a journal fails, if one does.
    package var storageFailure: String? { lanes.lazy.compactMap(\.lane.storageFailure).first }

    private func sum(_ value: (LaneSnapshot) -> Int) -> Int { lanes.reduce(0) { $0 + value($1.lane) } }
}

/// A lane and where it leads.
package struct TargetSnapshot: Sendable {
    package var lane: LaneSnapshot
    package var destination: String

    package init(lane: LaneSnapshot, destination: String) {
        self.lane = lane
        self.destination = destination
    }
}
