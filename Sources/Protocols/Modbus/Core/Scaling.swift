/// Raw number × scale + offset.
///
/// Scale and offset are decimal fractions to the person who wrote them, and 0.1 has no exact binary form. For whole
/// numbers the result is therefore computed as (raw × n + m) / 10^k wherever that is exact, so that −25536 × 0.1 is
/// −2553.6 and not −2553.6000000000004.
public struct Scaling: Hashable, Sendable {
    public let scale: Double
    public let offset: Double
    /// Scale and offset as n / 10^k and m / 10^k, where both are such.
    private let decimal: Decimal?

    private struct Decimal: Hashable {
        var scale: Int64
        var offset: Int64
        var denominator: Int64
    }

    /// nil unless both numbers are finite and the scale is not 0.
    public init?(scale: Double = 1, offset: Double = 0) {
        guard scale.isFinite, offset.isFinite, scale != 0 else { return nil }
        self.scale = scale
        self.offset = offset
        decimal = Self.decimal(scale: scale, offset: offset)
    }

    /// Whether the value stays as it is.
    public var isIdentity: Bool { scale == 1 && offset == 0 }

    /// A whole number scaled: the nearest double to the exact result wherever that fits into 53 bits.
    public func apply(_ raw: Int64) -> Double {
        guard let decimal else { return apply(Double(raw)) }
        let (product, overflow) = raw.multipliedReportingOverflow(by: decimal.scale)
        let (sum, carry) = product.addingReportingOverflow(decimal.offset)
        guard !overflow, !carry, sum.magnitude <= Self.exactLimit else { return apply(Double(raw)) }
        return Double(sum) / Double(decimal.denominator)
    }

    /// A number scaled in double arithmetic.
    public func apply(_ raw: Double) -> Double { raw * scale + offset }

    /// Whole numbers up to here are exact as a double.
    private static let exactLimit: UInt64 = 1 << 53

    private static func decimal(scale: Double, offset: Double) -> Decimal? {
        var denominator: Int64 = 1
        for _ in 0...12 {
            if let wholeScale = whole(scale, times: denominator), let wholeOffset = whole(offset, times: denominator) {
                return Decimal(scale: wholeScale, offset: wholeOffset, denominator: denominator)
            }
            denominator *= 10
        }
        return nil
    }

    /// The whole number that divided by `denominator` gives exactly `value`, if there is one.
    private static func whole(_ value: Double, times denominator: Int64) -> Int64? {
        let product = (value * Double(denominator)).rounded()
        guard product.magnitude <= Double(exactLimit), product / Double(denominator) == value else { return nil }
        return Int64(product)
    }
}
