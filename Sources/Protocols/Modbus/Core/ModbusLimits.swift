/// Sizes fixed by the standard (Modbus application protocol V1.1b3, clause 4.1 and the functions of clause 6).
public enum ModbusLimits {
    /// Registers in one read: what fits into a PDU after function byte and byte count.
    public static let registersPerRead = 125
    /// Bits in one read.
    public static let bitsPerRead = 2000
    /// Registers in one write (function 16).
    public static let registersPerWrite = 123
    /// Bits in one write (function 15).
    public static let bitsPerWrite = 1968
    /// Registers in the write part of function 23.
    public static let registersPerReadWrite = 121
    /// Bytes of a PDU: the 256 of an RS-485 frame less address and checksum.
    public static let pduBytes = 253
    /// Registers, or bits, that one table of a device can hold.
    public static let addresses = 65_536
}
