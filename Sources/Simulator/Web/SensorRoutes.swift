import SimulatorExposures
import SimulatorPlant
import WebSupport

/// Sensors, their values and what is worked out from these.
struct SensorRoutes: Sendable {
    let index: SensorIndex
    let feed: TickFeed
    let history: PlantHistory
    let industries: [IndustryAnswer]

    private struct HistoryAnswer: Encodable {
        let path: String
        let unit: String
        let statistics: Statistics
        let samples: [SampleAnswer]
    }

    private struct SampleAnswer: Encodable {
        let timestamp: Int64
        /// Left out where no value came.
        let value: Double?
        let quality: String

        init(_ sample: HistoryBook.Sample) {
            timestamp = sample.timestamp
            value = sample.quality == .missing ? nil : sample.value
            quality = sample.quality.word
        }
    }

    func add(to table: inout WebRoutes) {
        table.get("/api/industries") { _ in .json(["industries": industries]) }
        table.get("/api/sensors") { request in
            let body = SensorsJSON(index: index).list(feed.latest, try filter(request))
            return .bytes(body, contentType: "application/json")
        }
        table.get("/api/sensors/{industry}/{sensor}") { request in
            let body = SensorsJSON(index: index).one(feed.latest, try place(request))
            return .bytes(body, contentType: "application/json")
        }
        table.get("/api/sensors/{industry}/{sensor}/history") { try history($0) }
    }

    /// What a request asks for of the list.
    func filter(
        _ request: WebRequest, limitMax: Int = SensorFilter.limitMax
    ) throws(WebProblem) -> SensorFilter {
        try SensorFilter(request, industries: industries.map(\.name), limitMax: limitMax)
    }

    /// The sensor that the path of a request names.
    func place(_ request: WebRequest) throws(WebProblem) -> Int {
        let path = request.parameter("industry") + "/" + request.parameter("sensor")
        guard let place = index.place(path) else {
            throw .notFound("there is no sensor '\(path.prefix(200))'; see /api/sensors")
        }
        return place
    }

    /// The samples that are kept; the first question makes the simulator keep them.
    func samples(_ place: Int, limit: Int = PlantHistory.samplesMax) throws(WebProblem) -> [HistoryBook.Sample] {
        try history.samples(place, now: feed.latest.timestamp, limit: limit)
    }

    private func history(_ request: WebRequest) throws(WebProblem) -> WebResponse {
        let place = try place(request)
        let limit = try request.wholeNumber("limit", in: 1...PlantHistory.samplesMax) ?? PlantHistory.samplesMax
        let samples = try samples(place, limit: limit)
        return .json(
            HistoryAnswer(
                path: index.sensors[place].path, unit: index.sensors[place].definition.unit,
                statistics: Statistics(samples.lazy.filter { $0.quality == .good }.map(\.value)),
                samples: samples.map(SampleAnswer.init)))
    }
}
