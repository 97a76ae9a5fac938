import ModbusCore
import NIOCore

/// A request as a server receives it. Only a server can be told to write; there is no way to encode one of these.
enum ServerRequest: Hashable {
    case read(ReadRequest)
    case writeSingleCoil(address: UInt16, on: Bool)
    case writeSingleRegister(address: UInt16, word: UInt16)
    case writeMultipleCoils(address: UInt16, bits: [Bool])
    case writeMultipleRegisters(address: UInt16, words: [UInt16])
    case maskWriteRegister(address: UInt16, and: UInt16, or: UInt16)
    case readWriteMultipleRegisters(read: ReadRequest, address: UInt16, words: [UInt16])
    case deviceIdentification(DeviceIdentificationRequest)

    /// Reads a PDU, checking it in the order of the standard's state diagrams: function, quantities, addresses.
    ///
    /// - Throws: the exception to answer. A PDU whose length does not fit its quantities is an `illegalDataValue`.
    init(decoding pdu: ByteBuffer) throws(ExceptionRefusal) {
        var pdu = pdu
        guard let code = pdu.readInteger(as: UInt8.self), let function = FunctionCode(rawValue: code) else {
            throw ExceptionRefusal(.illegalFunction)
        }
        switch function {
        case .readCoils: self = .read(try Self.read(.coil, &pdu))
        case .readDiscreteInputs: self = .read(try Self.read(.discrete, &pdu))
        case .readHoldingRegisters: self = .read(try Self.read(.holding, &pdu))
        case .readInputRegisters: self = .read(try Self.read(.input, &pdu))
        case .writeSingleCoil:
            let (address, value) = try Self.pair(&pdu)
            guard value == 0xFF00 || value == 0 else { throw ExceptionRefusal(.illegalDataValue) }
            self = .writeSingleCoil(address: address, on: value != 0)
        case .writeSingleRegister:
            let (address, word) = try Self.pair(&pdu)
            self = .writeSingleRegister(address: address, word: word)
        case .writeMultipleCoils:
            let (address, count) = try Self.pair(&pdu)
            self = .writeMultipleCoils(address: address, bits: try Self.bits(Int(count), at: address, &pdu))
        case .writeMultipleRegisters:
            let (address, count) = try Self.pair(&pdu)
            let words = try Self.words(Int(count), limit: ModbusLimits.registersPerWrite, at: address, &pdu)
            self = .writeMultipleRegisters(address: address, words: words)
        case .maskWriteRegister:
            let (address, and) = try Self.pair(&pdu)
            guard let or = pdu.readInteger(as: UInt16.self) else { throw ExceptionRefusal(.illegalDataValue) }
            self = .maskWriteRegister(address: address, and: and, or: or)
        case .readWriteMultipleRegisters:
            let read = try Self.read(.holding, &pdu)
            let (address, count) = try Self.pair(&pdu)
            let words = try Self.words(Int(count), limit: ModbusLimits.registersPerReadWrite, at: address, &pdu)
            self = .readWriteMultipleRegisters(read: read, address: address, words: words)
        case .encapsulatedInterface:
            self = .deviceIdentification(try DeviceIdentificationRequest(decoding: &pdu))
        }
    }

    private static func pair(_ pdu: inout ByteBuffer) throws(ExceptionRefusal) -> (UInt16, UInt16) {
        guard let pair = pdu.readMultipleIntegers(as: (UInt16, UInt16).self) else {
            throw ExceptionRefusal(.illegalDataValue)
        }
        return pair
    }

    private static func read(_ type: RegisterType, _ pdu: inout ByteBuffer) throws(ExceptionRefusal) -> ReadRequest {
        let (address, count) = try pair(&pdu)
        do {
            return try ReadRequest(type: type, address: address, count: Int(count))
        } catch {
            switch error {
            case .count: throw ExceptionRefusal(.illegalDataValue)
            case .range: throw ExceptionRefusal(.illegalDataAddress)
            }
        }
    }

    private static func words(
        _ count: Int, limit: Int, at address: UInt16, _ pdu: inout ByteBuffer
    ) throws(ExceptionRefusal) -> [UInt16] {
        guard count >= 1, count <= limit, pdu.readInteger(as: UInt8.self).map(Int.init) == 2 * count,
            pdu.readableBytes == 2 * count
        else { throw ExceptionRefusal(.illegalDataValue) }
        guard Int(address) + count <= ModbusLimits.addresses else { throw ExceptionRefusal(.illegalDataAddress) }
        return (0..<count).compactMap { _ in pdu.readInteger(as: UInt16.self) }
    }

    private static func bits(
        _ count: Int, at address: UInt16, _ pdu: inout ByteBuffer
    ) throws(ExceptionRefusal) -> [Bool] {
        let bytes = (count + 7) / 8
        guard count >= 1, count <= ModbusLimits.bitsPerWrite, pdu.readInteger(as: UInt8.self).map(Int.init) == bytes,
            pdu.readableBytes == bytes, let packed = pdu.readBytes(length: bytes)
        else { throw ExceptionRefusal(.illegalDataValue) }
        guard Int(address) + count <= ModbusLimits.addresses else { throw ExceptionRefusal(.illegalDataAddress) }
        return (0..<count).map { packed[$0 / 8] >> UInt8($0 % 8) & 1 == 1 }
    }
}
