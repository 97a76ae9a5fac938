/// The amplitudes of a series over frequency.
package struct Spectrum: Sendable, Equatable {
    /// The amplitude at bin i, in the unit of the samples: a sine of amplitude A has a peak of about A.
    package let amplitudes: [Double]
    /// Hertz from bin to bin.
    package let resolution: Double

    /// Computes the spectrum under a Hann window. The mean is taken off. Of a number of samples that is no power of
    /// two, the last ones that fit are used; fewer than two give nothing.
    package init(of samples: [Double], rate: Double) {
        var count = 1
        while count * 2 <= samples.count { count *= 2 }
        guard count >= 2 else {
            amplitudes = []
            resolution = 0
            return
        }
        let used = samples.suffix(count)
        let mean = used.reduce(0, +) / Double(count)
        let windowed = used.enumerated().map { index, value in
            (value - mean) * (0.5 - 0.5 * Arithmetic.sine(turns: Double(index) / Double(count) + 0.25))
        }
        let bins = FourierTransform.forward(windowed.map { ($0, 0) })
        // Half the power is at negative frequencies, and the window takes another half of the amplitude.
        let scale = 4 / Double(count)
        amplitudes = bins.prefix(count / 2 + 1).map { ($0.0 * $0.0 + $0.1 * $0.1).squareRoot() * scale }
        resolution = rate / Double(count)
    }

    /// The frequency of a bin, in hertz.
    package func frequency(_ bin: Int) -> Double { Double(bin) * resolution }

    /// The bin with the largest amplitude, the first two left out, where the mean leaks to; nil without bins.
    package var peak: Int? {
        amplitudes.indices.dropFirst(2).max { amplitudes[$0] < amplitudes[$1] }
    }
}

/// The discrete Fourier transform for lengths that are powers of two (Cooley and Tukey, radix 2, in place).
enum FourierTransform {
    typealias Complex = (Double, Double)

    /// The transform of complex values; their number must be a power of two.
    static func forward(_ input: [Complex]) -> [Complex] {
        let count = input.count
        precondition(count > 0 && count & (count - 1) == 0)
        var values = input
        reverseBits(&values)
        let twiddles = (0..<count / 2).map { index -> Complex in
            let turns = -Double(index) / Double(count)
            return (Arithmetic.sine(turns: turns + 0.25), Arithmetic.sine(turns: turns))
        }
        var half = 1
        while half < count {
            let stride = count / (2 * half)
            for block in Swift.stride(from: 0, to: count, by: 2 * half) {
                for index in 0..<half {
                    let twiddle = twiddles[index * stride]
                    let (a, b) = (values[block + index], values[block + index + half])
                    let turned = (b.0 * twiddle.0 - b.1 * twiddle.1, b.0 * twiddle.1 + b.1 * twiddle.0)
                    values[block + index] = (a.0 + turned.0, a.1 + turned.1)
                    values[block + index + half] = (a.0 - turned.0, a.1 - turned.1)
                }
            }
            half *= 2
        }
        return values
    }

    private static func reverseBits(_ values: inout [Complex]) {
        var reversed = 0
        for index in 1..<max(1, values.count) {
            var bit = values.count >> 1
            while reversed & bit != 0 {
                reversed ^= bit
                bit >>= 1
            }
            reversed |= bit
            if index < reversed { values.swapAt(index, reversed) }
        }
    }
}
