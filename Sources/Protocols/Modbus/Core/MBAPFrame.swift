public import NIOCore

/// One PDU with the header that Modbus TCP puts in front of it (Messaging on TCP/IP V1.0b, 3.1.3).
public struct MBAPFrame: Hashable, Sendable {
    /// Pairs an answer with its request.
    public let transaction: UInt16
    public let unit: UnitID
    /// Function byte and data, 1...253 bytes.
    public let pdu: ByteBuffer

    public init(transaction: UInt16, unit: UnitID, pdu: ByteBuffer) {
        self.transaction = transaction
        self.unit = unit
        self.pdu = pdu
    }

    /// Bytes of the header: transaction 2, protocol 2, length 2, unit 1.
    public static let headerBytes = 7

    /// Appends the frame of a request, whose length is known beforehand.
    static func encode(
        _ request: ModbusRequest, transaction: UInt16, unit: UnitID, into buffer: inout ByteBuffer
    ) {
        let length = UInt16(truncatingIfNeeded: 1 + request.pduBytes)
        buffer.writeMultipleIntegers(transaction, UInt16(0), length, unit.rawValue)
        request.encode(into: &buffer)
    }

    /// Appends a frame whose PDU is written by `writePDU`; the length is filled in afterwards.
    public static func encode(
        transaction: UInt16, unit: UnitID, into buffer: inout ByteBuffer, writePDU: (inout ByteBuffer) -> Void
    ) {
        buffer.writeInteger(transaction)
        buffer.writeInteger(UInt16(0))  // protocol: Modbus
        let lengthIndex = buffer.writerIndex
        buffer.writeInteger(UInt16(0))
        let bodyIndex = buffer.writerIndex
        buffer.writeInteger(unit.rawValue)
        writePDU(&buffer)
        let length = UInt16(truncatingIfNeeded: buffer.writerIndex - bodyIndex)
        buffer.setInteger(length, at: lengthIndex)
    }
}

/// Cuts a TCP byte stream into frames, however the bytes arrive.
///
/// Holds at most one unfinished frame besides what was appended last. After an error the stream has no
/// frame boundary any more: every later call throws the same error, and the connection must be closed.
public struct MBAPDecoder: Sendable {
    private var received = ByteBuffer()
    private var failure: FramingError?
    /// Bytes of a frame before those that its length counts.
    private static let lengthEnd = 6

    public init() {}

    /// Adds bytes as they arrived; call `next` until it returns nil before adding more.
    public mutating func append(_ bytes: ByteBuffer) {
        if received.readableBytes == 0 {
            received = bytes
        } else {
            var bytes = bytes
            received.discardReadBytes()
            received.writeBuffer(&bytes)
        }
    }

    /// The next whole frame, or nil when more bytes are needed.
    ///
    /// - Throws: `FramingError` when the header is not one of Modbus.
    public mutating func next() throws(FramingError) -> MBAPFrame? {
        if let failure { throw failure }
        guard
            let (transaction, protocolID, length) = received.peekMultipleIntegers(as: (UInt16, UInt16, UInt16).self)
        else {
            // A part of a header; that it is none of Modbus is told as soon as it shows.
            let protocolID = received.getInteger(at: received.readerIndex + 2, as: UInt16.self) ?? 0
            guard protocolID == 0 else { throw fail(.notModbus(protocolID)) }
            return nil
        }
        guard protocolID == 0 else { throw fail(.notModbus(protocolID)) }
        // The length counts the unit byte and the PDU, which has at least its function byte.
        guard length >= 2, Int(length) <= 1 + ModbusLimits.pduBytes else { throw fail(.length(Int(length))) }
        let unitIndex = received.readerIndex + Self.lengthEnd
        guard let unit = received.getInteger(at: unitIndex, as: UInt8.self),
            let pdu = received.getSlice(at: unitIndex + 1, length: Int(length) - 1)
        else { return nil }
        if received.readableBytes == Self.lengthEnd + Int(length) {
            // Nothing is left, so the bytes are let go of: their memory can take what comes next.
            received = ByteBuffer()
        } else {
            received.moveReaderIndex(forwardBy: Self.lengthEnd + Int(length))
        }
        return MBAPFrame(transaction: transaction, unit: UnitID(rawValue: unit), pdu: pdu)
    }

    private mutating func fail(_ error: FramingError) -> FramingError {
        failure = error
        received = ByteBuffer()
        return error
    }
}

/// Why a byte stream is not Modbus TCP.
public enum FramingError: Error, Hashable, Sendable {
    case notModbus(UInt16)
    case length(Int)
}

extension FramingError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notModbus(let id): "the peer does not speak Modbus TCP (protocol identifier \(id) instead of 0)"
        case .length(let length): "a frame claims a length of \(length), allowed are 2 to 254"
        }
    }
}
