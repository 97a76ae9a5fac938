package import SimulatorExposures
package import SimulatorPlant
package import WebSupport

/// The simulator's REST interface and page: what exists, and what each route answers.
package struct SimulatorRoutes: Sendable {
    private let runner: PlantRunner
    private let switchboard: ExposureSwitchboard
    private let sensors: SensorsJSON
    private let things: [Sensor]
    private let industries: [IndustryAnswer]
    private let map: RegisterMap
    private let sensorCount: Int

    /// Routes over a running plant.
    package init(sensors: [Sensor], runner: PlantRunner, switchboard: ExposureSwitchboard) {
        self.runner = runner
        self.switchboard = switchboard
        self.sensors = SensorsJSON(sensors)
        things = sensors
        map = RegisterMap(sensors)
        sensorCount = sensors.count
        var counts: [String: Int] = [:]
        for sensor in sensors { counts[String(sensor.industry.prefix { $0 != "." }), default: 0] += 1 }
        industries = counts.sorted { $0.key < $1.key }.map { IndustryAnswer(name: $0.key, sensors: $0.value) }
    }

    /// The table of routes for the web server.
    package var table: WebRoutes {
        var table = WebRoutes()
        table.get("/health") { _ in await health() }
        table.get("/api/health") { _ in await health() }
        table.get("/api/sensors") { try sensorList($0) }
        table.get("/api/sensors/{industry}/{sensor}") { try sensor($0) }
        table.get("/api/industries") { _ in .json(["industries": industries]) }
        table.get("/api/protocols") { _ in await .json(["protocols": protocols()]) }
        table.post("/api/protocols/{protocol}/start") { try await start($0) }
        table.post("/api/protocols/{protocol}/stop") { try await stop($0) }
        table.get("/api/modbus/map") { try registerMap($0) }
        table.get("/api/td") { try await thingDescription($0) }
        Page.add(to: &table)
        return table
    }

    private func health() async -> WebResponse {
        let tick = runner.feed.latest
        let protocols = await protocols()
        return .json(
            HealthAnswer(
                status: protocols.contains { $0.state == "failed" } ? "degraded" : "healthy",
                timestamp: tick.timestamp, tick: tick.number, ticksLeftOut: runner.ticksLeftOut,
                sensors: sensorCount, protocols: protocols))
    }

    private func sensorList(_ request: WebRequest) throws(WebProblem) -> WebResponse {
        let industry = request.queryValue("industry")
        if let industry, !industries.contains(where: { $0.name == industry.prefix { $0 != "." } }) {
            throw .notFound("there is no industry '\(industry)'; see /api/industries")
        }
        var limit = Int.max
        if let text = request.queryValue("limit") {
            guard let number = Int(text), number >= 0 else {
                throw .badRequest("'limit' must be a whole number from 0 up, not '\(text)'")
            }
            limit = number
        }
        return .bytes(
            sensors.list(runner.feed.latest, industry: industry, limit: limit), contentType: "application/json")
    }

    private func sensor(_ request: WebRequest) throws(WebProblem) -> WebResponse {
        let path = request.parameter("industry") + "/" + request.parameter("sensor")
        guard let body = sensors.one(runner.feed.latest, path: path) else {
            throw .notFound("there is no sensor '\(path)'; see /api/sensors")
        }
        return .bytes(body, contentType: "application/json")
    }

    private func registerMap(_ request: WebRequest) throws(WebProblem) -> WebResponse {
        switch request.queryValue("format") ?? "json" {
        case "csv": .bytes(map.csv, contentType: "text/csv; charset=utf-8")
        case "json": .bytes(map.json, contentType: "application/json")
        case let other: throw .badRequest("'format' must be json or csv, not '\(other)'")
        }
    }

    /// The plant as a Thing Description: what a client needs to read it over OPC UA.
    private func thingDescription(_ request: WebRequest) async throws(WebProblem) -> WebResponse {
        guard case .running(let url)? = await switchboard.state(.opcua) else {
            throw .unavailable("the OPC UA server is stopped; POST /api/protocols/opcua/start starts it")
        }
        let things = ThingDescription(endpoint: url, sensors: things)
        return .bytes(things.json(industry: request.queryValue("industry")), contentType: "application/td+json")
    }

    private func start(_ request: WebRequest) async throws -> WebResponse {
        let kind = try kind(request)
        do {
            _ = try await switchboard.start(kind)
        } catch let error as ExposureError {
            throw WebProblem.unavailable(error.message)
        }
        return await changed(kind)
    }

    private func stop(_ request: WebRequest) async throws -> WebResponse {
        let kind = try kind(request)
        await switchboard.stop(kind)
        return await changed(kind)
    }

    private func changed(_ kind: ExposureKind) async -> WebResponse {
        let state = await switchboard.state(kind) ?? .stopped
        return .json(ChangeAnswer(status: "ok", protocol: ProtocolAnswer(kind, state)))
    }

    private func kind(_ request: WebRequest) throws(WebProblem) -> ExposureKind {
        let name = request.parameter("protocol")
        guard let kind = ExposureKind(rawValue: name) else {
            let known = ExposureKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .notFound("there is no protocol '\(name)'; known: \(known)")
        }
        return kind
    }

    private func protocols() async -> [ProtocolAnswer] {
        await switchboard.states.map(ProtocolAnswer.init)
    }
}
