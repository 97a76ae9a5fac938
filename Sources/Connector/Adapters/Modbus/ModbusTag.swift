import ConnectorModel
import ModbusCore

/// One value of a device with all that is needed to read it: paid for once, used for each of its readings.
struct ModbusTag: Sendable {
    let definition: TagDefinition
    let item: ReadItem
    let decoder: RegisterDecoder
    let type: ValueType
    let pollInterval: Duration

    /// The tags of a source, in the order of its configuration.
    static func tags(of configuration: ModbusSourceConfiguration) -> [ModbusTag] {
        configuration.registers.flatMap { register in
            (0..<register.values).compactMap { ModbusTag(register, value: $0, configuration) }
        }
    }

    /// nil for a value that lies outside the table, which the configuration has ruled out.
    private init?(_ register: ModbusRegister, value index: Int, _ configuration: ModbusSourceConfiguration) {
        guard let unit = UInt8(exactly: register.unitID ?? configuration.unitID).map(UnitID.init(rawValue:)) else {
            return nil
        }
        pollInterval = register.pollInterval ?? configuration.pollInterval
        let width = register.decoder.width
        guard let offset = UInt16(exactly: Int(register.address.offset) + index * width),
            let item = try? ReadItem(unit: unit, type: register.address.type, address: offset, count: width)
        else { return nil }
        let address = RegisterAddress(type: item.type, offset: offset, bit: register.address.bit)
        let name = register.values > 1 ? "\(register.name)_\(index)" : register.name
        definition = TagDefinition(
            address: "\(unit)/\(item.type.rawValue)/\(address.text)", name: name, unit: register.unit,
            metadata: [
                "unit_id": unit.description, "register_type": item.type.rawValue, "name": name,
                "register_address": "\(offset)",
            ].merging(Self.scaling(register)) { own, _ in own })
        self.item = item
        decoder = register.decoder
        type = register.isScaled ? .float64 : Self.valueType(register)
    }

    /// By what the register is scaled, where it is.
    private static func scaling(_ register: ModbusRegister) -> [String: String] {
        guard let scaling = register.decoder.scaling else { return [:] }
        return ["scale": "\(scaling.scale)", "offset": "\(scaling.offset)"]
    }

    /// The tag's reading from a block that covers it; a bad one when the block does not.
    func reading(from block: RegisterBlock, at offset: Int) -> Reading {
        let value: ReadingValue
        switch decoder.decode(block, at: offset) {
        case .bool(let bit): value = .bool(bit)
        case .int(let number): value = .int(number)
        case .uint(let number): value = .uint(number)
        case .float32(let number): value = .float(number)
        case .float64(let number): value = .double(number)
        case .string(let text): value = .string(text)
        case nil: return bad(ModbusStatus.invalidResponse)
        }
        return Reading(value, type)
    }

    /// A reading without a value that says why there is none.
    func bad(_ status: Status) -> Reading {
        Reading(.none, type, status: status)
    }

    private static func valueType(_ register: ModbusRegister) -> ValueType {
        // Some bits of a number are a number without a sign, whatever the whole is.
        if register.decoder.bits != nil, register.dataType != .bool { return .uint64 }
        return switch register.dataType {
        case .int16: .int16
        case .uint16: .uint16
        case .int32: .int32
        case .uint32: .uint32
        case .int64: .int64
        case .uint64: .uint64
        case .float32: .float32
        case .float64: .float64
        case .bool: .bool
        case .string: .string
        }
    }
}

extension ModbusRegister {
    /// The addresses of the register's tags, as rows show them.
    /// - Parameter unitID: the source's.
    package func tagAddresses(unitID: Int) -> [String] {
        (0..<values).map { index in
            let offset = Int(address.offset) + index * decoder.width
            return "\(self.unitID ?? unitID)/\(address.type.rawValue)/\(offset)" + (address.bit.map { ".\($0)" } ?? "")
        }
    }
}
