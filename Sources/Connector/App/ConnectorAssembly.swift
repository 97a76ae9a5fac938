import CommandSupport
import ConnectorConfiguration
import ConnectorJournal
import ConnectorKeys
import ConnectorLane
import ConnectorModel
import ConnectorPipeline
import ConnectorVault
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
    /// Where the configuration is read again and changed.
    let desk: ConfigurationDesk
    /// Whether there is a file.
    let hasFile: Bool
    /// Puts what the command line says over settings that are read again.
    let overrule: @Sendable (ConnectorSettings) -> ConnectorSettings
    let logger: Logger

    /// Runs until SIGTERM or SIGINT; sources stop first, then the lanes drain, then the web servers end.
    func runUntilSignalled() async throws {
        let builder = LineBuilder(
            settings: settings, sealing: try openKeys(),
            paths: TagPathFile.registry(stateDirectory: settings.stateDirectory, logger: logger), logger: logger)
        let lanes = try settings.routes.map { try builder.line(for: $0) }
        let pipeline = Pipeline(lanes: lanes, logger: logger) { names in
            // Everything received is on disk; nothing is gained by waiting for a source that does not listen.
            Console.complain("penstock: ended without waiting for \(names.joined(separator: ", "))")
            exit(1)
        }
        announce(lanes)
        ForsakenLanes(settings: settings, sealing: builder.sealing).warn(logger)

        let configuration = LiveConfiguration(
            pipeline: pipeline, builder: builder, desk: desk, hasFile: hasFile, logger: logger,
            overrule: overrule)
        let routes = ConnectorRoutes(
            pipeline: pipeline, version: Version.current,
            configuration: isPageLocal ? configuration : nil)
        if !isPageLocal {
            logger.warning(
                "\(settings.web.host) is reached from other machines, and there is no login: /api/config is off")
        }
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
            MemoryService(pipeline: pipeline), HeartbeatService(pipeline: pipeline), pipeline,
            ReloadService(configuration: configuration),
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

    /// Whether only this machine reaches the page: who changes the configuration has to be known.
    private var isPageLocal: Bool {
        let host = settings.web.host.lowercased()
        return host == "localhost" || host.hasPrefix("127.") || host == "::1"
    }

    /// The key ring, made once when encryption is on; without encryption it still opens what was sealed before.
    private func openKeys() throws -> JournalSealing {
        try refuseToReplaceAMissingKey()
        do {
            let keys = try desk.vault.openRing(create: settings.lane.encryption)
            for warning in keys.warnings { logger.warning("\(warning)") }
            OldKeys(settings: settings, vault: desk.vault, ring: keys.ring).prune(logger)
            return JournalSealing(keys.ring, seals: settings.lane.encryption)
        } catch {
            throw CommandError(error.message)
        }
    }

    /// Without a key file a journal that needs one is refused before anything is written: a key made now would only hide
    /// that the right one is missing.
    private func refuseToReplaceAMissingKey() throws {
        let file = KeyFile(directory: settings.stateDirectory + "/keys").path
        guard !FileManager.default.fileExists(atPath: file) else { return }
        let journals = settings.lane.directory ?? settings.stateDirectory + "/journal"
        for folder in [journals, settings.stateDirectory + "/deadletters"] {
            guard FileManager.default.fileExists(atPath: folder) else { continue }
            for lane in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
                let directory = "\(folder)/\(lane)"
                if let refusal = try SealedFiles.refusal(of: directory, ring: KeyRing([], place: file)) {
                    throw CommandError(refusal.message)
                }
            }
        }
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
