import SimulatorExposures
import SimulatorPlant
import WebSupport

/// What is worked out from a sensor's values: the spectrum of a vibration, the control chart.
struct AnalysisRoutes: Sendable {
    let runner: PlantRunner
    let sensors: SensorRoutes

    /// Samples of a waveform and how many per second, unless the query says otherwise.
    private static let usual = (samples: 4096, rate: 8192)
    /// Values that a control chart shows at least, when there are enough samples.
    private static let chartValuesMin = 40
    /// Values that limits are taken from at least (`ControlChart`).
    private static let baselineMin = 20

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
            throw .unprocessable("a counter or a state has no control chart")
        }
        let baseline = try request.wholeNumber("baseline", in: Self.baselineMin...PlantHistory.samplesMax)
        let samples = try sensors.samples(request, place).filter { $0.quality == .good }
        // Values close in time are alike, which the rules do not allow for: some are left out.
        let room = max(1, samples.count / Self.chartValuesMin)
        let spacing = min(ControlChart.spacing(of: samples.map(\.value)) ?? room, room)
        let points = stride(from: 0, to: samples.count, by: spacing).map { samples[$0] }
        let values = points.map(\.value)
        let used = min(baseline ?? max(Self.baselineMin, values.count / 2), values.count)
        let chart = ControlChart(baseline: Array(values.prefix(used)))
        return .json(
            ControlChartAnswer(
                sensor, points, spacing: spacing, baseline: used, needed: baseline ?? Self.baselineMin, chart,
                violations: chart?.violations(in: values) ?? []))
    }
}
