import ModbusCore

extension ModbusRegister {
    /// The register as a line of a tag list has it, by column; read again it is the same register.
    /// - Parameters:
    ///   - sourceUnitID: the source's unit.
    package func columns(unitID sourceUnitID: Int) -> [String: String] {
        var columns = ["address": address.text, "type": address.type.rawValue, "data_type": dataType.rawValue]
        columns["name"] = name
        columns["unit"] = unit
        columns["unit_id"] = "\(unitID ?? sourceUnitID)"
        let width = decoder.width
        // A string is as long as its count says.
        if values > 1 || dataType == .string { columns["count"] = "\(values * width)" }
        if decoder.byteOrder != .abcd { columns["byte_order"] = decoder.byteOrder.rawValue }
        if let scaling = decoder.scaling {
            columns["scale"] = "\(scaling.scale)"
            columns["offset"] = "\(scaling.offset)"
        }
        if address.bit == nil, let bits = decoder.bits {
            let highest = Int(bits.lowest) + Int(bits.width) - 1
            columns["bits"] = bits.width == 1 ? "\(bits.lowest)" : "\(bits.lowest)-\(highest)"
        }
        if let pollInterval {
            let (seconds, attoseconds) = pollInterval.components
            columns["poll_interval_ms"] = "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)"
        }
        return columns
    }
}
