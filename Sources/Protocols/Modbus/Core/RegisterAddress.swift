/// The place of a value in a device: table and address as on the wire, read from the notations in use.
public struct RegisterAddress: Hashable, Sendable {
    public let type: RegisterType
    /// Counted from 0, as on the wire.
    public let offset: UInt16
    /// One bit of a register, where the notation names one.
    public let bit: Int?

    /// How plain numbers are counted. Manuals often count the first register as 1.
    public enum Base: Int, Hashable, CaseIterable, Sendable {
        case zero = 0
        case one = 1
    }

    public init(type: RegisterType, offset: UInt16, bit: Int? = nil) {
        self.type = type
        self.offset = offset
        self.bit = bit
    }

    /// Reads an address.
    ///
    /// - With a table given, a number up to 65535 is an address on the wire, counted from `base`. A manual's
    ///   `40001` is ambiguous there (real devices have registers at 40000), so it is taken at its word.
    /// - Without a table, `30001`–`39999`, `40001`–`49999`, `10001`–`19999` and the six-digit `300001`… name table and
    ///   register, counted from 1; other numbers are holding registers.
    /// - `4x0001`, `3x0001`, `1x0001` name the table always; `0x1F` is hexadecimal; `.5` at the end is a bit.
    /// - Throws: `AddressError` with a sentence that says what is wrong.
    public init(
        parsing text: String, type: RegisterType? = nil, base: Base = .zero
    ) throws(AddressError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let number = parts.first, !number.isEmpty, parts.count <= 2 else {
            throw AddressError(text, "an address is a number such as 100, 40001, 4x0001 or 0x64")
        }
        var bit: Int?
        if parts.count == 2 {
            guard let parsed = Self.decimal(parts[1]), parsed <= 15 else {
                throw AddressError(text, "the bit after the point is a number from 0 to 15")
            }
            bit = parsed
        }
        try self.init(number: number, text: text, type: type, base: base, bit: bit)
        if bit != nil, self.type.isBit { throw AddressError(text, "an address of a \(self.type) is one bit already") }
    }

    private init(
        number: Substring, text: String, type: RegisterType?, base: Base, bit: Int?
    ) throws(AddressError) {
        let lowercased = number.lowercased()
        if lowercased.hasPrefix("0x") {
            guard let value = Int(lowercased.dropFirst(2), radix: 16), !lowercased.hasPrefix("0x-") else {
                throw AddressError(text, "'\(number)' is not a hexadecimal number")
            }
            try self.init(plain: value, text: text, type: type ?? .holding, base: base, bit: bit)
        } else if lowercased.dropFirst().hasPrefix("x") {
            guard let named = Self.table(of: lowercased.prefix(1)), let value = Self.decimal(lowercased.dropFirst(2))
            else { throw AddressError(text, "an address is a number such as 100, 40001, 4x0001 or 0x64") }
            try self.init(reference: value, of: named, text: text, type: type, bit: bit)
        } else {
            guard let value = Self.decimal(number) else {
                throw AddressError(text, "an address is a number such as 100, 40001, 4x0001 or 0x64")
            }
            if value > 65_535 || type == nil, let (named, reference) = Self.reference(value) {
                try self.init(reference: reference, of: named, text: text, type: type, bit: bit)
            } else {
                try self.init(plain: value, text: text, type: type ?? .holding, base: base, bit: bit)
            }
        }
    }

    private init(plain value: Int, text: String, type: RegisterType, base: Base, bit: Int?) throws(AddressError) {
        guard value >= base.rawValue, let offset = UInt16(exactly: value - base.rawValue) else {
            throw AddressError(text, "an address counted from \(base.rawValue) is at most \(65_535 + base.rawValue)")
        }
        self.init(type: type, offset: offset, bit: bit)
    }

    private init(
        reference value: Int, of named: RegisterType, text: String, type: RegisterType?, bit: Int?
    ) throws(AddressError) {
        if let type, type != named {
            throw AddressError(
                text, "this notation means a \(named.rawValue) address, but the type is \(type.rawValue)")
        }
        guard value >= 1, let offset = UInt16(exactly: value - 1) else {
            throw AddressError(text, "in this notation the first address is 1 and the last 65536")
        }
        self.init(type: named, offset: offset, bit: bit)
    }

    /// Table and number of 40001, 400001 and the like; nil for a number that is none.
    private static func reference(_ value: Int) -> (RegisterType, Int)? {
        for (digit, type) in [(1, RegisterType.discrete), (3, .input), (4, .holding)] {
            let five = value - digit * 10_000
            if (1...9_999).contains(five) { return (type, five) }
            let six = value - digit * 100_000
            if (1...65_536).contains(six) { return (type, six) }
        }
        return nil
    }

    private static func table(of digit: Substring) -> RegisterType? {
        switch digit {
        case "1": .discrete
        case "3": .input
        case "4": .holding
        default: nil
        }
    }

    /// A number of up to nine decimal digits, and nothing else.
    private static func decimal(_ text: some StringProtocol) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 9, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }
}

/// Why a text is not the address of a register.
public struct AddressError: Error, Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public let reason: String

    init(_ text: String, _ reason: String) {
        self.text = text
        self.reason = reason
    }

    public var description: String { "address '\(text)': \(reason)" }
}
