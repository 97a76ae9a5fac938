/// Elementary functions made of additions, multiplications, divisions and square roots alone.
///
/// Those four are rounded the same way on every processor, the functions of the C library are not: with
/// these a seed gives the same bytes on every machine.
enum Arithmetic {
    /// The sine of an angle in turns (1.0 is the full circle), within 1e-7.
    static func sine(turns: Double) -> Double {
        // Fold into -0.25 ... 0.25 turns, where the series converges fast.
        var fraction = turns - turns.rounded(.down)
        if fraction > 0.75 { fraction -= 1 } else if fraction > 0.25 { fraction = 0.5 - fraction }
        let x = fraction * 6.283_185_307_179_586
        let square = x * x
        var sum = 1.0 - square / 110
        sum = 1.0 - square / 72 * sum
        sum = 1.0 - square / 42 * sum
        sum = 1.0 - square / 20 * sum
        sum = 1.0 - square / 6 * sum
        return x * sum
    }

    /// e to the power of minus `exponent`, for exponents from 0 up, within 1e-12 relative.
    static func decay(_ exponent: Double) -> Double {
        guard exponent < 700 else { return 0 }
        // Halve until small, take the series, square back.
        var small = exponent
        var squarings = 0
        while small > 0.03125 {
            small /= 2
            squarings += 1
        }
        var sum = 1.0 - small / 8
        for divisor in stride(from: 7.0, through: 1.0, by: -1.0) { sum = 1.0 - small / divisor * sum }
        for _ in 0..<squarings { sum *= sum }
        return sum
    }

    /// A value squeezed smoothly into the open interval -1 ... 1; near zero it changes nothing.
    static func saturate(_ value: Double) -> Double {
        value / (1 + value * value).squareRoot()
    }
}
