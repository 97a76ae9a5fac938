import SimulatorExposures
import SimulatorPlant
import WebSupport

/// What is worked out from a sensor's values: the spectrum of a vibration, the control chart.
struct AnalysisRoutes: Sendable {
    let runner: PlantRunner
    let sensors: SensorRoutes

    /// Samples of a waveform and how many per second, unless the query says otherwise.
    private static let usual = (samples: 4096, rate: 8192)
    /// Seconds of plant time per tick, and ticks from value to value of a control chart: a second at least.
    private let step: Double
    private let every: UInt64
    private let models: HealthyModels

    init(runner: PlantRunner, sensors: SensorRoutes, step: Double) {
        self.runner = runner
        self.sensors = sensors
        self.step = step
        every = UInt64(max(1, (1 / step - 1e-9).rounded(.up)))
        models = HealthyModels(runner: runner, step: Double(every) * step)
    }

    func add(to table: inout WebRoutes) {
        table.get("/api/sensors/{industry}/{sensor}/spectrum") { try spectrum($0) }
        table.get("/api/sensors/{industry}/{sensor}/spc") { try controlChart($0) }
    }

    private func spectrum(_ request: WebRequest) throws(WebProblem) -> WebResponse {
        let place = try sensors.place(request)
        let sensor = sensors.index.sensors[place]
        let count = try request.wholeNumber("samples", in: Waveform.counts) ?? Self.usual.samples
        let rates = Int(Waveform.rates.lowerBound)...Int(Waveform.rates.upperBound)
        let rate = try request.wholeNumber("rate", in: rates) ?? Self.usual.rate
        let waveform = try plantAnswer { () throws(PlantCommandError) in
            try runner.waveform(of: sensor.path, count: count, rate: Double(rate))
        }
        let spectrum = Spectrum(of: waveform.samples, rate: waveform.rate)
        let withWaveform = request.queryValue("waveform") == "true"
        return .json(SpectrumAnswer(sensor, waveform, spectrum, withWaveform: withWaveform))
    }

    private func controlChart(_ request: WebRequest) throws(WebProblem) -> WebResponse {
        let place = try sensors.place(request)
        let sensor = sensors.index.sensors[place]
        guard sensor.definition.kind == .measurement else {
            throw .unprocessable("a control chart judges measurements; \(sensor.path) is a counter or a state")
        }
        let limit = try request.wholeNumber("limit", in: 1...PlantHistory.samplesMax) ?? PlantHistory.samplesMax
        // All samples are judged, whatever is shown of them: what is expected of a value depends on those before.
        let samples = try sensors.samples(place)
        let model = models.model(of: place, at: Double(sensors.feed.latest.number) * step)
        return .json(
            ControlChartAnswer(
                sensor, model, samples: samples, every: every, interval: Double(every) * step, limit: limit))
    }
}
