package import ConnectorModel
import ModbusCore

/// The keys of one entry of `registers` but for its address; nil where one was left out.
package struct ModbusRegisterKeys: Hashable, Sendable {
    let type: String?
    let dataType: String?
    let count: Int?
    let name: String?
    let unit: String?
    let byteOrder: String?
    let scale: Double?
    let offset: Double?
    let bits: String?
    let unitID: Int?
    let pollIntervalMilliseconds: Int?

    package init(
        type: String? = nil, dataType: String? = nil, count: Int? = nil, name: String? = nil, unit: String? = nil,
        byteOrder: String? = nil, scale: Double? = nil, offset: Double? = nil, bits: String? = nil,
        unitID: Int? = nil, pollIntervalMilliseconds: Int? = nil
    ) {
        self.type = type
        self.dataType = dataType
        self.count = count
        self.name = name
        self.unit = unit
        self.byteOrder = byteOrder
        self.scale = scale
        self.offset = offset
        self.bits = bits
        self.unitID = unitID
        self.pollIntervalMilliseconds = pollIntervalMilliseconds
    }
}

extension ModbusRegister {
    /// A checked register from its keys.
    ///
    /// - Parameter isCountedFromOne: whether plain addresses are; the key `address_base` of the source.
    /// - Throws: `SettingError`, which names the key at fault.
    package init(
        address: String, _ keys: ModbusRegisterKeys, isCountedFromOne: Bool
    ) throws(SettingError) {
        try self.init(
            address: address, type: keys.type, dataType: keys.dataType, count: keys.count, name: keys.name,
            unit: keys.unit, byteOrder: keys.byteOrder, scale: keys.scale, offset: keys.offset, bits: keys.bits,
            unitID: keys.unitID, pollInterval: keys.pollIntervalMilliseconds.map { .milliseconds($0) },
            base: isCountedFromOne ? .one : .zero)
    }
}
