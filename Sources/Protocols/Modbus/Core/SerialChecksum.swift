import NIOCore

/// The checksums of the two serial frames.
public enum SerialChecksum {
    /// The remainders of all bytes for the polynomial 0xA001, so that a byte costs one look-up.
    private static let table: [UInt16] = (0..<256).map { index in
        var crc = UInt16(index)
        for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xA001 : crc >> 1 }
        return crc
    }

    /// CRC-16 over some bytes (Serial line V1.02, 6.2); sent low byte first.
    public static func crc(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var crc: UInt16 = 0xFFFF
        for byte in bytes { crc = crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] }
        return crc
    }

    /// The two's complement of the sum of some bytes (Serial line V1.02, 6.1).
    public static func lrc(_ bytes: some Sequence<UInt8>) -> UInt8 {
        0 &- bytes.reduce(0, &+)
    }
}
