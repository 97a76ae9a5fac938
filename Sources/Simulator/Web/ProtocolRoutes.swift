import SimulatorExposures
import SimulatorPlant
import WebSupport

/// The endpoints: their states and switches, and tables of where each sensor stands.
struct ProtocolRoutes: Sendable {
    let index: SensorIndex
    let switchboard: ExposureSwitchboard
    let map: RegisterMap
    let topics: PlantTopics
    let sensors: SensorRoutes

    init(switchboard: ExposureSwitchboard, sensors: SensorRoutes, map: RegisterMap, topics: PlantTopics) {
        self.topics = topics
        self.switchboard = switchboard
        self.sensors = sensors
        self.map = map
        index = sensors.index
    }

    func add(to table: inout WebRoutes) {
        table.get("/api/protocols") { _ in await .json(["protocols": answers()]) }
        table.post("/api/protocols/{protocol}/start", maxBodyBytes: 1024) { try await start($0) }
        table.post("/api/protocols/{protocol}/stop", maxBodyBytes: 1024) { try await stop($0) }
        table.get("/api/modbus/map") { try registerMap($0) }
        table.get("/api/opcua/nodes") { try nodes($0) }
        table.get("/api/mqtt/topics") { try topicTable($0) }
        table.get("/api/td") { try await thingDescription($0) }
    }

    func answers() async -> [ProtocolAnswer] {
        var answers: [ProtocolAnswer] = []
        for (kind, state) in await switchboard.states {
            answers.append(ProtocolAnswer(kind, state, remark: await switchboard.remark(kind)))
        }
        return answers
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
        return .json(
            ChangeAnswer(status: "ok", protocol: ProtocolAnswer(kind, state, remark: await switchboard.remark(kind))))
    }

    private func kind(_ request: WebRequest) throws(WebProblem) -> ExposureKind {
        let name = request.parameter("protocol")
        guard let kind = ExposureKind(rawValue: name) else {
            let known = ExposureKind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .notFound("there is no protocol '\(name.prefix(100))'; known: \(known)")
        }
        return kind
    }

    private func registerMap(_ request: WebRequest) throws(WebProblem) -> WebResponse {
        let (filter, format) = try asked(request)
        return PlaceTables(index: index).registers(map, filter, format)
    }

    private func nodes(_ request: WebRequest) throws(WebProblem) -> WebResponse {
        let (filter, format) = try asked(request)
        return PlaceTables(index: index).nodes(filter, format)
    }

    private func topicTable(_ request: WebRequest) throws(WebProblem) -> WebResponse {
        let (filter, format) = try asked(request)
        return PlaceTables(index: index).topics(topics, filter, format)
    }

    /// What a request asks for of a table; as CSV it gets all, unless it asks for less.
    private func asked(_ request: WebRequest) throws(WebProblem) -> (SensorFilter, PlaceTables.Format) {
        let format = try format(request)
        let limitMax = format == .csv ? PlantSettings.sensorsMax : SensorFilter.limitMax
        return (try sensors.filter(request, limitMax: limitMax), format)
    }

    private func format(_ request: WebRequest) throws(WebProblem) -> PlaceTables.Format {
        guard let text = request.queryValue("format") else { return .json }
        guard let format = PlaceTables.Format(rawValue: text) else {
            throw .badRequest("'format' must be json or csv, not '\(text.prefix(40))'")
        }
        return format
    }

    /// The plant as a Thing Description: what a client needs to read it over OPC UA.
    private func thingDescription(_ request: WebRequest) async throws(WebProblem) -> WebResponse {
        let filter = try sensors.filter(request)
        guard case .running(let url)? = await switchboard.state(.opcua) else {
            throw .unavailable("the OPC UA server is stopped; POST /api/protocols/opcua/start starts it")
        }
        let things = ThingDescription(endpoint: url, sensors: index.sensors, filter: filter)
        // Nobody is to take a part for the whole: a part is what was asked for.
        guard request.queryValue("limit") != nil || things.count <= SensorFilter.limitMax else {
            throw .unprocessable(
                "\(things.count) sensors are too many for one description; name an industry, or offset and limit")
        }
        return .bytes(things.json, contentType: "application/td+json")
    }
}
