/// How the words of registers make a value.
public enum RegisterDataType: String, Hashable, CaseIterable, Sendable {
    case int16, uint16, int32, uint32, int64, uint64, float32, float64, bool, string

    /// Registers that one value takes; for a string the least, since its length is a matter of configuration.
    public var width: Int {
        switch self {
        case .int16, .uint16, .bool, .string: 1
        case .int32, .uint32, .float32: 2
        case .int64, .uint64, .float64: 4
        }
    }
}

/// In which order the bytes of a value come: A is the most significant byte, the registers are read left to right.
///
/// A value of four registers follows the same pattern: `CDAB` has the least significant word first.
public enum ByteOrder: String, Hashable, CaseIterable, Sendable {
    /// Most significant word first, most significant byte first: as the standard has it.
    case abcd = "ABCD"
    /// Words swapped.
    case cdab = "CDAB"
    /// Bytes swapped within each word.
    case badc = "BADC"
    /// Both swapped: little-endian throughout.
    case dcba = "DCBA"

    /// Whether the two bytes of a register have changed places.
    package var swapsBytes: Bool { self == .badc || self == .dcba }

    /// Registers as read ↔ the value's bits; the same function both ways.
    package func arrange(_ word: UInt16) -> UInt16 { swapsBytes ? word.byteSwapped : word }

    /// Registers as read ↔ the value's bits; the same function both ways.
    package func arrange(_ words: UInt32) -> UInt32 {
        switch self {
        case .abcd: words
        case .cdab: words << 16 | words >> 16
        case .badc: (words << 8 & 0xFF00_FF00) | (words >> 8 & 0x00FF_00FF)
        case .dcba: words.byteSwapped
        }
    }

    /// Registers as read ↔ the value's bits; the same function both ways.
    package func arrange(_ words: UInt64) -> UInt64 {
        switch self {
        case .abcd: words
        case .cdab: Self.swapBytesInWords(words.byteSwapped)
        case .badc: Self.swapBytesInWords(words)
        case .dcba: words.byteSwapped
        }
    }

    private static func swapBytesInWords(_ words: UInt64) -> UInt64 {
        (words << 8 & 0xFF00_FF00_FF00_FF00) | (words >> 8 & 0x00FF_00FF_00FF_00FF)
    }
}

/// A value read from registers.
public enum RegisterValue: Hashable, Sendable {
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case float32(Float)
    case float64(Double)
    case string(String)
}
