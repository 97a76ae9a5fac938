import CommandSupport
import ConnectorConfiguration
import ConnectorJournal
import ConnectorLane
import ConnectorModel
import ConnectorNormalization
import ConnectorPipeline
import Foundation
import LocalTableAdapter
import Logging
import Resilience
import ZerobusAdapter

/// Makes lanes, targets and sources from settings.
struct LineBuilder {
    var settings: ConnectorSettings
    /// The key ring of what is written to disk.
    let sealing: JournalSealing
    /// Whose each tag path is, over all sources.
    let paths: TagPathRegistry
    let logger: Logger

    /// A lane with its target and its enabled sources.
    func line(for route: TargetRoute) throws -> TargetLane {
        let lane = try openLane(for: route)
        return TargetLane(
            lane: lane, target: target(route.target),
            supervisors: route.sources.filter(\.enabled).map {
                supervisor(for: $0, lane: lane, layout: route.target.layout)
            })
    }

    private func openLane(for route: TargetRoute) throws -> Lane {
        let lane = settings.lane
        let directory = lane.directory ?? settings.stateDirectory + "/journal"
        do {
            return try Lane(
                name: route.name, directory: "\(directory)/\(route.name)",
                store: !lane.usesDisk ? .memory : lane.durability == .journal ? .journal : .memoryThenDisk,
                limits: LaneLimits(
                    memoryRecordsMax: lane.memoryRecordsMax,
                    journalBytesMax: lane.journalMegabytesMax.multipliedReportingOverflow(by: 1_048_576).partialValue,
                    recordsMax: lane.usesDisk ? nil : lane.memoryRecordsMax, policy: SourcePolicy(drop: lane.policy),
                    streams: route.target.streams, backlogShare: lane.backlogShare),
                batch: BatchLimits(
                    recordsMax: lane.batchRecordsMax, bytesMax: lane.batchBytesMax, linger: lane.linger,
                    rateLimit: lane.targetRateLimit,
                    layout: route.target.layout),
                retry: RetryLimits(
                    initialDelay: lane.retry.initialDelay, maxDelay: lane.retry.maxDelay,
                    multiplier: lane.retry.multiplier,
                    breaker: CircuitBreaker.Limits(
                        failureThreshold: lane.breaker.failureThreshold, openTime: lane.breaker.openTime,
                        successThreshold: lane.breaker.successThreshold)),
                sealing: sealing,
                letters: DeadLetterPlace(
                    directory: lane.usesDisk ? "\(settings.stateDirectory)/deadletters/\(route.name)" : nil,
                    bytesMax: lane.deadLettersMegabytesMax.multipliedReportingOverflow(by: 1_048_576).partialValue),
                logger: logger)
        } catch {
            throw CommandError(error.message)
        }
    }

    func target(_ target: TargetSettings) -> (any Target)? {
        switch target {
        case .zerobus(let zerobus): return ZerobusTarget(zerobus, logger: logger)
        case .local(let local):
            let folder = URL(fileURLWithPath: local.path).deletingLastPathComponent()
            // When this fails the target says so, with the path, as long as it lasts.
            try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            return LocalTable(local)
        case .notConfigured, .disabled: return nil
        }
    }

    func supervisor(for source: SourceSettings, lane: Lane, layout: RecordLayout) -> SourceSupervisor {
        let adapter = source.makeSource(stateDirectory: settings.stateDirectory, logger: logger)
        return SourceSupervisor(
            source: adapter,
            intake: Intake(
                source: adapter.identity, layout: layout, sink: lane,
                options: settings.intakeOptions(for: source, paths: paths, logger: logger)),
            backoff: Backoff(
                initial: source.reconnect.initialDelay, maximum: source.reconnect.maxDelay,
                multiplier: source.reconnect.multiplier),
            emitQualityOnDisconnect: source.emitQualityOnDisconnect,
            policy: SourcePolicy(drop: source.dropPolicy ?? settings.lane.policy, rateLimit: source.rateLimit),
            logger: logger)
    }
}

extension ConnectorSettings {
    /// What is done with the tags and readings of a source on their way.
    func intakeOptions(for source: SourceSettings, paths: TagPathRegistry, logger: Logger) -> IntakeOptions {
        IntakeOptions(
            preparing: TagNormalizer(normalization, source.tags, registry: paths) { logger.warning("\($0)") },
            qualities: normalization.isEnabled ? normalization.qualityMappings[source.protocolType] : nil)
    }
}

extension SourceSettings {
    /// The word of the key `protocol`.
    var protocolType: String {
        switch adapter {
        case .opcua: "opcua"
        case .mqtt: "mqtt"
        case .modbus: "modbus"
        case .notBuilt(let source): source.protocolType
        }
    }
}
