package import SimulatorExposures
package import SimulatorPlant
package import WebSupport

/// The simulator's REST interface, its WebSocket and its page: what exists, and who answers.
package struct SimulatorRoutes: Sendable {
    private let runner: PlantRunner
    private let sensors: SensorRoutes
    private let protocols: ProtocolRoutes
    private let faults: FaultRoutes
    private let scenarios: ScenarioRoutes
    private let analysis: AnalysisRoutes
    private let live: LiveSocket
    private let assets: StaticFiles
    private let secondsPerTick: Double
    private let speed: Double

    /// Routes over a plant and its endpoints; `secondsPerTick` is plant time, `speed` how much faster that goes than
    /// real time. `mqtt` is what is published over MQTT. `assets` has the style sheet and the charts of the page; it is
    /// plain without. `registers` is the map that Modbus serves, the standard one if it is nil;
    /// `liveInterval` lies between two messages of the WebSocket. Throws when the plant's feed takes no further receiver.
    package init(
        sensors: [Sensor], runner: PlantRunner, switchboard: ExposureSwitchboard, secondsPerTick: Double = 1,
        speed: Double = 1, mqtt: MQTTSettings.Payload = .json, assets: StaticFiles = StaticFiles(),
        registers: RegisterMap? = nil, liveInterval: Duration? = nil
    ) throws {
        self.runner = runner
        self.assets = assets
        self.secondsPerTick = secondsPerTick
        self.speed = speed
        let index = SensorIndex(sensors)
        let history = PlantHistory(runner.feed.latest)
        try runner.feed.join(history)
        var counts: [String: Int] = [:]
        for sensor in sensors { counts[String(sensor.industry.prefix { $0 != "." }), default: 0] += 1 }
        let industries = counts.sorted { $0.key < $1.key }.map { IndustryAnswer(name: $0.key, sensors: $0.value) }
        self.sensors = SensorRoutes(index: index, feed: runner.feed, history: history, industries: industries)
        protocols = ProtocolRoutes(
            switchboard: switchboard, sensors: self.sensors, map: try registers ?? RegisterMap(sensors),
            topics: PlantTopics(payload: mqtt))
        faults = FaultRoutes(runner: runner, index: index, step: secondsPerTick)
        scenarios = ScenarioRoutes(runner: runner, step: secondsPerTick)
        analysis = AnalysisRoutes(runner: runner, sensors: self.sensors, step: secondsPerTick)
        live = LiveSocket(
            index: index, feed: runner.feed, history: history, interval: liveInterval ?? LiveSocket.usualInterval)
    }

    /// The table of routes for the web server.
    package var table: WebRoutes {
        var table = WebRoutes()
        table.get("/health") { _ in await health() }
        table.get("/api/health") { _ in await health() }
        sensors.add(to: &table)
        analysis.add(to: &table)
        protocols.add(to: &table)
        faults.add(to: &table)
        scenarios.add(to: &table)
        table.get("/api/openapi.json") { _ in .bytes(Page.openAPI, contentType: "application/json") }
        table.webSocket("/ws", limits: LiveSocket.limits) { try await live.serve($0) }
        Page.add(to: &table, assets: assets)
        return table
    }

    private func health() async -> WebResponse {
        let tick = runner.feed.latest
        let answers = await protocols.answers()
        return .json(
            HealthAnswer(
                status: answers.contains { $0.state == "failed" } ? "degraded" : "healthy",
                timestamp: tick.timestamp, tick: tick.number, ticksLeftOut: runner.ticksLeftOut,
                interval: secondsPerTick, speed: speed, sensors: sensors.index.sensors.count,
                faults: runner.faults.count, scenarios: runner.scenarios.count, protocols: answers))
    }
}
