/// The functions of the Modbus application protocol that the library knows (V1.1b3, clause 6).
public enum FunctionCode: UInt8, Hashable, CaseIterable, Sendable {
    case readCoils = 1
    case readDiscreteInputs = 2
    case readHoldingRegisters = 3
    case readInputRegisters = 4
    case writeSingleCoil = 5
    case writeSingleRegister = 6
    case writeMultipleCoils = 15
    case writeMultipleRegisters = 16
    case maskWriteRegister = 22
    case readWriteMultipleRegisters = 23
    case encapsulatedInterface = 43

    /// The bit that a response sets in the function byte to say that an exception code follows (clause 7).
    public static let exceptionFlag: UInt8 = 0x80
}
