import ConnectorConfiguration
import ConnectorLane
import ConnectorPipeline
import Logging
import ServiceLifecycle
import UnixSignals

/// Reads the configuration again on SIGHUP and applies what has changed, while everything else runs on.
struct ReloadService: Service {
    let pipeline: Pipeline
    let builder: LineBuilder
    let read: @Sendable () throws -> ConnectorSettings
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            var builder = builder
            for await _ in signals { await reload(&builder) }
        }
    }

    /// A configuration that cannot be is refused whole, and the old one runs on.
    private func reload(_ builder: inout LineBuilder) async {
        var settings: ConnectorSettings
        do {
            settings = try read()
        } catch {
            logger.error("the new configuration is refused, the old one stays: \(error)")
            return
        }
        let plan = ReloadPlan(from: builder.settings, to: settings)
        // Keys and journals stay where they are while the process lives.
        settings.stateDirectory = builder.settings.stateDirectory
        builder.settings = settings
        await apply(plan, with: builder)
        for key in plan.needRestart { logger.warning("\(key) was changed; it takes effect with the next start") }
        logger.notice(
            "configuration read again: targets ended \(plan.ended.count), begun \(plan.begun.count), changed \(plan.retargeted.count); sources ended \(plan.stopped.reduce(0) { $0 + $1.names.count }), begun \(plan.started.reduce(0) { $0 + $1.names.count })"
        )
    }

    private func apply(_ plan: ReloadPlan, with builder: LineBuilder) async {
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
