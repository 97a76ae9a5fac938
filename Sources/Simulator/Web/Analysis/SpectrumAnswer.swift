import SimulatorPlant

// The JSON body of a spectrum.

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
        // Five figures after the point are far below the noise of any vibration sensor, and a third of the bytes.
        amplitudes = spectrum.amplitudes.map { ($0 * 100_000).rounded() / 100_000 }
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
