extension Plant {
    /// How worn the bearing of a machine is now, 0 to 1.
    package func wear(ofMachine place: Int) -> Double { book.wear(of: place, at: tick.number, step: step) }

    /// What a vibration sensor hears now, sampled fast.
    ///
    /// The shaft turns as the machine's own speed sensor says when it has one in RPM, else at its nominal speed less
    /// the slip of its load. The same tick gives the same samples. Throws when there is no such sensor or it measures
    /// something else, and when the numbers are not possible.
    package func waveform(
        of path: String, count: Int = 4096, rate: Double = 8192
    ) throws(PlantCommandError) -> Waveform {
        try waveformSource(of: path, count: count, rate: rate).waveform()
    }

    /// What a waveform is made of: a long one takes a while, and the plant goes on meanwhile.
    package func waveformSource(
        of path: String, count: Int, rate: Double
    ) throws(PlantCommandError) -> WaveformSource {
        guard let place = place(of: path) else { throw .unknownSensor(path) }
        guard sensors[place].definition.type == "vibration",
            let machine = machines.firstIndex(where: { $0.sensors.contains(place) })
        else { throw .impossible("'\(path)' is not a vibration sensor: it has no waveform") }
        guard Waveform.counts.contains(count), Waveform.rates.contains(rate) else {
            throw .impossible(
                "a waveform has \(Waveform.counts.lowerBound) to \(Waveform.counts.upperBound) samples at "
                    + "\(Int(Waveform.rates.lowerBound)) to \(Int(Waveform.rates.upperBound)) per second")
        }
        let noise = Randomness(seed: seed, name: path, purpose: 6)
        return WaveformSource(
            level: tick.values[place], bearing: machines[machine].bearing ?? .usual, shaft: shaft(machine),
            wear: wear(ofMachine: machine), count: count, rate: rate,
            noise: Randomness(seed: noise.bits(at: tick.number), name: path, purpose: 7))
    }

    /// Turns of a machine's shaft per second.
    private func shaft(_ machine: Int) -> Double {
        let nominal = (machines[machine].bearing ?? .usual).rpm / 60
        let meter = machines[machine].sensors.first { place in
            let definition = sensors[place].definition
            return definition.type == "speed" && definition.unit == "RPM" && definition.nominal > 0
        }
        guard let meter else { return nominal * (1 - 0.01 * load(ofMachine: machine)) }
        return nominal * max(0.02, tick.values[meter] / sensors[meter].definition.nominal)
    }
}

/// What a waveform of one moment is made of, without the plant.
package struct WaveformSource: Sendable {
    let level: Double
    let bearing: Bearing
    let shaft: Double
    let wear: Double
    let count: Int
    let rate: Double
    let noise: Randomness

    /// Makes the samples.
    package func waveform() -> Waveform {
        Waveform(
            level: level, bearing: bearing, shaft: shaft, wear: wear, count: count, rate: rate, noise: noise)
    }
}
