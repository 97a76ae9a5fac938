import CommandSupport
import Foundation
import Logging
import ServiceLifecycle
import SimulatorExposures
import SimulatorPlant
import SimulatorWeb
import UnixSignals
import WebSupport

/// The whole simulator put together: plant, exposures, page.
struct Simulator: Service {
    let catalogue: Catalogue
    let settings: PlantSettings
    /// When the plant's clock begins, in microseconds of UTC since 1970; nil is now.
    let start: Int64?
    /// The exposures that are open from the start; the others can be started later.
    let protocols: [ExposureKind]
    let endpoints: Endpoints
    let opcuaAccess: OPCUAAccess
    let mqtt: MQTTSettings
    let modbus: ModbusSection
    let mdns: AnnouncingSettings
    let programme: Programme
    /// The path of the truth log.
    let truth: String?
    /// Style sheet and charts of the page.
    let assets: StaticFiles
    let logger: Logger

    /// Runs until SIGTERM or SIGINT. Throws when an endpoint cannot be opened or the plant cannot go on.
    func runUntilSignalled() async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: self, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: Self.quiet(logger)))
        try await group.run()
    }

    func run() async throws {
        let plant = try Plant(catalogue: catalogue, settings: settings, start: start ?? Self.now())
        let runner = PlantRunner(plant, scenarios: programme.library)
        try programme.begin(runner)
        let log = try truth.map { try TruthLog(path: $0, sensors: plant.sensors) }
        if let log { try runner.feed.join(log) }
        do {
            try await cancelWhenGracefulShutdown { try await serve(plant, runner) }
        } catch is CancellationError {
            logger.info("stopping")
        }
        try log?.close()
        Console.say("ot-simulator stopped after tick \(runner.feed.latest.number)")
    }

    private func serve(_ plant: Plant, _ runner: PlantRunner) async throws {
        let registers = try modbus.registers(plant.sensors)
        let announcer = mdns.announces(host: endpoints.host) ? announcer() : nil
        let switchboard = ExposureSwitchboard(exposures(plant, runner.feed, registers, announcer), logger: logger)
        let web = WebServer(
            configuration: WebServerConfiguration(
                host: endpoints.host, port: endpoints.webPort,
                allowedHosts: Self.isWildcard(endpoints.host) ? ["*"] : []),
            routes: try SimulatorRoutes(
                sensors: plant.sensors, runner: runner, switchboard: switchboard,
                secondsPerTick: Double(settings.interval) / 1_000_000 * settings.speed, speed: settings.speed,
                mqtt: mqtt.payload, assets: assets, registers: registers
            ).table,
            logger: Self.quiet(logger)
        ) { port in
            Console.say("Web: http://\(Endpoint.authority(endpoints.host, port))/")
            announcer?.webOpened(port: port)
        }
        let kinds = protocols

        announce(plant)
        try await withThrowingTaskGroup(of: Void.self) { group in
            if let announcer { group.addTask { await announcer.run() } }
            group.addTask { await switchboard.run() }
            group.addTask { try await runner.run(now: start ?? Self.now(), logger: logger) }
            group.addTask {
                for kind in kinds {
                    Console.say("\(kind.title): \(try await switchboard.start(kind))")
                    if let remark = await switchboard.remark(kind) { Console.say(remark) }
                }
                // Last, so that a simulator which says that it is healthy has all its endpoints open.
                try await web.run()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func announcer() -> PlantAnnouncer {
        let announcer = PlantAnnouncer(mdns, host: endpoints.host, unitID: modbus.unitID, logger: logger)
        Console.say("mDNS: announced as '\(announcer.instance)'")
        return announcer
    }

    private func exposures(
        _ plant: Plant, _ feed: TickFeed, _ registers: RegisterMap, _ announcer: PlantAnnouncer?
    ) -> [any Exposure] {
        func announced(_ exposure: any Exposure) -> any Exposure { announcer?.announced(exposure) ?? exposure }
        let mqttExposure = mqttExposure(plant, feed)
        // A broker of somebody else is not ours to announce.
        let hasOwnBroker = if case .own = mqtt.destination { true } else { false }
        return [
            announced(
                OPCUAExposure(
                    host: endpoints.host, port: endpoints.opcuaPort, access: opcuaAccess, sensors: plant.sensors,
                    feed: feed, logger: logger)),
            hasOwnBroker ? announced(mqttExposure) : mqttExposure,
            announced(
                ModbusExposure(
                    host: endpoints.host, port: endpoints.modbusPort, map: registers, line: modbus.line, feed: feed,
                    logger: logger)),
        ]
    }

    private func mqttExposure(_ plant: Plant, _ feed: TickFeed) -> any Exposure {
        if case .sparkplug(let sparkplug) = mqtt.payload {
            return SparkplugExposure(
                host: endpoints.host, port: endpoints.mqttPort, settings: sparkplug, destination: mqtt.destination,
                intervalMilliseconds: mqtt.intervalMilliseconds, sensors: plant.sensors, feed: feed, logger: logger)
        }
        return MQTTExposure(
            host: endpoints.host, port: endpoints.mqttPort, settings: mqtt, sensors: plant.sensors, feed: feed,
            logger: logger)
    }

    private func announce(_ plant: Plant) {
        let industries = catalogue.industries.map(\.name).joined(separator: ", ")
        Console.say(
            "ot-simulator: \(plant.sensors.count) sensors (\(industries)), a tick every \(settings.interval / 1000) ms, "
                + "speed \(settings.speed), seed \(settings.seed)")
        if let truth { Console.say("Truth log: \(truth)") }
    }

    /// For libraries that log what they also throw, or that a client hung up while they stopped.
    private static func quiet(_ logger: Logger) -> Logger {
        guard logger.logLevel > .debug else { return logger }
        var quiet = logger
        quiet.logLevel = .critical
        return quiet
    }

    /// The time in microseconds of UTC since 1970.
    private static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }

    private static func isWildcard(_ host: String) -> Bool { host == "0.0.0.0" || host == "::" }
}
