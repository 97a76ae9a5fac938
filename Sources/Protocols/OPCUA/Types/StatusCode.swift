/// The outcome of an operation or the quality of a value (Part 4, 7.39).
public struct StatusCode: Hashable, Sendable, BinaryCodable, CustomStringConvertible {
    public var rawValue: UInt32

    @inlinable public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    @inlinable public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        rawValue = try reader.readUInt32()
    }
    @inlinable public func encode(to writer: inout BinaryWriter) { writer.write(rawValue) }

    /// The two highest bits: 00 good, 01 uncertain, 10 bad (11 is read as bad).
    @inlinable public var isGood: Bool { rawValue & 0xC000_0000 == 0 }
    @inlinable public var isUncertain: Bool { rawValue & 0xC000_0000 == 0x4000_0000 }
    @inlinable public var isBad: Bool { rawValue & 0x8000_0000 != 0 }

    /// The code without its flag and info bits.
    @inlinable public var base: StatusCode { StatusCode(rawValue & 0xFFFF_0000) }

    /// Info bits that mark a value of a queue that overflowed (Part 4, 7.39.1: InfoType DataValue, Overflow).
    public static let overflowBits: UInt32 = 0x0000_0480

    /// The name in the standard, e.g. `BadNodeIdUnknown`, whatever the info bits; nil for a code it does not name.
    public var name: String? { StatusCodeNames.shared.names[UInt16(rawValue >> 16)] }

    /// The code of a name, in any case; nil for a name the standard does not have.
    public init?(name: some StringProtocol) {
        guard let code = StatusCodeNames.shared.codes[name.lowercased()] else { return nil }
        rawValue = UInt32(code) << 16
    }

    /// `BadNodeIdUnknown (0x80340000)`.
    public var description: String {
        let code = "0x" + hex(UInt64(rawValue), digits: 8)
        guard let name else { return code }
        return "\(name) (\(code))"
    }
}

/// Both directions of the table of names, parsed when first used.
private struct StatusCodeNames: Sendable {
    static let shared = StatusCodeNames()

    var names: [UInt16: String] = [:]
    var codes: [String: UInt16] = [:]

    init() {
        for line in statusCodeTable.description.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let code = UInt16(words[0], radix: 16) else { continue }
            names[code] = String(words[1])
            codes[words[1].lowercased()] = code
        }
    }
}
