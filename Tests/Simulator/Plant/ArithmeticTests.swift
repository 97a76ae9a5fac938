import Foundation
import Testing

@testable import SimulatorPlant

@Suite struct ArithmeticTests {
    @Test func theSineIsTheSine() {
        for step in -300...300 {
            let turns = Double(step) / 97
            #expect(abs(Arithmetic.sine(turns: turns) - sin(turns * 2 * .pi)) < 1e-6)
        }
    }

    @Test(arguments: [0, 1e-9, 0.001, 0.03125, 0.5, 1, 10, 300, 699, 5000])
    func decayIsTheExponential(exponent: Double) {
        #expect(abs(Arithmetic.decay(exponent) - exp(-exponent)) <= exp(-exponent) * 1e-10)
    }

    @Test func noiseIsBoundedAndHasItsMoments() {
        let stream = Randomness(seed: 7, name: "mining/crusher_1_motor_power", purpose: 4)
        let numbers = (0..<20_000).map { stream.noise(at: $0) }
        let mean = numbers.reduce(0, +) / 20_000
        let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
        #expect(abs(mean) < 0.03)
        #expect(abs(variance - 1) < 0.03)
        #expect(numbers.allSatisfy { abs($0) <= Randomness.bound })
    }

    @Test func streamsDiffer() {
        let first = Randomness(seed: 1, name: "a", purpose: 1)
        #expect(first != Randomness(seed: 2, name: "a", purpose: 1))
        #expect(first != Randomness(seed: 1, name: "b", purpose: 1))
        #expect(first != Randomness(seed: 1, name: "a", purpose: 2))
        #expect(first.bits(at: 1) != first.bits(at: 2))
    }

    @Test func theShiftPatternRepeatsDaily() {
        for hour in stride(from: 0.0, to: 24, by: 0.25) {
            let level = ShiftPattern.level(at: hour * 3600)
            #expect(abs(level - ShiftPattern.level(at: hour * 3600 + 86_400 * 3)) < 1e-6)
            #expect((-1...1).contains(level))
        }
    }
}
