import ConnectorModel

/// Writes tags as a list that can be read again.
package enum TagListText {
    /// The fields of a tag, by column.
    package static func fields(address: String, _ setting: TagSetting, own: [String: String] = [:]) -> [String: String]
    {
        var fields = own
        fields["address"] = address
        fields["name"] = setting.name
        fields["unit"] = setting.unit
        for part in NormalizationSettings.parts { fields[part] = setting.parts[part] }
        fields["enabled"] = setting.isEnabled.map { "\($0)" }
        let conditioning = setting.conditioning
        fields["scale"] = conditioning.scale.map(number)
        fields["offset"] = conditioning.offset.map(number)
        fields["clamp_low"] = conditioning.low.map(number)
        fields["clamp_high"] = conditioning.high.map(number)
        fields["heartbeat_ms"] = conditioning.heartbeatMilliseconds.map { "\($0)" }
        switch conditioning.report {
        case nil: break
        case .all: fields["report"] = "all"
        case .onChange: fields["report"] = "on_change"
        case .deadband(let deadband): fields["deadband"] = deadband.description
        case .swingingDoor(let door):
            fields["sdt_deviation"] = number(door.deviation)
            fields["sdt_min_interval_ms"] = door.minIntervalMilliseconds == 0 ? nil : "\(door.minIntervalMilliseconds)"
            fields["sdt_max_interval_ms"] = door.maxIntervalMilliseconds.map { "\($0)" }
        }
        return fields
    }

    /// A table of tags: the usual columns, and of the others those that some tag fills.
    package static func table(_ tags: [[String: String]], protocolType: String) -> CSVText {
        let usual: Set<String> = [
            "address", "name", "unit", "site", "area", "line", "equipment", "signal_type", "enabled",
        ]
        let columns = (TagListColumns.common + TagListColumns.own(protocolType)).filter { column in
            usual.contains(column) || tags.contains { $0[column] != nil }
        }
        let rows = tags.map { tag in CSVText.Record(fields: columns.map { tag[$0] ?? "" }) }
        return CSVText(records: [.init(fields: columns)] + rows)
    }

    /// A list as a table; read again it is the same list.
    package static func table(_ list: TagList, protocolType: String) -> CSVText {
        table(list.rows.map { fields(address: $0.address, $0.setting, own: $0.own) }, protocolType: protocolType)
    }

    static func number(_ number: Double) -> String { Conditioning.text(of: number) }
}
