import ConnectorModel
import TestRandomness
import Testing

@Suite struct NumberTextTests {
    static func text(_ value: Double) -> String {
        var buffer: NumberText.Buffer = (0, 0, 0, 0)
        return NumberText.withText(of: value, in: &buffer, NumberText.string)
    }

    @Test(arguments: [
        (0.0, "0.0"), (-0.0, "-0.0"), (1.0, "1.0"), (-1.5, "-1.5"), (0.05, "0.05"), (3.14, "3.14"),
        (450.25, "450.25"), (123456.789012, "123456.789012"), (0.1 + 0.2, "0.30000000000000004"),
        (1e300, "1e+300"), (1e-300, "1e-300"), (1e15, "1000000000000000.0"),
        (900_719_925_474_099.0, "900719925474099.0"),
        (Double.infinity, "Infinity"), (-Double.infinity, "-Infinity"),
    ])
    func knownTexts(value: Double, expected: String) {
        #expect(Self.text(value) == expected)
    }

    @Test func notANumber() {
        #expect(Self.text(.nan) == "NaN")
    }

    @Test func everyTextReadsBackAsTheSameNumber() {
        var generator = SeededRandom(seed: 7)
        for _ in 0..<20_000 {
            let decimals = Double(Int.random(in: -1_000_000_000...1_000_000_000, using: &generator)) / 10_000
            let anything = Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &generator))
            for value in [decimals, anything] where value.isFinite {
                #expect(Double(Self.text(value))?.bitPattern == value.bitPattern)
            }
        }
    }

    /// A float has one text, whichever way it was found.
    @Test func floatsAreTheStandardLibrarys() {
        func text(_ value: Float) -> String {
            var buffer: NumberText.Buffer = (0, 0, 0, 0)
            return NumberText.withText(of: value, in: &buffer, NumberText.string)
        }
        var generator = SeededRandom(seed: 9)
        for decimals in [1, 10, 100, 1000, 100_000] as [Float] {
            for _ in 0..<10_000 {
                let value = Float(Int.random(in: -10_000_000...10_000_000, using: &generator)) / decimals
                #expect(text(value) == value.description)
            }
        }
        for _ in 0..<20_000 {
            let value = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
            guard value.isFinite else { continue }
            #expect(text(value) == value.description)
        }
        #expect(text(-0.0) == "-0.0" && text(.nan) == "NaN" && text(-.infinity) == "-Infinity")
    }

    /// The fast form must be the shortest one, or the same value would have two texts.
    @Test func decimalsAreAsShortAsTheStandardLibrarys() {
        var generator = SeededRandom(seed: 8)
        for _ in 0..<20_000 {
            let value = Double(Int.random(in: -1_000_000_000...1_000_000_000, using: &generator)) / 1000
            #expect(Self.text(value) == value.description)
        }
    }
}
