extension Replay {
    /// Reads a recording: one value per line, with a head line that names the columns, in any order:
    ///
    ///     time,path,value,quality
    ///     0.0,mining/crusher_1_motor_power,451.0,good
    ///
    /// `time` (also `timestamp`, `event_time`) is in seconds, or UTC as `2026-05-01T06:00:00.5Z`, or an integer of
    /// milliseconds or microseconds since 1970; only its distance from the earliest one counts. `path` (`sensor`,
    /// `tag`), `value` a number, `true` or `false`; `quality` (`status`) may be left out. Further columns are passed
    /// over. Throws with the number of the line that is wrong.
    package init(csv text: [UInt8], name: String) throws(PlantCommandError) {
        var columns: Columns?
        var rows: [Row] = []
        var lines = CSVLines(text)
        while let fields = try lines.next() {
            if fields.count == 1, fields[0].isEmpty { continue }
            guard let known = columns else {
                columns = try Columns(fields, line: lines.number)
                continue
            }
            guard rows.count < Self.rowsMax else { throw .impossible("a replay has at most \(Self.rowsMax) rows") }
            rows.append(try known.row(fields, line: lines.number))
        }
        try self.init(name: name, rows: rows)
    }

    /// Where the columns stand.
    private struct Columns {
        private let time: Int
        private let path: Int
        private let value: Int
        private let quality: Int?

        init(_ names: [String], line: Int) throws(PlantCommandError) {
            func place(_ known: [String]) -> Int? { names.firstIndex { known.contains($0.lowercased()) } }
            guard let time = place(["time", "timestamp", "event_time"]), let path = place(["path", "sensor", "tag"]),
                let value = place(["value"])
            else { throw .impossible("line \(line): the head line must name the columns time, path and value") }
            self.time = time
            self.path = path
            self.value = value
            quality = place(["quality", "status"])
        }

        func row(_ fields: [String], line: Int) throws(PlantCommandError) -> Row {
            func field(_ index: Int) -> String { index < fields.count ? fields[index] : "" }
            guard let seconds = TimeText.seconds(field(time)) else {
                throw .impossible("line \(line): '\(field(time))' is not a time")
            }
            guard let value = number(field(value)) else {
                throw .impossible("line \(line): '\(field(value))' is not a value")
            }
            guard !field(path).isEmpty else { throw .impossible("line \(line): the path is missing") }
            var quality = Quality.good
            if let index = self.quality, !field(index).isEmpty {
                guard let named = Quality(word: field(index)) else {
                    throw .impossible("line \(line): '\(field(index))' is not a quality; good, uncertain or bad")
                }
                quality = named
            }
            return Row(time: seconds, path: field(path), value: value, quality: quality)
        }

        private func number(_ text: String) -> Double? {
            switch text.lowercased() {
            case "true": 1
            case "false": 0
            default: Double(text).flatMap { $0.isFinite ? $0 : nil }
            }
        }
    }
}

/// The lines of a CSV text as fields (RFC 4180; a field may not hold a line break).
package struct CSVLines {
    private let bytes: [UInt8]
    private var position = 0
    /// Of the line that was read last, from 1.
    package private(set) var number = 0

    /// The longest line, in bytes.
    private static let lineMax = 4096

    /// The lines of a text.
    package init(_ text: [UInt8]) { bytes = text }

    /// The fields of the next line; nil at the end. Throws when a line or the text is too long.
    package mutating func next() throws(PlantCommandError) -> [String]? {
        guard bytes.count <= Replay.bytesMax else {
            throw .impossible("a replay has at most \(Replay.bytesMax >> 20) MiB of text")
        }
        guard position < bytes.count else { return nil }
        number += 1
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        guard end - position <= Self.lineMax else {
            throw .impossible("line \(number): longer than \(Self.lineMax) bytes")
        }
        var line = bytes[position..<end]
        position = end + 1
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return fields(line)
    }

    private func fields(_ line: ArraySlice<UInt8>) -> [String] {
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var wasQuote = false
        for byte in line {
            switch byte {
            case UInt8(ascii: "\""):
                // A doubled quote inside quotes is one quote.
                if isQuoted, wasQuote { field.append(byte) }
                wasQuote = isQuoted && !wasQuote
                if !isQuoted { isQuoted = true }
            case UInt8(ascii: ",") where !isQuoted || wasQuote:
                fields.append(Self.text(field))
                field = []
                isQuoted = false
                wasQuote = false
            default: field.append(byte)
            }
        }
        fields.append(Self.text(field))
        return fields
    }

    private static func text(_ bytes: [UInt8]) -> String {
        let front = bytes.drop { $0 == 0x20 }
        return String(decoding: front.prefix(front.count - front.reversed().prefix { $0 == 0x20 }.count), as: UTF8.self)
    }
}
