public import NIOCore

/// Cuts the bytes of a serial line into ASCII frames, however they arrive.
///
/// A colon always begins a frame (Serial line V1.02, 2.5.2.1), so after noise the next frame is found for certain.
/// Holds at most one unfinished frame besides what was appended last.
public struct ASCIIFrameAssembler: Sendable {
    private enum Place {
        case outside
        case inside
        /// After the carriage return.
        case ending
    }

    private var received = ByteBuffer()
    private var place = Place.outside
    /// What the digits of the present frame make.
    private var bytes: [UInt8] = []
    /// The first digit of the next byte.
    private var high: UInt8?
    /// Bytes since the last event.
    private var pending = 0
    private var isSilent = false

    /// Unit, PDU and LRC.
    private static let bytesMax = 1 + ModbusLimits.pduBytes + 1

    public init() {}

    /// Whether bytes have come that no event has told of.
    public var isUnfinished: Bool { pending > 0 }

    /// Adds bytes as they arrived; call `next` until it returns nil before adding more.
    public mutating func append(_ bytes: ByteBuffer) {
        isSilent = false
        if received.readableBytes == 0 {
            received = bytes
        } else {
            var bytes = bytes
            received.discardReadBytes()
            received.writeBuffer(&bytes)
        }
    }

    /// No byte has come for longer than a frame may be interrupted (1 s in the standard): what began will not end.
    public mutating func silenceReached() {
        isSilent = true
    }

    /// The next frame, or what turned out to be none; nil when more bytes are needed.
    public mutating func next() -> SerialEvent? {
        while let byte = received.readInteger(as: UInt8.self) {
            if let event = take(byte) { return event }
        }
        guard isSilent, pending > 0 else { return nil }
        return endFrame(nil)
    }

    private mutating func take(_ byte: UInt8) -> SerialEvent? {
        if byte == UInt8(ascii: ":") {
            let lost = pending
            begin()
            return lost > 0 ? .corrupt(bytes: lost) : nil
        }
        pending += 1
        switch place {
        case .outside: return pending < SerialFrame.rtuBytesMax ? nil : endFrame(nil)
        case .ending: return endFrame(byte == UInt8(ascii: "\n") ? frame : nil)
        case .inside:
            if byte == UInt8(ascii: "\r"), high == nil {
                place = .ending
                return nil
            }
            guard let digit = Self.digit(byte), bytes.count < Self.bytesMax else { return endFrame(nil) }
            if let high {
                bytes.append(high << 4 | digit)
                self.high = nil
            } else {
                high = digit
            }
            return nil
        }
    }

    private mutating func begin() {
        place = .inside
        bytes.removeAll(keepingCapacity: true)
        high = nil
        pending = 1
    }

    private mutating func endFrame(_ frame: SerialFrame?) -> SerialEvent {
        defer {
            place = .outside
            pending = 0
        }
        return frame.map(SerialEvent.frame) ?? .corrupt(bytes: pending)
    }

    private var frame: SerialFrame? {
        guard bytes.count >= 3, let unit = bytes.first, let lrc = bytes.last,
            SerialChecksum.lrc(bytes.dropLast()) == lrc
        else { return nil }
        return SerialFrame(unit: UnitID(rawValue: unit), pdu: ByteBuffer(bytes: bytes.dropFirst().dropLast()))
    }

    /// The value of a hexadecimal digit; small letters are not in the standard and are sent by some devices.
    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
