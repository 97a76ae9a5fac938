/// A point in time: 100-nanosecond ticks since 1601-01-01 UTC (Part 6, 5.2.2.5). 0 means "not specified".
public struct DateTime: Hashable, Comparable, Sendable, BinaryCodable {
    public var ticks: Int64

    /// Microseconds from 1601 to 1970.
    static let unixEpochMicroseconds: Int64 = 11_644_473_600_000_000

    public static let null = DateTime(ticks: 0)

    @inlinable public init(ticks: Int64) { self.ticks = ticks }

    /// From microseconds since 1970 UTC, exact. Times that ticks cannot express become the nearest that they can.
    public init(utcMicroseconds: Int64) {
        let (sum, overflow) = utcMicroseconds.addingReportingOverflow(Self.unixEpochMicroseconds)
        let (product, overflow2) = sum.multipliedReportingOverflow(by: 10)
        if overflow || overflow2 {
            ticks = utcMicroseconds < 0 ? .min : .max
        } else {
            ticks = product
        }
    }

    /// Microseconds since 1970 UTC, rounded down to a whole one; negative before 1970.
    public var utcMicroseconds: Int64 {
        let (quotient, remainder) = ticks.quotientAndRemainder(dividingBy: 10)
        // Rounded towards the past for ticks before 1601 too, so that order is kept.
        return quotient &- (remainder < 0 ? 1 : 0) &- Self.unixEpochMicroseconds
    }

    @inlinable public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        ticks = try reader.readInt64()
    }
    @inlinable public func encode(to writer: inout BinaryWriter) { writer.write(ticks) }

    @inlinable public static func < (left: DateTime, right: DateTime) -> Bool { left.ticks < right.ticks }
}
