package import ConnectorModel
package import ModbusCore

/// One entry of the list `registers`: a value of a device, or several of a kind one after the other.
package struct ModbusRegister: Hashable, Sendable {
    let address: RegisterAddress
    let dataType: RegisterDataType
    let decoder: RegisterDecoder
    /// How many values there are.
    let values: Int
    let name: String
    let unit: String?
    /// The type that readings have, which is not the device's where the value is scaled.
    let isScaled: Bool
    /// The unit that has the register; nil is the source's.
    let unitID: Int?
    /// From one poll of the register to the next; nil is the source's.
    let pollInterval: Duration?

    /// Words that the key `type` may have.
    package static let types = RegisterType.allCases.map(\.rawValue)
    /// Words that the key `data_type` may have; those of `otherDataTypes` are understood too.
    package static let dataTypes = RegisterDataType.allCases.map(\.rawValue)
    /// Words that the key `byte_order` may have.
    package static let byteOrders = ByteOrder.allCases.map(\.rawValue)

    /// Other words for data types, with the canonical ones.
    package static let otherDataTypes: [String: String] = [
        "float": "float32", "double": "float64", "int": "int16", "uint": "uint16", "boolean": "bool",
    ]

    /// A checked register; each parameter is the key of the same name, nil where it was left out.
    ///
    /// - Parameters:
    ///   - address: a number counted from 0, `40001` and the like where `type` is left out, `4x0001`, hexadecimal
    ///     `0x64`, or any of these with `.5` for one bit of a register.
    ///   - bits: the lowest and the highest bit of a whole number that are its value: `4-7`, or one bit, `4`.
    ///   - base: what plain numbers are counted from, 0 or 1; the key `address_base` of the source.
    ///   - count: registers, or bits of a coil or discrete; a multiple of what one value takes.
    /// - Throws: `SettingError`, which names the key at fault.
    package init(
        address: String, type: String? = nil, dataType: String? = nil, count: Int? = nil, name: String? = nil,
        unit: String? = nil, byteOrder: String? = nil, scale: Double? = nil, offset: Double? = nil,
        bits: String? = nil, unitID: Int? = nil, pollInterval: Duration? = nil, base: RegisterAddress.Base = .zero
    ) throws(SettingError) {
        let givenType = try Self.word(type, "type", Self.types) { RegisterType(rawValue: $0.lowercased()) }
        let givenDataType = try Self.word(dataType, "data_type", Self.dataTypes) { word in
            RegisterDataType(rawValue: Self.otherDataTypes[word.lowercased()] ?? word.lowercased())
        }
        let order =
            try Self.word(byteOrder, "byte_order", Self.byteOrders) { ByteOrder(rawValue: $0.uppercased()) } ?? .abcd
        do throws(AddressError) {
            self.address = try RegisterAddress(parsing: address, type: givenType, base: base)
        } catch {
            throw SettingError(key: "address", problem: "'\(address)' is not possible: \(error.reason)")
        }
        self.dataType = try Self.dataType(givenDataType, at: self.address)
        guard let scaling = Scaling(scale: scale ?? 1, offset: offset ?? 0) else {
            throw SettingError(
                key: scale == 0 || scale?.isFinite == false ? "scale" : "offset",
                problem: "must be a finite number, and a scale must not be 0")
        }
        let field = try Self.field(bits, self.address)
        decoder = try Self.decoder(self.dataType, order, scaling, field, count: count)
        if let unitID, !(0...255).contains(unitID) {
            throw SettingError(key: "unit_id", problem: "\(unitID) is out of range; 0 to 255 is possible")
        }
        if let pollInterval { try ModbusSourceConfiguration.check(pollInterval: pollInterval) }
        self.unitID = unitID
        self.pollInterval = pollInterval
        isScaled = !scaling.isIdentity
        values = try Self.values(count, of: decoder, dataType: self.dataType, at: self.address)
        self.name = name ?? "\(self.address.type.rawValue)_\(self.address.text)"
        self.unit = unit
    }

    private static func word<Value>(
        _ text: String?, _ key: String, _ possible: [String], _ parse: (String) -> Value?
    ) throws(SettingError) -> Value? {
        guard let text else { return nil }
        if let value = parse(text) { return value }
        throw SettingError(
            key: key, problem: "'\(text)' is not possible; one of: \(possible.joined(separator: ", "))")
    }

    private static func dataType(
        _ given: RegisterDataType?, at address: RegisterAddress
    ) throws(SettingError) -> RegisterDataType {
        guard address.type.isBit || address.bit != nil else { return given ?? .int16 }
        guard given == nil || given == .bool else {
            throw SettingError(
                key: "data_type", problem: "must be bool, because the address is that of one bit")
        }
        return .bool
    }

    private static func decoder(
        _ dataType: RegisterDataType, _ order: ByteOrder, _ scaling: Scaling, _ field: BitField?, count: Int?
    ) throws(SettingError) -> RegisterDecoder {
        do throws(DecoderError) {
            return try RegisterDecoder(
                dataType, byteOrder: order, scaling: scaling, bits: field,
                stringRegisters: count ?? 1)
        } catch {
            let key =
                switch error {
                case .stringLength: "count"
                case .notScalable: "scale"
                case .noBits, .bitsBeyond: "bits"
                }
            throw SettingError(key: key, problem: error.description)
        }
    }

    /// The bits that the key `bits` or the point in the address names.
    private static func field(
        _ text: String?, _ address: RegisterAddress
    ) throws(SettingError) -> BitField? {
        guard let text else { return address.bit.flatMap { BitField(lowest: $0) } }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard address.bit == nil, !address.type.isBit, ends.count <= 2, let lowest = ends.first ?? nil,
            let highest = ends.last ?? nil, highest <= 63,
            let field = BitField(lowest: lowest, width: highest - lowest + 1)
        else {
            throw SettingError(
                key: "bits",
                problem: "'\(text)' is not possible; write 4 or 4-7, for a register whose address names no bit")
        }
        return field
    }

    private static func values(
        _ count: Int?, of decoder: RegisterDecoder, dataType: RegisterDataType, at address: RegisterAddress
    ) throws(SettingError) -> Int {
        let count = count ?? decoder.width
        guard count >= 1 else { throw SettingError(key: "count", problem: "must be at least 1") }
        guard count % decoder.width == 0 else {
            throw SettingError(
                key: "count",
                problem: "\(count) is not possible: a \(dataType.rawValue) takes \(decoder.width) registers, and "
                    + "count must be a multiple of that")
        }
        guard count <= ModbusLimits.addresses - Int(address.offset) else {
            throw SettingError(
                key: "count", problem: "\(count) from address \(address.offset) reaches beyond address 65535")
        }
        return count / decoder.width
    }
}

extension RegisterAddress {
    /// The address as it stands in paths and names: on the wire, counted from 0, with the bit where there is one.
    var text: String {
        bit.map { "\(offset).\($0)" } ?? String(offset)
    }
}
