import SimulatorExposures
import SimulatorPlant
import WebSupport

/// Scenarios (run, stop, list) and replays of recorded values.
struct ScenarioRoutes: Sendable {
    let runner: PlantRunner
    /// Seconds of plant time per tick.
    let step: Double

    /// The largest recording that is taken over the API, in bytes.
    static let recordingBytesMax = 16 << 20

    /// The body of `POST /api/replays` as JSON; as `text/csv` name and speed stand in the query.
    private struct Recording: Decodable {
        let name: String
        let csv: String
        let speed: Double?
    }

    private struct StateAnswer: Encodable {
        let status = "ok"
        let name: String
        let state: String
    }

    func add(to table: inout WebRoutes) {
        table.get("/api/scenarios") { _ in scenarios() }
        table.post("/api/scenarios/{name}/run", maxBodyBytes: 1024) { request in
            let name = request.parameter("name")
            try plantAnswer { () throws(PlantCommandError) in try runner.runScenario(named: name) }
            return .json(StateAnswer(name: name, state: "running"))
        }
        table.post("/api/scenarios/{name}/stop", maxBodyBytes: 1024) { request in
            let name = request.parameter("name")
            try plantAnswer { () throws(PlantCommandError) in try runner.stopScenario(name) }
            return .json(StateAnswer(name: name, state: "idle"))
        }
        table.get("/api/replays") { _ in replays() }
        table.post("/api/replays", maxBodyBytes: Self.recordingBytesMax) { try startReplay($0) }
        table.delete("/api/replays/{name}") { request in
            let name = request.parameter("name")
            try plantAnswer { () throws(PlantCommandError) in try runner.stopReplay(name) }
            return .json(StateAnswer(name: name, state: "stopped"))
        }
    }

    private func scenarios() -> WebResponse {
        let running = runner.scenarios
        let tick = runner.feed.latest.number
        let known = runner.library
        let others = running.map(\.scenario).filter { run in !known.contains { $0.name == run.name } }
        let all = (known + others).map { scenario in
            ScenarioAnswer(
                scenario, running.first { $0.scenario.name == scenario.name }, tick: tick, step: step)
        }
        return .json(["scenarios": all])
    }

    private func replays() -> WebResponse {
        .json(["replays": runner.replays.map(ReplayAnswer.init)])
    }

    private func startReplay(_ request: WebRequest) throws(WebProblem) -> WebResponse {
        let (name, text, speed) = try recording(request)
        try plantAnswer { () throws(PlantCommandError) in
            try runner.start(try Replay(csv: text, name: name), speed: speed)
        }
        return .json(StateAnswer(name: name, state: "running"), status: 201)
    }

    private func recording(_ request: WebRequest) throws(WebProblem) -> (name: String, csv: [UInt8], speed: Double) {
        guard request.header("Content-Type")?.lowercased().hasPrefix("text/csv") == true else {
            let recording = try request.json(Recording.self)
            return (recording.name, Array(recording.csv.utf8), recording.speed ?? 1)
        }
        guard let name = request.queryValue("name") else { throw .badRequest("the query must have 'name'") }
        let text = request.queryValue("speed") ?? "1"
        guard let speed = Double(text) else { throw .badRequest("'speed' must be a number, not '\(text.prefix(40))'") }
        return (name, request.bodyBytes, speed)
    }
}
