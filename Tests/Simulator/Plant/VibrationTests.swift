import Foundation
import Testing

@testable import SimulatorPlant

@Suite struct VibrationTests {
    /// The well-known lines of a 6205 at 1797 turns per minute: 107.4, 162.2, 70.6 (half of twice the spin) and 11.9 Hz.
    @Test func theLinesOfAWellKnownBearing() throws {
        let bearing = try #require(
            Bearing(balls: 9, ballDiameter: 7.94, pitchDiameter: 39.04, angle: 0, rpm: 1797))
        let lines = bearing.lines(shaft: 1797.0 / 60)
        #expect(abs(lines.outer - 107.36) < 0.1)
        #expect(abs(lines.inner - 162.19) < 0.1)
        #expect(abs(lines.ball - 70.58) < 0.1)
        #expect(abs(lines.cage - 11.93) < 0.02)
        // At a contact angle the balls pass the outer ring faster.
        let angled = try #require(Bearing(balls: 9, ballDiameter: 7.94, pitchDiameter: 39.04, angle: 40, rpm: 1797))
        #expect(angled.lines(shaft: 29.95).outer > lines.outer)
    }

    @Test(arguments: [
        "mining/crusher_1_vibration_x", "mining/vent_fan_1_vibration", "mining/pump_1_vibration",
        "utilities/turbine_1_vibration", "water_wastewater/intake_pump_1_vibration",
        "renewable_energy/wind_turbine_1_bearing_vibration",
    ])
    func wearRaisesTheLineOfTheOuterRing(path: String) throws {
        var plant = try Plant(catalogue: .builtIn(), settings: PlantSettings(seed: 5), start: 0)
        plant.advance(to: 50)
        let place = try #require(plant.place(of: path))
        let machine = try #require(plant.machines.first { $0.sensors.contains(place) })
        let sound = try plant.waveform(of: path)
        #expect(sound.samples.count == 4096 && sound.rate == 8192 && sound.wear == 0)
        #expect(try plant.waveform(of: path) == sound)
        let soundPeak = try #require(Spectrum(of: sound.samples, rate: sound.rate).peak)
        #expect(abs(Double(soundPeak) - sound.lines.shaft / 2) <= 1, "a sound machine is heard as its shaft")
        #expect(abs(Double(soundPeak) - sound.lines.outer / 2) > 1)

        try plant.inject(Fault(.bearingWear, at: machine.path, value: 0.8, ramp: 60))
        plant.advance(to: 120)
        let worn = try plant.waveform(of: path)
        let peak = try #require(Spectrum(of: worn.samples, rate: worn.rate).peak)
        #expect(abs(Double(peak) - worn.lines.outer / 2) <= 1, "\(peak) is not \(worn.lines.outer) Hz")
        #expect(abs(worn.wear - 0.8) < 1e-9)
        // The slow sensor shows the root mean square of the fast one.
        let power = worn.samples.reduce(0) { $0 + $1 * $1 } / 4096
        #expect(abs(power.squareRoot() / plant.tick.values[place] - 1) < 0.1)
    }

    @Test func whatHasNoWaveformIsRefused() throws {
        let plant = try Plant(catalogue: .builtIn(), settings: PlantSettings(), start: 0)
        #expect(throws: PlantCommandError.unknownSensor("x")) { try plant.waveform(of: "x") }
        #expect(throws: PlantCommandError.self) { try plant.waveform(of: "mining/pump_1_flow") }
        let vibration = "mining/pump_1_vibration"
        for (count, rate) in [(63, 8192.0), (65_537, 8192), (4096, 99), (4096, 200_000), (4096, .nan)] {
            #expect(throws: PlantCommandError.self) { try plant.waveform(of: vibration, count: count, rate: rate) }
        }
        #expect(try plant.waveform(of: vibration, count: 65_536, rate: 100_000).samples.count == 65_536)
    }

    @Test(arguments: [1, 2, 8, 64, 256])
    func theFastTransformIsTheTransform(count: Int) {
        let stream = Randomness(seed: 1, name: "fourier", purpose: 1)
        let input = (0..<count).map {
            (stream.noise(at: UInt64($0)), stream.noise(at: UInt64($0 + 1000)))
        }
        let fast = FourierTransform.forward(input)
        for bin in 0..<count {
            var sum = (0.0, 0.0)
            for (index, value) in input.enumerated() {
                let angle = -2 * Double.pi * Double(bin * index % count) / Double(count)
                sum.0 += value.0 * cos(angle) - value.1 * sin(angle)
                sum.1 += value.0 * sin(angle) + value.1 * cos(angle)
            }
            #expect(abs(fast[bin].0 - sum.0) < 1e-4 && abs(fast[bin].1 - sum.1) < 1e-4)
        }
    }

    @Test func aSineHasItsAmplitudeAndItsPlace() throws {
        let samples = (0..<1500).map { 7 + 3 * Arithmetic.sine(turns: 100 * Double($0) / 1024) }
        let spectrum = Spectrum(of: samples, rate: 1024)
        #expect(spectrum.resolution == 1 && spectrum.amplitudes.count == 513)
        #expect(spectrum.peak == 100 && abs(spectrum.amplitudes[100] - 3) < 0.01)
        #expect(spectrum.frequency(100) == 100)
        #expect(Spectrum(of: [1], rate: 9).amplitudes.isEmpty && Spectrum(of: [], rate: 9).peak == nil)
    }
}
