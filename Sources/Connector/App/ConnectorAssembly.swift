import CommandSupport
import ConnectorConfiguration
import ConnectorJournal
import ConnectorKeys
import ConnectorLane
import ConnectorModel
import ConnectorPipeline
import ConnectorWeb
import Foundation
import LocalTableAdapter
import Logging
import Resilience
import ServiceLifecycle
import UnixSignals
import WebSupport
import ZerobusAdapter

/// Puts the connector together from its settings and runs it: the one place that knows every part.
struct ConnectorAssembly {
    let settings: ConnectorSettings
    let logger: Logger

    /// Runs until SIGTERM or SIGINT; sources stop first, then the lanes drain, then the web servers end.
    func runUntilSignalled() async throws {
        let sealing = try openKeys()
        let lanes = try settings.routes.map { route in
            let lane = try openLane(for: route, sealing)
            return TargetLane(
                lane: lane, target: makeTarget(route.target),
                supervisors: route.sources.filter(\.enabled).map {
                    supervisor(for: $0, lane: lane, layout: route.target.layout)
                })
        }
        let pipeline = Pipeline(lanes: lanes, logger: logger) { names in
            // Everything received is on disk; nothing is gained by waiting for a source that does not listen.
            Console.complain("penstock: ended without waiting for \(names.joined(separator: ", "))")
            exit(1)
        }
        announce(lanes)
        ForsakenLanes(settings: settings, sealing: sealing).warn(logger)

        let routes = ConnectorRoutes(pipeline: pipeline, version: Version.current)
        var services: [any Service] = [
            webServer(settings.web.host, settings.web.port, routes.table) { "page: http://\($0)/" }
        ]
        if settings.metrics.enabled {
            let path = settings.metrics.path
            services.append(
                webServer(settings.web.host, settings.metrics.port, routes.metrics(path: path)) {
                    "metrics: http://\($0)\(path)"
                })
        }
        // Services end in reverse order: the pipeline drains while page and health still answer.
        services += [
            CertificateWatchService(settings: settings, logger: logger), RateLine(pipeline: pipeline),
            MemoryService(pipeline: pipeline), pipeline,
        ]
        // What goes wrong is thrown and said once by the program.
        var quiet = logger
        quiet.logLevel = .critical
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) }, gracefulShutdownSignals: [.sigterm, .sigint],
                logger: quiet))
        try await group.run()
        Console.say(RateLine.summary(of: pipeline.snapshot()))
    }

    // MARK: Parts

    private func openLane(for route: TargetRoute, _ sealing: JournalSealing) throws -> Lane {
        let lane = settings.lane
        let directory = lane.directory ?? settings.stateDirectory + "/journal"
        do {
            return try Lane(
                name: route.name, directory: "\(directory)/\(route.name)",
                store: !lane.usesDisk ? .memory : lane.durability == .journal ? .journal : .memoryThenDisk,
                limits: LaneLimits(
                    memoryRecordsMax: lane.memoryRecordsMax,
                    journalBytesMax: lane.journalMegabytesMax.multipliedReportingOverflow(by: 1_048_576).partialValue,
                    recordsMax: lane.usesDisk ? nil : lane.memoryRecordsMax, policy: SourcePolicy(drop: lane.policy)),
                batch: BatchLimits(
                    recordsMax: lane.batchRecordsMax, bytesMax: lane.batchBytesMax, linger: lane.linger,
                    recordID: route.target.layout.recordIDPlace),
                retry: RetryLimits(
                    initialDelay: lane.retry.initialDelay, maxDelay: lane.retry.maxDelay,
                    multiplier: lane.retry.multiplier),
                sealing: sealing,
                letters: DeadLetterPlace(
                    directory: lane.usesDisk ? "\(settings.stateDirectory)/deadletters/\(route.name)" : nil,
                    bytesMax: lane.deadLettersMegabytesMax.multipliedReportingOverflow(by: 1_048_576).partialValue),
                logger: logger)
        } catch {
            throw CommandError(error.message)
        }
    }

    /// The key ring, made once when encryption is on; without encryption it still opens what was sealed before.
    private func openKeys() throws -> JournalSealing {
        do {
            let keys = try KeyFile(directory: settings.stateDirectory + "/keys").open(create: settings.lane.encryption)
            for warning in keys.warnings { logger.warning("\(warning)") }
            return JournalSealing(keys.ring, seals: settings.lane.encryption)
        } catch {
            throw CommandError(error.message)
        }
    }

    private func makeTarget(_ target: TargetSettings) -> (any Target)? {
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

    private func supervisor(for source: SourceSettings, lane: Lane, layout: RecordLayout) -> SourceSupervisor {
        let adapter = source.makeSource(stateDirectory: settings.stateDirectory, logger: logger)
        return SourceSupervisor(
            source: adapter, intake: Intake(source: adapter.identity, layout: layout, sink: lane),
            backoff: Backoff(
                initial: source.reconnect.initialDelay, maximum: source.reconnect.maxDelay,
                multiplier: source.reconnect.multiplier),
            emitQualityOnDisconnect: source.emitQualityOnDisconnect,
            policy: SourcePolicy(drop: source.dropPolicy ?? settings.lane.policy, rateLimit: source.rateLimit),
            logger: logger)
    }

    private func webServer(
        _ host: String, _ port: Int, _ routes: WebRoutes, line: @escaping @Sendable (String) -> String
    ) -> WebServer {
        WebServer(
            configuration: WebServerConfiguration(host: host, port: port), routes: routes, logger: logger
        ) { port in
            Console.say(line(host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"))
        }
    }

    private func announce(_ lanes: [TargetLane]) {
        for (route, lane) in zip(settings.routes, lanes) {
            switch route.target {
            case .notConfigured(let table, let missing):
                Console.say("target: \(table.name) is not configured, rows wait in the journal; enter \(missing)")
            case .disabled: Console.say("target: switched off (zerobus.enabled), rows wait in the journal")
            case .zerobus, .local: Console.say("target: \(lane.target?.destination ?? "")")
            }
        }
        for lane in lanes {
            for supervisor in lane.supervisors {
                let source = supervisor.intake.source
                let table = lanes.count > 1 ? " → \(lane.lane.name)" : ""
                Console.say("source \(source.name): \(source.protocolType) \(source.endpoint)\(table)")
            }
        }
    }
}
