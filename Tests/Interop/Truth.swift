import TestKit

/// What the simulated plant says it served: the log that `ot-simulator --truth` writes.
struct Truth {
    struct Entry {
        var value: JSONValue
        var quality: String
        /// What the Modbus holding register shows.
        var int16: Int64?
    }

    struct Key: Hashable {
        var path: String
        /// UTC microseconds of the tick.
        var timestamp: Int64
    }

    private var entries: [Key: Entry] = [:]

    /// Reads the log; a last line that is still being written is left out.
    init(path: String) throws {
        let text = try read(path)
        for line in text[..<(text.lastIndex(of: "\n") ?? text.startIndex)].split(separator: "\n") {
            let json = try JSONValue.parse(String(line))
            guard let path = json["path"].text, let timestamp = json["timestamp"].integer else {
                throw TestKitError("a line of the truth log without path or timestamp: \(line)")
            }
            entries[Key(path: path, timestamp: timestamp)] = Entry(
                value: json["value"], quality: json["quality"].text ?? "", int16: json["int16"].integer)
        }
    }

    var count: Int { entries.count }

    subscript(path: String, timestamp: Int64) -> Entry? {
        entries[Key(path: path, timestamp: timestamp)]
    }
}

/// Numbers and booleans as one kind of number: each protocol has its own types for a state or a count.
func number(_ value: JSONValue) -> Double? {
    value.bool.map { $0 ? 1 : 0 } ?? value.double
}
