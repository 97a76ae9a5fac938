public import NIOCore

/// One PDU with the address of its unit, as it travels on a serial line (Serial line V1.02, 2.3).
public struct SerialFrame: Hashable, Sendable {
    public let unit: UnitID
    /// Function byte and data, 1...253 bytes.
    public let pdu: ByteBuffer

    public init(unit: UnitID, pdu: ByteBuffer) {
        self.unit = unit
        self.pdu = pdu
    }

    /// Unit, PDU and CRC: the longest RTU frame.
    public static let rtuBytesMax = 256
    /// Unit, shortest PDU and CRC.
    static let rtuBytesMin = 4

    /// Appends an RTU frame whose PDU is written by `writePDU`.
    public static func encodeRTU(unit: UnitID, into buffer: inout ByteBuffer, writePDU: (inout ByteBuffer) -> Void) {
        let start = buffer.writerIndex
        buffer.writeInteger(unit.rawValue)
        writePDU(&buffer)
        let crc = SerialChecksum.crc(buffer.viewBytes(at: start, length: buffer.writerIndex - start) ?? .init(.init()))
        buffer.writeInteger(crc, endianness: .little)
    }

    /// Appends an ASCII frame whose PDU is written by `writePDU`.
    public static func encodeASCII(
        unit: UnitID, into buffer: inout ByteBuffer, writePDU: (inout ByteBuffer) -> Void
    ) {
        var frame = ByteBuffer(integer: unit.rawValue)
        writePDU(&frame)
        frame.writeInteger(SerialChecksum.lrc(frame.readableBytesView))
        buffer.writeInteger(UInt8(ascii: ":"))
        for byte in frame.readableBytesView {
            buffer.writeInteger(hexDigit(byte >> 4))
            buffer.writeInteger(hexDigit(byte & 0xF))
        }
        buffer.writeInteger(UInt8(ascii: "\r"))
        buffer.writeInteger(UInt8(ascii: "\n"))
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}

/// What a serial line has brought.
public enum SerialEvent: Hashable, Sendable {
    case frame(SerialFrame)
    /// Bytes that make no frame: noise, a frame cut short, or one whose checksum is wrong.
    case corrupt(bytes: Int)
}
