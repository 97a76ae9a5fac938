import SimulatorExposures
import SimulatorPlant
import WebSupport

/// Faults of sensors and failures of machines: inject, list, clear.
struct FaultRoutes: Sendable {
    let runner: PlantRunner
    let index: SensorIndex
    /// Seconds of plant time from tick to tick.
    let step: Double

    /// The body of `POST /api/faults`; times in seconds of plant time.
    private struct Order: Decodable {
        let sensor: String
        let kind: String
        let value: Double?
        let duration: Double?
        let ramp: Double?
        let period: Double?

        enum CodingKeys: String, CodingKey {
            case sensor, kind, value
            case duration = "duration_s"
            case ramp = "ramp_s"
            case period = "period_s"
        }
    }

    func add(to table: inout WebRoutes) {
        table.get("/api/faults") { _ in list() }
        table.get("/api/faults/kinds") { _ in .json(["kinds": Fault.Kind.allCases.map(KindAnswer.init)]) }
        table.post("/api/faults", maxBodyBytes: 64 << 10) { try inject($0) }
        table.delete("/api/faults") { _ in .json(ClearedAnswer(cleared: runner.clearAllFaults())) }
        table.delete("/api/faults/{id}") { try clear($0) }
        table.get("/api/machines") { try machines($0) }
    }

    private func list() -> WebResponse {
        let (tick, faults) = (runner.feed.latest.number, runner.faults)
        return .json(
            FaultsAnswer(faults: faults.map { FaultAnswer($0, tick: tick, step: step) }, count: faults.count))
    }

    private func inject(_ request: WebRequest) throws(WebProblem) -> WebResponse {
        let order = try request.json(Order.self)
        guard let kind = Fault.Kind(rawValue: order.kind) else {
            let known = Fault.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw .unprocessable("'kind' is one of \(known), not '\(order.kind.prefix(40))'")
        }
        let fault = Fault(
            kind, at: order.sensor, value: order.value, duration: order.duration, ramp: order.ramp ?? 0,
            period: order.period)
        let active = try plantAnswer { () throws(PlantCommandError) in try runner.inject(fault) }
        var response = WebResponse.json(["id": active.id], status: 201)
        response.headers.append(("Location", "/api/faults/\(active.id)"))
        return response
    }

    private func clear(_ request: WebRequest) throws(WebProblem) -> WebResponse {
        guard let id = UInt64(request.parameter("id")) else {
            throw .badRequest("a fault's id is a whole number, not '\(request.parameter("id").prefix(40))'")
        }
        try plantAnswer { () throws(PlantCommandError) in try runner.clear(id) }
        return .json(ClearedAnswer(cleared: 1))
    }

    private func machines(_ request: WebRequest) throws(WebProblem) -> WebResponse {
        let limit = min(
            try request.wholeNumber("limit", in: 0...Int.max) ?? SensorFilter.limitMax, SensorFilter.limitMax)
        let search = BytePattern((request.queryValue("search") ?? "").lowercased())
        let fitting = runner.machines.filter { search.occurs(in: $0.path) }
        return .json(
            MachinesAnswer(
                machines: fitting.prefix(limit).map { machine in
                    MachinesAnswer.Machine(path: machine.path, sensors: machine.sensors.map { index.sensors[$0].path })
                }, count: fitting.count))
    }
}

/// Does something to the plant; what the plant refuses becomes the problem to answer with.
func plantAnswer<Result>(_ command: () throws(PlantCommandError) -> Result) throws(WebProblem) -> Result {
    do {
        return try command()
    } catch {
        switch error {
        case .unknownSensor, .unknownMachine, .notThere: throw .notFound(String("\(error)".prefix(500)))
        case .impossible(let text): throw .unprocessable(text)
        case .conflict(let text): throw .conflict(text)
        }
    }
}
