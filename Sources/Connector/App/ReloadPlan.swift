import ConnectorConfiguration

/// What is to change in a running connector so that it does what new settings say, and nothing else.
///
/// A lane stays when name and settings of the lane stay; when only the way to its table is another one its forwarder is
/// replaced, and its sources notice nothing. A source stays when its settings and its lane stay.
struct ReloadPlan: Equatable {
    struct Sources: Equatable {
        var lane: String
        var names: Set<String>
    }

    /// Lanes that end, with their sources.
    var ended: [String] = []
    /// Lanes that begin, with their sources.
    var begun: [String] = []
    /// Lanes whose target is reached in another way.
    var retargeted: [String] = []
    /// Sources that end or begin on lanes that stay.
    var stopped: [Sources] = []
    var started: [Sources] = []
    /// Keys that were changed and take effect with the next start only.
    var needRestart: [String] = []

    var isEmpty: Bool { self == ReloadPlan() }

    init() {}

    init(from old: ConnectorSettings, to new: ConnectorSettings) {
        if old.stateDirectory != new.stateDirectory { needRestart.append("state_directory") }
        if old.web != new.web { needRestart.append("web_ui") }
        if old.metrics != new.metrics { needRestart.append("monitoring.prometheus") }
        if old.logLevel != new.logLevel { needRestart.append("logging.level") }
        if old.renewBeforeDays != new.renewBeforeDays { needRestart.append("certificates.renew_before_days") }
        if old.lane.encryption != new.lane.encryption { needRestart.append("backpressure.disk_spool.encryption") }
        let (before, after) = (old.routes, new.routes)
        for route in before where !Self.stays(route, in: after, old.lane, new.lane) { ended.append(route.name) }
        for route in after {
            guard let was = before.first(where: { $0.name == route.name }), !ended.contains(route.name) else {
                begun.append(route.name)
                continue
            }
            if was.target != route.target { retargeted.append(route.name) }
            compare(
                was.sources.filter(\.enabled), route.sources.filter(\.enabled), on: route.name,
                // Tags are named when they are defined, which is once for each start of their source.
                areRenamed: old.normalization != new.normalization)
        }
    }

    private static func stays(
        _ route: TargetRoute, in others: [TargetRoute], _ lane: LaneSettings, _ otherLane: LaneSettings
    ) -> Bool {
        guard lane == otherLane, let other = others.first(where: { $0.name == route.name }) else { return false }
        return other.target.layout == route.target.layout && other.target.streams == route.target.streams
    }

    private mutating func compare(
        _ old: [SourceSettings], _ new: [SourceSettings], on lane: String, areRenamed: Bool
    ) {
        let stopping = old.filter { areRenamed || !new.contains($0) }.map(\.name)
        let starting = new.filter { areRenamed || !old.contains($0) }.map(\.name)
        if !stopping.isEmpty { stopped.append(Sources(lane: lane, names: Set(stopping))) }
        if !starting.isEmpty { started.append(Sources(lane: lane, names: Set(starting))) }
    }
}
