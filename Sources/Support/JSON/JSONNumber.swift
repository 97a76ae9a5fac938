/// The value of a JSON number, exact where an integer of 64 bits can hold it.
package enum JSONNumber: Hashable, Sendable {
    case int(Int64)
    /// Above `Int64.max`.
    case uint(UInt64)
    /// The nearest double; an infinity when the number is larger than any.
    case double(Double)

    /// Reads a text that the scanner has checked.
    /// - Parameter isInteger: whether it has neither fraction nor exponent.
    package init(_ text: UnsafeRawBufferPointer, isInteger: Bool) {
        self = (isInteger ? Self.integer(text) : nil) ?? .double(Self.double(text))
    }

    /// Digits with at most a minus sign; nil when 64 bits do not hold them.
    private static func integer(_ text: UnsafeRawBufferPointer) -> JSONNumber? {
        var at = 0
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative { at = 1 }
        // 20 digits are the most that 64 bits hold; a leading zero stands alone.
        guard text.count &- at <= 20 else { return nil }
        var magnitude: UInt64 = 0
        while at < text.count {
            let digit = UInt64(text[at] &- UInt8(ascii: "0"))
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(digit)
            if overflow || carry { return nil }
            magnitude = sum
            at &+= 1
        }
        guard isNegative else {
            return Int64(exactly: magnitude).map(JSONNumber.int) ?? .uint(magnitude)
        }
        guard magnitude <= Int64.min.magnitude else { return nil }
        return .int(Int64(truncatingIfNeeded: 0 &- magnitude))
    }

    /// The double nearest to a number, ties to even.
    ///
    /// Up to 15 digits and a power of ten up to 22 are both exact doubles, so that one multiplication or division
    /// rounds once and rightly (Clinger 1990); everything else is left to the standard library.
    package static func double(_ text: UnsafeRawBufferPointer) -> Double {
        guard let decimal = ShortDecimal(text) else { return slowDouble(text) }
        let magnitude = Double(decimal.digits)
        let power = Self.powersOfTen[Int(decimal.exponent.magnitude)]
        let value = decimal.exponent < 0 ? magnitude / power : magnitude * power
        return decimal.isNegative ? -value : value
    }

    private static func slowDouble(_ text: UnsafeRawBufferPointer) -> Double {
        // The text has the grammar of a number, so that the library cannot refuse it.
        Double(String(decoding: text, as: UTF8.self)) ?? .nan
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}

/// A number of at most 15 digits and a power of ten from -22 to 22.
private struct ShortDecimal {
    var isNegative = false
    var digits: UInt64 = 0
    var exponent = 0

    init?(_ text: UnsafeRawBufferPointer) {
        var at = 0
        if text.first == UInt8(ascii: "-") {
            isNegative = true
            at = 1
        }
        var count = 0
        var isFraction = false
        while at < text.count {
            let byte = text[at]
            let digit = byte &- UInt8(ascii: "0")
            if digit <= 9 {
                digits = digits &* 10 &+ UInt64(digit)
                // Leading zeros are no digits.
                if digits != 0 { count &+= 1 }
                if isFraction { exponent &-= 1 }
                if count > 15 || exponent < -64 { return nil }
            } else if byte == UInt8(ascii: ".") {
                isFraction = true
            } else {
                guard let written = Self.exponent(text, from: at &+ 1) else { return nil }
                exponent &+= written
                break
            }
            at &+= 1
        }
        guard exponent >= -22, exponent <= 22 else { return nil }
    }

    /// The exponent after its `e`; nil above 999.
    private static func exponent(_ text: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var at = start
        var isNegative = false
        if at < text.count, text[at] == UInt8(ascii: "+") || text[at] == UInt8(ascii: "-") {
            isNegative = text[at] == UInt8(ascii: "-")
            at &+= 1
        }
        var value = 0
        while at < text.count {
            value = value &* 10 &+ Int(text[at] &- UInt8(ascii: "0"))
            if value > 999 { return nil }
            at &+= 1
        }
        return isNegative ? 0 &- value : value
    }
}
