/// One of the four primary tables of a device (V1.1b3, clause 4.3), by the name that configurations use.
public enum RegisterType: String, Hashable, CaseIterable, Sendable {
    /// Single bits that can be read and written.
    case coil
    /// Single bits that can only be read ("discrete inputs").
    case discrete
    /// 16-bit words that can only be read ("input registers").
    case input
    /// 16-bit words that can be read and written ("holding registers").
    case holding

    /// Whether an address of this table is one bit rather than a 16-bit word.
    public var isBit: Bool { self == .coil || self == .discrete }

    /// The function that reads this table.
    public var readFunction: FunctionCode {
        switch self {
        case .coil: .readCoils
        case .discrete: .readDiscreteInputs
        case .input: .readInputRegisters
        case .holding: .readHoldingRegisters
        }
    }

    /// Registers, or bits, that one request can ask for.
    public var readLimit: Int {
        isBit ? ModbusLimits.bitsPerRead : ModbusLimits.registersPerRead
    }

    /// The table that a function reads; nil for a function that reads none of the four.
    public init?(readBy function: FunctionCode) {
        switch function {
        case .readCoils: self = .coil
        case .readDiscreteInputs: self = .discrete
        case .readInputRegisters: self = .input
        case .readHoldingRegisters: self = .holding
        default: return nil
        }
    }
}
