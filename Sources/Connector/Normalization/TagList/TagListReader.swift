import ConnectorModel
import WordSupport

/// Reads a tag list strictly: whatever is wrong is named with its line and column, all of it in one pass.
package struct TagListReader {
    /// Problems that are named one by one.
    package static let problemsMax = 1000

    package private(set) var rows: [TagList.Row] = []
    package private(set) var problems: [CSVText.Problem] = []
    private let columns: [String]
    private var header: [String] = []
    private var seen: [String: Int] = [:]

    /// - Parameter protocolType: whose own columns may be there; nil allows those of all.
    package init(_ table: CSVText, protocolType: String?) {
        let own = protocolType.map { TagListColumns.own($0) } ?? TagListColumns.modbus + TagListColumns.opcua
        columns = TagListColumns.common + own
        guard let first = table.records.first else {
            problems.append(.init(line: 1, text: "the file is empty; the first line names the columns"))
            return
        }
        readHeader(first, protocolType)
        for record in table.records.dropFirst() where problems.count < Self.problemsMax { read(record) }
    }

    /// The finished list; meant for one without problems.
    package var list: TagList { TagList(rows) }

    private mutating func readHeader(_ record: CSVText.Record, _ protocolType: String?) {
        header = record.fields.map { Self.trimmed($0).lowercased() }
        for (position, name) in header.enumerated() {
            let column = name.isEmpty ? "\(position + 1)" : name
            if header[..<position].contains(name) {
                problems.append(.init(line: record.line, column: column, text: "is there twice"))
            } else if !columns.contains(name) {
                problems.append(.init(line: record.line, column: column, text: unknown(name, protocolType)))
            }
        }
        if !header.contains("address") {
            problems.append(.init(line: record.line, column: "address", text: "is missing"))
        }
    }

    private func unknown(_ name: String, _ protocolType: String?) -> String {
        let others = ["modbus", "opcua"].filter { $0 != protocolType && TagListColumns.own($0).contains(name) }
        if let other = others.first { return "unknown column: it is one of \(other) sources only" }
        let nearest = NearestWord.nearest(to: name, among: columns)
        return "unknown column" + (nearest.map { "; did you mean '\($0)'?" } ?? "; see the columns in docs/tags.md")
    }

    private mutating func read(_ record: CSVText.Record) {
        guard record.fields.count <= header.count else {
            problems.append(
                .init(
                    line: record.line, column: "\(header.count + 1)",
                    text: "has \(record.fields.count) fields where the first line names \(header.count)"))
            return
        }
        var fields: [String: String] = [:]
        for (name, field) in zip(header, record.fields) {
            let text = Self.trimmed(field)
            if !text.isEmpty { fields[name] = text }
        }
        let before = problems.count
        var row = RowFields(line: record.line, fields: fields)
        guard let address = fields["address"] else {
            problems.append(.init(line: record.line, column: "address", text: "is empty"))
            return
        }
        // The same register may hold several values, told apart by its other columns.
        let key = address + "\u{0}" + TagListColumns.modbus.map { fields[$0] ?? "" }.joined(separator: "\u{0}")
        if let other = seen.updateValue(record.line, forKey: key) {
            row.problems.append(.init(line: record.line, column: "address", text: "is in line \(other) already"))
        }
        let setting = row.setting()
        problems += row.problems
        guard problems.count == before else { return }
        let own = fields.filter { TagListColumns.modbus.contains($0.key) || TagListColumns.opcua.contains($0.key) }
        rows.append(.init(line: record.line, address: address, setting: setting, own: own))
    }

    private static func trimmed(_ text: String) -> String {
        let front = text.drop { $0 == " " || $0 == "\t" }
        return String(front.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}

/// The fields of one line while they are read.
private struct RowFields {
    let line: Int
    let fields: [String: String]
    var problems: [CSVText.Problem] = []

    init(line: Int, fields: [String: String]) {
        self.line = line
        self.fields = fields
    }

    mutating func setting() -> TagSetting {
        var setting = TagSetting(name: fields["name"], unit: fields["unit"])
        for part in NormalizationSettings.parts { setting.parts[part] = fields[part] }
        setting.isEnabled = boolean("enabled")
        setting.conditioning = conditioning()
        return setting
    }

    private mutating func conditioning() -> Conditioning {
        var conditioning = Conditioning(
            scale: number("scale"), offset: number("offset"), low: number("clamp_low"), high: number("clamp_high"),
            report: report(), heartbeatMilliseconds: milliseconds("heartbeat_ms"))
        if conditioning.scale == 0 { report("must not be 0", "scale") }
        if let low = conditioning.low, let high = conditioning.high, low > high {
            report("is above clamp_high", "clamp_low")
        }
        if !problems.isEmpty { conditioning = Conditioning() }
        return conditioning
    }

    private mutating func report() -> Conditioning.Report? {
        let deadband = deadband()
        let deviation = number("sdt_deviation")
        let shortest = milliseconds("sdt_min_interval_ms")
        let longest = milliseconds("sdt_max_interval_ms")
        if deviation == nil, shortest != nil || longest != nil { report("is empty", "sdt_deviation") }
        if let deviation, deviation < 0 { report("must not be negative", "sdt_deviation") }
        if let longest, longest <= shortest ?? 0 { report("is not above sdt_min_interval_ms", "sdt_max_interval_ms") }
        if deadband != nil, deviation != nil { report("excludes sdt_deviation", "deadband") }
        let word = fields["report"]?.lowercased()
        if let word, !["all", "on_change"].contains(word) {
            report("'\(word)' is not possible; one of: all, on_change", "report")
        }
        if word != nil, deadband != nil || deviation != nil { report("excludes deadband and sdt_deviation", "report") }
        if let deviation {
            return .swingingDoor(
                .init(
                    deviation: deviation, minIntervalMilliseconds: shortest ?? 0, maxIntervalMilliseconds: longest))
        }
        return deadband.map { .deadband($0) } ?? word.map { $0 == "all" ? .all : .onChange }
    }

    /// `0.5`, `2%` of the tag's range, or `2% of 150`.
    private mutating func deadband() -> Conditioning.Deadband? {
        guard let text = fields["deadband"] else { return nil }
        if let deadband = Conditioning.Deadband(text) { return deadband }
        report("'\(text)' is not possible; write 0.5, 2% (of the tag's range) or 2% of 150", "deadband")
        return nil
    }

    private mutating func number(_ column: String) -> Double? {
        guard let text = fields[column] else { return nil }
        guard let number = Double(text), number.isFinite else {
            report("a number is expected, found '\(text)'", column)
            return nil
        }
        return number
    }

    private mutating func milliseconds(_ column: String) -> Int? {
        guard let text = fields[column] else { return nil }
        guard let number = Int(text), (0...Conditioning.millisecondsMax).contains(number) else {
            report("a whole number from 0 to \(Conditioning.millisecondsMax) is expected, found '\(text)'", column)
            return nil
        }
        return number
    }

    private mutating func boolean(_ column: String) -> Bool? {
        guard let text = fields[column] else { return nil }
        switch text.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default:
            report("true or false is expected, found '\(text)'", column)
            return nil
        }
    }

    private mutating func report(_ problem: String, _ column: String) {
        problems.append(.init(line: line, column: column, text: problem))
    }
}
