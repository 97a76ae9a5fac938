/// Text of numbers that reads back as the same number, written without a String.
///
/// Most plant values have a few decimals. For those the digits are found by one multiplication and checked by
/// one division: an integer below 2^52 over a power of ten up to 10^22 divides to the nearest double, so when
/// the quotient equals the value the text is exact. All others take the standard library's shortest form.
package enum NumberText {
    /// Room for the longest text: `-2.2250738585072014e-308` takes 24 bytes.
    package typealias Buffer = (UInt64, UInt64, UInt64, UInt64)
    /// More bytes than any number takes.
    package static let bytesMax = 32

    private static let decimalsMax = 6
    /// Below it adding a half is exact, and so is every integer.
    private static let integerLimit = 4_503_599_627_370_496.0
    /// A decimal text of seven digits lies between no two neighbouring floats so closely that reading it as a double
    /// first could lead to the wrong one.
    private static let floatIntegerLimit = 10_000_000.0

    /// Hands the UTF-8 text of a double to `body`. NaN and infinities are `NaN`, `Infinity`, `-Infinity`.
    package static func withText<Result>(
        of value: Double, in buffer: inout Buffer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withText(in: &buffer, body) { write(value, to: $0) }
    }

    /// Hands the UTF-8 text of a float to `body`: the shortest text that reads back as the same 32-bit float.
    package static func withText<Result>(
        of value: Float, in buffer: inout Buffer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        withText(in: &buffer, body) { write(value, to: $0) }
    }

    private static func withText<Result>(
        in buffer: inout Buffer, _ body: (UnsafeRawBufferPointer) -> Result,
        _ write: (UnsafeMutableRawPointer) -> Int
    ) -> Result {
        withUnsafeMutablePointer(to: &buffer) { place in
            let count = write(UnsafeMutableRawPointer(place))
            return body(UnsafeRawBufferPointer(start: place, count: count))
        }
    }

    package static func string(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    // MARK: In place

    /// Writes the text of a double to `place`, where there is room for ``bytesMax`` bytes.
    /// - Returns: its length.
    @inline(__always)
    static func write(_ value: Double, to place: UnsafeMutableRawPointer) -> Int {
        let magnitude = value.magnitude
        var power = 10.0
        for decimals in 1...decimalsMax {
            // False for what is no number, too.
            guard magnitude * power < integerLimit else { break }
            let digits = Int64(magnitude * power + 0.5)
            if Double(digits) / power == magnitude, value != 0 || value.sign == .plus {
                return write(UInt64(bitPattern: digits), decimals: decimals, isNegative: value < 0, to: place)
            }
            power *= 10
        }
        return write(value.isFinite ? value.description : nonFinite(value), to: place)
    }

    /// Writes the text of a float to `place`, where there is room for ``bytesMax`` bytes.
    /// - Returns: its length.
    @inline(__always)
    static func write(_ value: Float, to place: UnsafeMutableRawPointer) -> Int {
        let magnitude = Double(value.magnitude)
        // Smaller ones take the form with an exponent.
        if magnitude >= 0.001 || value == 0 && value.sign == .plus {
            var power = 10.0
            for decimals in 1...decimalsMax {
                guard magnitude * power < floatIntegerLimit else { break }
                let digits = Int64(magnitude * power + 0.5)
                if Float(Double(digits) / power) == value.magnitude {
                    return write(UInt64(bitPattern: digits), decimals: decimals, isNegative: value < 0, to: place)
                }
                power *= 10
            }
        }
        return write(value.isFinite ? value.description : nonFinite(Double(value)), to: place)
    }

    /// Writes the digits of an integer to `place`, where there is room for ``bytesMax`` bytes.
    /// - Returns: their number, with the sign.
    @inline(__always)
    static func write(_ value: Int64, to place: UnsafeMutableRawPointer) -> Int {
        guard value < 0 else { return write(UInt64(value), to: place) }
        place.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
        return write(value.magnitude, to: place + 1) + 1
    }

    /// Writes the digits of an integer to `place`, where there is room for ``bytesMax`` bytes.
    /// - Returns: their number.
    @inline(__always)
    static func write(_ value: UInt64, to place: UnsafeMutableRawPointer) -> Int {
        let count = length(of: value)
        var rest = value
        writeDigits(count, of: &rest, endingAt: place + count)
        return count
    }

    /// Writes a text of ``bytesMax`` bytes at most.
    static func write(_ text: String, to place: UnsafeMutableRawPointer) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            let count = min(bytes.count, bytesMax)
            if let start = bytes.baseAddress { place.copyMemory(from: start, byteCount: count) }
            return count
        }
    }

    /// Writes digits with a point before the last `decimals` of them.
    @inline(__always)
    private static func write(
        _ digits: UInt64, decimals: Int, isNegative: Bool, to place: UnsafeMutableRawPointer
    ) -> Int {
        let count = max(length(of: digits), decimals + 1) + (isNegative ? 1 : 0)
        if isNegative { place.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self) }
        let end = place + count + 1
        var rest = digits
        writeDigits(decimals, of: &rest, endingAt: end)
        (end - decimals - 1).storeBytes(of: UInt8(ascii: "."), as: UInt8.self)
        writeDigits(count - decimals - (isNegative ? 1 : 0), of: &rest, endingAt: end - decimals - 1)
        return count + 1
    }

    /// Writes the last digits of a number and takes them off it.
    @inline(__always)
    private static func writeDigits(_ count: Int, of rest: inout UInt64, endingAt end: UnsafeMutableRawPointer) {
        var place = end
        for _ in 0..<count {
            place -= 1
            place.storeBytes(of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10), as: UInt8.self)
            rest /= 10
        }
    }

    @inline(__always)
    private static func length(of number: UInt64) -> Int {
        var count = 1
        var limit: UInt64 = 10
        while number >= limit, count < 20 {
            count += 1
            limit &*= 10
        }
        return count
    }

    private static func nonFinite(_ value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    }
}
