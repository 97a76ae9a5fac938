/// Text of floating-point numbers that reads back as the same number, written without a String.
///
/// Most plant values have a few decimals. For those the digits are found by one multiplication and checked by
/// one division: an integer below 2^53 over a power of ten up to 10^22 divides to the nearest double, so when
/// the quotient equals the value the text is exact. All others take the standard library's shortest form.
package enum NumberText {
    /// Room for the longest fast form: sign, 16 digits, point.
    package typealias Buffer = (UInt64, UInt64, UInt64)

    private static let powersOfTen: [Double] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]
    private static let exactIntegerLimit = 9_007_199_254_740_992.0

    /// Hands the UTF-8 text of a double to `body`. NaN and infinities are `NaN`, `Infinity`, `-Infinity`.
    package static func withText<Result>(
        of value: Double, in buffer: inout Buffer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        guard value.isFinite else { return withUTF8(of: nonFinite(value), body) }
        let magnitude = value.magnitude
        if magnitude < exactIntegerLimit / 10, !(value == 0 && value.sign == .minus) {
            for decimals in 1..<powersOfTen.count {
                let scaled = (magnitude * powersOfTen[decimals]).rounded()
                guard scaled < exactIntegerLimit else { break }
                if scaled / powersOfTen[decimals] == magnitude {
                    return withUnsafeMutableBytes(of: &buffer) { bytes in
                        let start = writeDecimal(
                            UInt64(scaled), decimals: decimals, negative: value < 0, endOf: bytes)
                        return body(UnsafeRawBufferPointer(rebasing: bytes[start...]))
                    }
                }
            }
        }
        return withUTF8(of: value.description, body)
    }

    /// Hands the UTF-8 text of a float to `body`: the shortest text that reads back as the same 32-bit float.
    package static func withText<Result>(
        of value: Float, in buffer: inout Buffer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        guard value.isFinite else { return withUTF8(of: nonFinite(Double(value)), body) }
        return withUTF8(of: value.description, body)
    }

    package static func string(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private static func nonFinite(_ value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    }

    private static func withUTF8<Result>(of text: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var text = text
        return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }

    /// Writes digits from the end of `bytes` towards its start and returns where they begin.
    private static func writeDecimal(
        _ digits: UInt64, decimals: Int, negative: Bool, endOf bytes: UnsafeMutableRawBufferPointer
    ) -> Int {
        var position = bytes.count
        var rest = digits
        var written = 0
        while rest > 0 || written <= decimals {
            if written == decimals {
                position -= 1
                bytes[position] = UInt8(ascii: ".")
            }
            position -= 1
            bytes[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            written += 1
        }
        if negative {
            position -= 1
            bytes[position] = UInt8(ascii: "-")
        }
        return position
    }
}
