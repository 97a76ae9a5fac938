public import ModbusCore

/// The four primary tables of one unit.
///
/// Setting an address that the unit does not have is an error of the program and traps.
public struct UnitRegisters: Sendable {
    var coils: AddressTable<Bool>
    var discretes: AddressTable<Bool>
    var inputs: AddressTable<UInt16>
    var holdings: AddressTable<UInt16>

    /// A unit whose addresses are all 0 or off.
    ///
    /// Each parameter lists the ranges of addresses, counted from 0, that the table has.
    public init(
        coils: [Range<Int>] = [], discretes: [Range<Int>] = [], inputs: [Range<Int>] = [],
        holdings: [Range<Int>] = []
    ) {
        self.coils = AddressTable(areas: coils, initial: false)
        self.discretes = AddressTable(areas: discretes, initial: false)
        self.inputs = AddressTable(areas: inputs, initial: 0)
        self.holdings = AddressTable(areas: holdings, initial: 0)
    }

    /// Sets one register of the input or holding table.
    public mutating func set(_ word: UInt16, in type: RegisterType, at address: Int) {
        switch type {
        case .input: inputs.set(one: word, at: address)
        case .holding: holdings.set(one: word, at: address)
        case .coil, .discrete: preconditionFailure("a \(type.rawValue) is one bit")
        }
    }

    /// Sets one bit of the coil or discrete table.
    public mutating func set(_ bit: Bool, in type: RegisterType, at address: Int) {
        switch type {
        case .coil: coils.set(one: bit, at: address)
        case .discrete: discretes.set(one: bit, at: address)
        case .input, .holding: preconditionFailure("a \(type.rawValue) register is 16 bits")
        }
    }

    /// Sets neighbouring registers from an address on.
    public mutating func set(_ words: some Collection<UInt16>, in type: RegisterType, at address: Int) {
        var next = address
        for word in words {
            set(word, in: type, at: next)
            next += 1
        }
    }

    /// Sets a whole number of 16, 32 or 64 bits over as many registers as it takes.
    public mutating func setInteger(
        _ value: some FixedWidthInteger, in type: RegisterType, at address: Int, order: ByteOrder = .abcd
    ) {
        switch value.bitWidth {
        case 16: set(order.arrange(UInt16(truncatingIfNeeded: value)), in: type, at: address)
        case 32:
            let words = order.arrange(UInt32(truncatingIfNeeded: value))
            set(UInt16(truncatingIfNeeded: words >> 16), in: type, at: address)
            set(UInt16(truncatingIfNeeded: words), in: type, at: address + 1)
        case 64:
            let words = order.arrange(UInt64(truncatingIfNeeded: value))
            for index in 0..<4 {
                let word = UInt16(truncatingIfNeeded: words >> UInt64(48 - 16 * index))
                set(word, in: type, at: address + index)
            }
        default: preconditionFailure("registers hold numbers of 16, 32 or 64 bits")
        }
    }

    /// Sets a float32 over two registers.
    public mutating func setFloat32(
        _ value: Float, in type: RegisterType, at address: Int, order: ByteOrder = .abcd
    ) {
        setInteger(value.bitPattern, in: type, at: address, order: order)
    }

    /// Sets a float64 over four registers.
    public mutating func setFloat64(
        _ value: Double, in type: RegisterType, at address: Int, order: ByteOrder = .abcd
    ) {
        setInteger(value.bitPattern, in: type, at: address, order: order)
    }

    /// Sets a text over so many registers, UTF-8, filled up with NUL and cut where it is too long.
    public mutating func setString(
        _ text: String, registers: Int, in type: RegisterType, at address: Int, order: ByteOrder = .abcd
    ) {
        var bytes = Array(text.utf8.prefix(2 * registers))
        bytes.append(contentsOf: [UInt8](repeating: 0, count: 2 * registers - bytes.count))
        for index in 0..<registers {
            let word = UInt16(bytes[2 * index]) << 8 | UInt16(bytes[2 * index + 1])
            set(order.swapsBytes ? word.byteSwapped : word, in: type, at: address + index)
        }
    }
}
