import ModbusCore

extension RegisterMap {
    /// The columns of a map as CSV; `init(csv:)` reads the same.
    static let columns = [
        "path", "unit_id", "input_address", "input_type", "byte_order", "holding_address", "holding_type", "scale",
        "bit_address", "unit", "quality_address",
    ]

    /// The head line of a map as CSV.
    package static var csvHead: [UInt8] { Array((columns.joined(separator: ",") + "\n").utf8) }

    /// The map as CSV with a head line, one sensor per line.
    package var csv: [UInt8] {
        var bytes = Self.csvHead
        for entry in entries { bytes += entry.csvLine.utf8 }
        return bytes
    }
}

extension RegisterMap.Entry {
    /// The order of the bytes in both places, as the map names it.
    package var order: String { (input ?? holding)?.order.rawValue ?? "ABCD" }

    /// The entry as a line of CSV, with its end.
    package var csvLine: String {
        func text(_ address: UInt16?) -> String { address.map(String.init) ?? "" }
        return "\(path),\(unitID),\(text(input?.address)),\(input?.typeName ?? ""),\(order),"
            + "\(text(holding?.address)),\(holding?.typeName ?? ""),\(scaleText),\(text(bit)),\(unit),\(text(quality))\n"
    }

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
