import ModbusCore

extension RegisterMap {
    /// The columns of a map as CSV; `init(csv:)` reads the same.
    static let columns = [
        "path", "unit_id", "input_address", "input_type", "byte_order", "holding_address", "holding_type", "scale",
        "bit_address", "unit", "quality_address",
    ]

    /// The map as CSV with a head line, one sensor per line.
    package var csv: [UInt8] {
        var bytes = Array((Self.columns.joined(separator: ",") + "\n").utf8)
        for entry in entries {
            bytes +=
                "\(entry.path),\(entry.unitID),\(Self.text(entry.input?.address)),\(entry.input?.typeName ?? ""),".utf8
            bytes += "\(entry.order),\(Self.text(entry.holding?.address)),\(entry.holding?.typeName ?? ""),".utf8
            bytes += "\(entry.scaleText),\(Self.text(entry.bit)),\(entry.unit),\(Self.text(entry.quality))\n".utf8
        }
        return bytes
    }

    private static func text(_ address: UInt16?) -> String { address.map(String.init) ?? "" }
}

extension RegisterMap.Entry {
    /// The order of the bytes in both places, as the map names it.
    package var order: String { (input ?? holding)?.order.rawValue ?? "ABCD" }

    /// The entry as a JSON object without its braces, after the path: members with the names of the CSV's columns, null
    /// for places that there are not.
    package var jsonMembers: String {
        func number(_ address: UInt16?) -> String { address.map(String.init) ?? "null" }
        func word(_ place: RegisterMap.Place?) -> String { place.map { "\"\($0.typeName)\"" } ?? "null" }
        return "\"unit_id\":\(unitID),\"input_address\":\(number(input?.address)),\"input_type\":\(word(input)),"
            + "\"byte_order\":\"\(order)\",\"holding_address\":\(number(holding?.address)),\"holding_type\":\(word(holding)),"
            + "\"scale\":\(scaleText),\"bit_address\":\(number(bit)),\"quality_address\":\(number(quality))"
    }
}
