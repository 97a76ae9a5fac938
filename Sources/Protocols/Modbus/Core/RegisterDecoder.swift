import NIOCore

/// Some neighbouring bits of a register or of a value of several registers; bit 0 is the least significant.
public struct BitField: Hashable, Sendable {
    public let lowest: UInt8
    public let width: UInt8

    /// nil when there is no bit, or one beyond the 64 of the widest value.
    public init?(lowest: Int, width: Int = 1) {
        guard lowest >= 0, width >= 1, lowest <= 63, width <= 64 - lowest else { return nil }
        self.lowest = UInt8(lowest)
        self.width = UInt8(width)
    }

    func extract(from value: UInt64) -> UInt64 {
        let mask = width == 64 ? UInt64.max : (1 << UInt64(width)) - 1
        return value >> UInt64(lowest) & mask
    }
}

/// Turns registers into a value: built once for a tag, used for each of its readings.
public struct RegisterDecoder: Hashable, Sendable {
    public let dataType: RegisterDataType
    public let byteOrder: ByteOrder
    public let bits: BitField?
    /// Registers that one value takes.
    public let width: Int
    /// Applied to numbers; nil where it would change nothing.
    public let scaling: Scaling?

    /// A decoder for one kind of value.
    ///
    /// - Parameters:
    ///   - scaling: applied to numbers, which become a float64.
    ///   - bits: takes these bits of a whole number, as an unsigned number or, for `bool`, whether any is set.
    ///   - stringRegisters: length of a string; of no account for other types.
    /// - Throws: `DecoderError` when the parts do not go together.
    public init(
        _ dataType: RegisterDataType, byteOrder: ByteOrder = .abcd, scaling: Scaling? = nil, bits: BitField? = nil,
        stringRegisters: Int = 1
    ) throws(DecoderError) {
        let width = dataType == .string ? stringRegisters : dataType.width
        guard width >= 1, width <= ModbusLimits.registersPerRead else { throw .stringLength(width) }
        let scaling = scaling?.isIdentity == true ? nil : scaling
        if scaling != nil, dataType == .bool || dataType == .string { throw .notScalable(dataType) }
        if let bits {
            switch dataType {
            case .float32, .float64, .string: throw .noBits(dataType)
            default: break
            }
            guard Int(bits.lowest) + Int(bits.width) <= 16 * width else { throw .bitsBeyond(width: 16 * width) }
        }
        self.dataType = dataType
        self.byteOrder = byteOrder
        self.bits = bits
        self.width = width
        self.scaling = scaling
    }

    /// The value that begins at a register of the block, counted from its first.
    ///
    /// A table of bits gives the bit as a bool. nil when the value does not lie wholly inside the block.
    public func decode(_ block: RegisterBlock, at index: Int) -> RegisterValue? {
        if block.type.isBit { return block.bit(at: index).map(RegisterValue.bool) }
        guard index >= 0, index <= block.count - width else { return nil }
        let start = block.bytes.readerIndex + 2 * index
        switch dataType {
        case .string:
            return block.bytes.getBytes(at: start, length: 2 * width).map { .string(text(of: $0)) }
        case .bool, .uint16, .int16:
            return block.bytes.getInteger(at: start, as: UInt16.self).map { number(byteOrder.arrange($0)) }
        case .uint32, .int32, .float32:
            return block.bytes.getInteger(at: start, as: UInt32.self).map { number(byteOrder.arrange($0)) }
        case .uint64, .int64, .float64:
            return block.bytes.getInteger(at: start, as: UInt64.self).map { number(byteOrder.arrange($0)) }
        }
    }

    private func number(_ raw: some FixedWidthInteger & UnsignedInteger) -> RegisterValue {
        if let bits {
            let field = bits.extract(from: UInt64(raw))
            return dataType == .bool ? .bool(field != 0) : scaled(unsigned: field)
        }
        switch dataType {
        case .bool: return .bool(raw != 0)
        case .int16: return scaled(signed: Int64(Int16(truncatingIfNeeded: raw)))
        case .int32: return scaled(signed: Int64(Int32(truncatingIfNeeded: raw)))
        case .int64: return scaled(signed: Int64(truncatingIfNeeded: raw))
        case .float32:
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: raw))
            return scaling.map { .float64($0.apply(Double(value))) } ?? .float32(value)
        case .float64:
            let value = Double(bitPattern: UInt64(raw))
            return .float64(scaling?.apply(value) ?? value)
        case .uint16, .uint32, .uint64, .string: return scaled(unsigned: UInt64(raw))
        }
    }

    private func scaled(signed value: Int64) -> RegisterValue {
        scaling.map { .float64($0.apply(value)) } ?? .int(value)
    }

    private func scaled(unsigned value: UInt64) -> RegisterValue {
        guard let scaling else { return .uint(value) }
        if let signed = Int64(exactly: value) { return .float64(scaling.apply(signed)) }
        return .float64(scaling.apply(Double(value)))
    }

    /// A string has no word order: only the bytes within a register may be swapped.
    private func text(of bytes: [UInt8]) -> String {
        guard byteOrder.swapsBytes else { return Self.text(of: bytes) }
        var swapped = bytes
        for index in stride(from: 0, to: swapped.count - 1, by: 2) { swapped.swapAt(index, index + 1) }
        return Self.text(of: swapped)
    }

    /// Text up to the first NUL: UTF-8 where it is such, else each byte as its Latin-1 character.
    static func text(of bytes: [UInt8]) -> String {
        let content = bytes.prefix { $0 != 0 }
        if let text = String(validating: content, as: UTF8.self) { return text }
        return String(String.UnicodeScalarView(content.map { Unicode.Scalar($0) }))
    }
}

/// Why a decoder cannot be made: its parts do not go together.
public enum DecoderError: Error, Hashable, Sendable {
    case stringLength(Int)
    case notScalable(RegisterDataType)
    case noBits(RegisterDataType)
    case bitsBeyond(width: Int)
}

extension DecoderError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .stringLength(let length):
            "a string takes 1 to \(ModbusLimits.registersPerRead) registers, not \(length)"
        case .notScalable(let type): "a \(type.rawValue) has no scale or offset"
        case .noBits(let type): "a \(type.rawValue) has no bit field"
        case .bitsBeyond(let width): "the bit field reaches beyond the \(width) bits of the value"
        }
    }
}
