import ConnectorConfiguration
import ConnectorLane
import ConnectorModel
import ConnectorPipeline
import ConnectorWeb
import Foundation
import Logging

/// The configuration of a running connector: read again on a signal, changed by the API, and applied while everything that
/// did not change runs on. One change at a time.
actor LiveConfiguration: ConfigurationEditor {
    private let pipeline: Pipeline
    private let desk: ConfigurationDesk
    /// Puts what the command line says over the settings.
    private let overrule: @Sendable (ConnectorSettings) -> ConnectorSettings
    private let logger: Logger
    private var builder: LineBuilder
    private var hasFile: Bool
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// Changes that wait for others; more are refused.
    private static let waitingMax = 32

    init(
        pipeline: Pipeline, builder: LineBuilder, desk: ConfigurationDesk, hasFile: Bool, logger: Logger,
        overrule: @escaping @Sendable (ConnectorSettings) -> ConnectorSettings
    ) {
        self.pipeline = pipeline
        self.builder = builder
        self.desk = desk
        self.hasFile = hasFile
        self.logger = logger
        self.overrule = overrule
    }

    /// Reads the files again. A configuration that cannot be is refused whole, and the old one runs on.
    func reload() async {
        await enter()
        defer { leave() }
        do {
            let document = try desk.store.load()
            // A file that is gone is a mistake, not a wish for no sources.
            guard document.file != nil || !hasFile else {
                throw CommandError("there is no file \(desk.store.path) any more")
            }
            hasFile = document.file != nil
            let settings = try desk.settings(of: document)
            for warning in settings.warnings { logger.warning("\(warning)") }
            await apply(overrule(settings))
        } catch {
            logger.error("the new configuration is refused, the old one stays: \(error)")
        }
    }

    // MARK: The API

    nonisolated func current() throws -> ConfigurationDocument { try desk.store.load() }

    func change(_ change: ConfigurationChange, ifMatch tags: [String]?) async throws -> ChangeOutcome {
        guard waiting.count < Self.waitingMax else { throw ChangeRefusal.unavailable("too many changes at a time") }
        await enter()
        defer { leave() }
        let plan = try desk.plan(change, ifMatch: tags)
        let saved = try desk.commit(plan, time: Int(Date().timeIntervalSince1970))
        if saved.written.contains(desk.store.path) { hasFile = true }
        if !saved.written.isEmpty { logger.notice("configuration saved: \(saved.written.joined(separator: ", "))") }
        if !saved.keepsComments {
            logger.warning(
                "the configuration was written anew and has lost its comments; \(saved.backup ?? "no copy") has them")
        }
        let needRestart = await apply(overrule(plan.settings))
        return ChangeOutcome(
            saved: saved, warnings: plan.settings.warnings, needRestart: needRestart,
            entityTag: try desk.store.load().entityTag)
    }

    // MARK: One at a time

    private func enter() async {
        guard isBusy else {
            isBusy = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// The place goes to the one who waits longest.
    private func leave() {
        if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
    }

    // MARK: Applying

    /// - Returns: keys that take effect with the next start only.
    @discardableResult
    private func apply(_ new: ConnectorSettings) async -> [String] {
        var settings = new
        let plan = ReloadPlan(from: builder.settings, to: settings)
        // Keys and journals stay where they are while the process lives.
        settings.stateDirectory = builder.settings.stateDirectory
        builder.settings = settings
        await apply(plan)
        for key in plan.needRestart { logger.warning("\(key) was changed; it takes effect with the next start") }
        logger.notice(
            "configuration read again: targets ended \(plan.ended.count), begun \(plan.begun.count), changed \(plan.retargeted.count); sources ended \(plan.stopped.reduce(0) { $0 + $1.names.count }), begun \(plan.started.reduce(0) { $0 + $1.names.count })"
        )
        return plan.needRestart
    }

    private func apply(_ plan: ReloadPlan) async {
        let routes = builder.settings.routes
        for stopped in plan.stopped { await pipeline.end(sources: stopped.names, of: stopped.lane) }
        for name in plan.ended { await pipeline.end(lane: name) }
        for name in plan.retargeted {
            guard let route = routes.first(where: { $0.name == name }) else { continue }
            await pipeline.change(targetOf: name, to: builder.target(route.target))
        }
        for name in plan.begun {
            guard let route = routes.first(where: { $0.name == name }) else { continue }
            do {
                pipeline.begin(try builder.line(for: route))
            } catch {
                logger.error("the target \(name) cannot be served: \(error)")
            }
        }
        for started in plan.started {
            guard let route = routes.first(where: { $0.name == started.lane }),
                let lane = pipeline.lanes.first(where: { $0.lane.name == started.lane })?.lane
            else { continue }
            let supervisors = route.sources.filter { started.names.contains($0.name) }.map {
                builder.supervisor(for: $0, lane: lane, layout: route.target.layout)
            }
            pipeline.begin(supervisors, on: started.lane)
        }
        pipeline.order(routes.map(\.name))
    }
}
