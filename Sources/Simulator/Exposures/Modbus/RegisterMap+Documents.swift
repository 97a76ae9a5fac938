extension RegisterMap {
    /// The map as CSV with a head line, one sensor per line.
    package var csv: [UInt8] {
        var bytes: [UInt8] = Array(
            ("path,unit_id,input_address,input_type,byte_order,holding_address,holding_type,"
                + "scale,bit_address,unit\n").utf8)
        for entry in entries {
            bytes += "\(entry.path),\(entry.unitID),\(entry.input),\(entry.inputType),ABCD,\(entry.holding),int16,".utf8
            bytes += "\(entry.scaleText),\(entry.bit.map(String.init) ?? ""),\(entry.unit)\n".utf8
        }
        return bytes
    }

    /// The map as JSON: where the time of the tick stands, and one object per sensor with the names of the
    /// CSV's columns.
    package var json: [UInt8] {
        var bytes: [UInt8] = Array(
            "{\"timestamp\":{\"input_address\":0,\"input_type\":\"uint64\",\"unit\":\"µs\"},\"registers\":[".utf8)
        for (index, entry) in entries.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += "{\"path\":\"\(entry.path)\",\"unit_id\":\(entry.unitID),\"input_address\":\(entry.input)".utf8
            bytes += ",\"input_type\":\"\(entry.inputType)\",\"byte_order\":\"ABCD\"".utf8
            bytes += ",\"holding_address\":\(entry.holding),\"holding_type\":\"int16\"".utf8
            bytes += ",\"scale\":\(entry.scaleText),\"bit_address\":\(entry.bit.map(String.init) ?? "null")".utf8
            bytes += ",\"unit\":\"\(entry.unit)\"}".utf8
        }
        bytes += "],\"count\":\(entries.count)}".utf8
        return bytes
    }
}
