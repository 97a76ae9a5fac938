import SimulatorPlant

// The JSON bodies of spectra and control charts.

struct SpectrumAnswer: Encodable {
    struct Line: Encodable {
        let name: String
        let frequency: Double
        let amplitude: Double

        enum CodingKeys: String, CodingKey {
            case name, amplitude
            case frequency = "frequency_hz"
        }
    }

    let path: String
    let unit: String
    let samples: Int
    let rate: Double
    let resolution: Double
    let peak: Double?
    let wear: Double
    let lines: [Line]
    /// From 0 Hz up, one per `resolution_hz`.
    let amplitudes: [Double]
    let waveform: [Double]?

    enum CodingKeys: String, CodingKey {
        case path, unit, samples, wear, lines, amplitudes, waveform
        case rate = "sample_rate_hz"
        case resolution = "resolution_hz"
        case peak = "peak_hz"
    }

    init(_ sensor: Sensor, _ waveform: Waveform, _ spectrum: Spectrum, withWaveform: Bool) {
        path = sensor.path
        unit = sensor.definition.unit
        samples = waveform.samples.count
        rate = waveform.rate
        resolution = spectrum.resolution
        peak = spectrum.peak.map(spectrum.frequency)
        wear = waveform.wear
        amplitudes = spectrum.amplitudes
        let lines = waveform.lines
        self.lines = [
            ("shaft", lines.shaft), ("BPFO (outer ring)", lines.outer), ("BPFI (inner ring)", lines.inner),
            ("BSF (ball)", lines.ball), ("FTF (cage)", lines.cage),
        ].map { name, frequency in
            let bin = Int((frequency / spectrum.resolution).rounded())
            // A line between two bins shows in both.
            let near = spectrum.amplitudes.indices.clamped(to: max(0, bin - 1)..<max(1, bin + 2))
            return Line(name: name, frequency: frequency, amplitude: spectrum.amplitudes[near].max() ?? 0)
        }
        self.waveform = withWaveform ? waveform.samples : nil
    }
}

struct ControlChartAnswer: Encodable {
    struct Limits: Encodable {
        let centre: Double
        let sigma: Double
        let upper: Double
        let lower: Double
        /// The number of values that the limits are taken from, the first ones.
        let baseline: Int
    }

    struct Point: Encodable {
        let timestamp: Int64
        let value: Double
    }

    struct Violation: Encodable {
        let timestamp: Int64
        let value: Double
        /// Nelson's number.
        let rule: Int
        let title: String
    }

    let path: String
    let unit: String
    /// A value of the chart is taken every so many samples.
    let spacing: Int
    /// The values that limits need.
    let baselineNeeded: Int
    let limits: Limits?
    let points: [Point]
    let violations: [Violation]

    enum CodingKeys: String, CodingKey {
        case path, unit, spacing, limits, points, violations
        case baselineNeeded = "baseline_needed"
    }

    init(
        _ sensor: Sensor, _ points: [HistoryBook.Sample], spacing: Int, baseline: Int, needed: Int,
        _ chart: ControlChart?, violations: [ControlChart.Violation]
    ) {
        path = sensor.path
        unit = sensor.definition.unit
        self.spacing = spacing
        baselineNeeded = needed
        limits = chart.map {
            Limits(
                centre: $0.centre, sigma: $0.sigma, upper: $0.upperLimit, lower: $0.lowerLimit, baseline: baseline)
        }
        self.points = points.map { Point(timestamp: $0.timestamp, value: $0.value) }
        self.violations = violations.map { violation in
            let point = points[violation.index]
            return Violation(
                timestamp: point.timestamp, value: point.value, rule: violation.rule.rawValue,
                title: violation.rule.title)
        }
    }
}

extension ControlChart.Rule {
    /// The rule in words.
    var title: String {
        switch self {
        case .beyondLimits: "a value beyond 3 σ"
        case .oneSide: "nine in a row on one side of the centre"
        case .trend: "six in a row rise or fall"
        case .alternation: "fourteen in a row go up and down by turns"
        case .twoOfThree: "two of three beyond 2 σ on one side"
        case .fourOfFive: "four of five beyond 1 σ on one side"
        case .tooQuiet: "fifteen in a row within 1 σ"
        case .mixture: "eight in a row beyond 1 σ on either side"
        }
    }
}
