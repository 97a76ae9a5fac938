import NIOCore

/// How long a PDU is, as far as its first bytes tell: RTU frames carry no length of their own.
enum PDULength: Hashable {
    case known(Int)
    /// More bytes are needed to tell.
    case unknownYet
    /// A function that is not known here: only the silence after the frame shows its end.
    case unknowable

    /// Of a PDU that a client receives; `start` is the index of its function byte.
    static func ofResponse(_ bytes: ByteBuffer, at start: Int) -> PDULength {
        guard let function = bytes.getInteger(at: start, as: UInt8.self) else { return .unknownYet }
        if function & FunctionCode.exceptionFlag != 0 { return .known(2) }
        switch FunctionCode(rawValue: function) {
        case .readCoils, .readDiscreteInputs, .readHoldingRegisters, .readInputRegisters, .readWriteMultipleRegisters:
            return counted(bytes, at: start, countAt: 1)
        case .writeSingleCoil, .writeSingleRegister, .writeMultipleCoils, .writeMultipleRegisters: return .known(5)
        case .maskWriteRegister: return .known(7)
        case .encapsulatedInterface: return ofIdentification(bytes, at: start)
        case nil: return .unknowable
        }
    }

    /// Of a PDU that a server receives; `start` is the index of its function byte.
    static func ofRequest(_ bytes: ByteBuffer, at start: Int) -> PDULength {
        guard let function = bytes.getInteger(at: start, as: UInt8.self) else { return .unknownYet }
        switch FunctionCode(rawValue: function) {
        case .readCoils, .readDiscreteInputs, .readHoldingRegisters, .readInputRegisters, .writeSingleCoil,
            .writeSingleRegister:
            return .known(5)
        case .writeMultipleCoils, .writeMultipleRegisters: return counted(bytes, at: start, countAt: 5)
        case .maskWriteRegister: return .known(7)
        case .readWriteMultipleRegisters: return counted(bytes, at: start, countAt: 9)
        case .encapsulatedInterface: return .known(4)
        case nil: return .unknowable
        }
    }

    /// A PDU with a byte count and as many bytes after it.
    private static func counted(_ bytes: ByteBuffer, at start: Int, countAt place: Int) -> PDULength {
        guard let count = bytes.getInteger(at: start + place, as: UInt8.self) else { return .unknownYet }
        return .known(place + 1 + Int(count))
    }

    /// Function, MEI type, category, conformity, more follows, next object, number of objects; then the objects
    /// (V1.1b3, 6.21).
    private static func ofIdentification(_ bytes: ByteBuffer, at start: Int) -> PDULength {
        guard let meiType = bytes.getInteger(at: start + 1, as: UInt8.self) else { return .unknownYet }
        guard meiType == DeviceIdentificationRequest.meiType else { return .unknowable }
        guard let objects = bytes.getInteger(at: start + 6, as: UInt8.self) else { return .unknownYet }
        var length = 7
        for _ in 0..<objects where length <= ModbusLimits.pduBytes {
            guard let text = bytes.getInteger(at: start + length + 1, as: UInt8.self) else { return .unknownYet }
            length += 2 + Int(text)
        }
        return .known(length)
    }
}
