/// A 16-byte identifier (Part 6, 5.2.2.6): three little-endian integers and eight bytes on the wire.
public struct Guid: Hashable, Sendable, BinaryCodable, CustomStringConvertible {
    public var data1: UInt32
    public var data2: UInt16
    public var data3: UInt16
    /// The last eight bytes, first byte highest.
    public var data4: UInt64

    public static let zero = Guid(data1: 0, data2: 0, data3: 0, data4: 0)

    public init(data1: UInt32, data2: UInt16, data3: UInt16, data4: UInt64) {
        self.data1 = data1
        self.data2 = data2
        self.data3 = data3
        self.data4 = data4
    }

    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        data1 = try reader.readUInt32()
        data2 = try reader.readUInt16()
        data3 = try reader.readUInt16()
        data4 = UInt64(bigEndian: UInt64(littleEndian: try reader.readUInt64()))
    }

    public func encode(to writer: inout BinaryWriter) {
        writer.write(data1)
        writer.write(data2)
        writer.write(data3)
        writer.write(data4.byteSwapped)
    }

    /// Text form of Part 6, 5.1.3: `72962B91-FA75-4AE6-8D28-B404DC7DAF63`; nil when it is not one.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12],
            text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || Character(Unicode.Scalar($0)).isHexDigit }),
            let first = UInt32(parts[0], radix: 16), let second = UInt16(parts[1], radix: 16),
            let third = UInt16(parts[2], radix: 16), let fourth = UInt64(String(parts[3]) + String(parts[4]), radix: 16)
        else { return nil }
        self.init(data1: first, data2: second, data3: third, data4: fourth)
    }

    public var description: String {
        let tail = hex(data4, digits: 16)
        return [
            hex(UInt64(data1), digits: 8), hex(UInt64(data2), digits: 4), hex(UInt64(data3), digits: 4),
            String(tail.prefix(4)), String(tail.suffix(12)),
        ].joined(separator: "-")
    }
}

/// Upper-case hexadecimal with leading zeros.
func hex(_ value: UInt64, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
}
