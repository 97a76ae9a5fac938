/// What a vibration sensor hears, sampled fast: the velocity of the housing over a fraction of a second.
package struct Waveform: Sendable, Equatable {
    /// Velocities in the sensor's unit (mm/s), one every 1 / `rate` seconds.
    package let samples: [Double]
    /// Samples per second.
    package let rate: Double
    /// The lines of shaft and bearing at the speed of now, in hertz.
    package let lines: Bearing.Lines
    /// How worn the bearing is, 0 to 1.
    package let wear: Double

    /// How many samples there can be.
    package static let counts: ClosedRange<Int> = 64...65_536
    /// How many samples per second there can be.
    package static let rates: ClosedRange<Double> = 100...100_000

    /// The sound of a machine. `level` is the root mean square that the slow sensor shows.
    ///
    /// A sound bearing is heard as the shaft and its harmonics, unbalance first, over noise. Wear of the outer ring
    /// adds its line (BPFO) and two harmonics, which stand above the shaft from a wear of a half on, and weaker lines
    /// of the inner ring and the cage. Lines at or above half the rate are left out, as a real input filter does.
    init(level: Double, bearing: Bearing, shaft: Double, wear: Double, count: Int, rate: Double, noise: Randomness) {
        let lines = bearing.lines(shaft: shaft)
        let tones = [
            (lines.shaft, 1.0), (2 * lines.shaft, 0.45), (3 * lines.shaft, 0.2),
            (lines.outer, 2.6 * wear), (2 * lines.outer, 1.1 * wear), (3 * lines.outer, 0.5 * wear),
            (lines.inner, 0.3 * wear), (lines.cage, 0.15 * wear),
        ].filter { $0.1 > 0 && $0.0 < rate / 2 }
        let hiss = 0.25
        let power = tones.reduce(hiss * hiss) { $0 + $1.1 * $1.1 / 2 }
        let scale = level / power.squareRoot()
        var samples = (0..<count).map { hiss * scale * noise.noise(at: UInt64($0)) }
        for (number, tone) in tones.enumerated() {
            let phase = noise.fraction(at: 1 << 40 + UInt64(number))
            let turns = tone.0 / rate
            for index in samples.indices {
                samples[index] += tone.1 * scale * Arithmetic.sine(turns: phase + Double(index) * turns)
            }
        }
        self.samples = samples
        self.rate = rate
        self.lines = lines
        self.wear = wear
    }
}
