public import NIOCore

/// What a device answered to a read: the raw words or bits of one block, as they came off the wire.
///
/// `bytes` is a slice of what was received and is checked to hold `count` registers or bits.
public struct RegisterBlock: Hashable, Sendable {
    public let type: RegisterType
    /// First address, counted from 0.
    public let address: UInt16
    /// Registers, or bits.
    public let count: Int
    /// Registers as big-endian words, or bits packed from the lowest bit of the first byte.
    public let bytes: ByteBuffer

    init(type: RegisterType, address: UInt16, count: Int, bytes: ByteBuffer) {
        self.type = type
        self.address = address
        self.count = count
        self.bytes = bytes
    }

    /// The register at an index counted from the block's first; nil outside the block or in a table of bits.
    public func register(at index: Int) -> UInt16? {
        guard !type.isBit, index >= 0, index < count else { return nil }
        return bytes.getInteger(at: bytes.readerIndex + 2 * index)
    }

    /// The bit at an index counted from the block's first; nil outside the block or in a table of registers.
    public func bit(at index: Int) -> Bool? {
        guard type.isBit, index >= 0, index < count else { return nil }
        guard let byte = bytes.getInteger(at: bytes.readerIndex + index / 8, as: UInt8.self) else { return nil }
        return byte >> UInt8(index % 8) & 1 == 1
    }

    /// All registers; empty for a table of bits.
    public var registers: [UInt16] { (0..<count).compactMap { register(at: $0) } }

    /// All bits; empty for a table of registers.
    public var bits: [Bool] { (0..<count).compactMap { bit(at: $0) } }
}

/// Writes the answers of a server to reads, and exceptions.
public enum ResponseEncoder {
    /// Appends the PDU that answers a read of registers. At most `ModbusLimits.registersPerRead` of them.
    public static func registers(
        _ values: some Collection<UInt16>, function: FunctionCode, into buffer: inout ByteBuffer
    ) {
        buffer.writeInteger(function.rawValue)
        buffer.writeInteger(UInt8(truncatingIfNeeded: 2 * values.count))
        for value in values { buffer.writeInteger(value) }
    }

    /// Appends the PDU that answers a read of bits; the spare bits of the last byte are 0 (V1.1b3, 6.1).
    public static func bits(_ values: some Collection<Bool>, function: FunctionCode, into buffer: inout ByteBuffer) {
        buffer.writeInteger(function.rawValue)
        buffer.writeInteger(UInt8(truncatingIfNeeded: (values.count + 7) / 8))
        var byte: UInt8 = 0
        var filled = 0
        for value in values {
            if value { byte |= 1 << UInt8(filled) }
            filled += 1
            if filled == 8 {
                buffer.writeInteger(byte)
                byte = 0
                filled = 0
            }
        }
        if filled > 0 { buffer.writeInteger(byte) }
    }

    /// Appends the PDU that refuses a request (V1.1b3, clause 7). `function` is the byte as it was received.
    public static func exception(_ code: ExceptionCode, function: UInt8, into buffer: inout ByteBuffer) {
        buffer.writeInteger(function | FunctionCode.exceptionFlag)
        buffer.writeInteger(code.rawValue)
    }
}
