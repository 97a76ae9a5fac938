/// What the simulated plant says it served: the log that `ot-simulator --truth` writes.
package struct Truth {
    package struct Entry {
        package var value: JSONValue
        package var quality: String
        /// What the Modbus holding register shows.
        package var int16: Int64?
        /// What to multiply the holding register by.
        package var scale: Double?
    }

    package struct Key: Hashable {
        package var path: String
        /// UTC microseconds of the tick.
        package var timestamp: Int64
    }

    package private(set) var entries: [Key: Entry] = [:]

    /// Reads the log; a last line that is still being written is left out.
    package init(path: String) throws {
        let text = try read(path)
        for line in text[..<(text.lastIndex(of: "\n") ?? text.startIndex)].split(separator: "\n") {
            let json = try JSONValue.parse(String(line))
            guard let path = json["path"].text, let timestamp = json["timestamp"].integer else {
                throw TestKitError("a line of the truth log without path or timestamp: \(line)")
            }
            entries[Key(path: path, timestamp: timestamp)] = Entry(
                value: json["value"], quality: json["quality"].text ?? "", int16: json["int16"].integer,
                scale: json["scale"].double)
        }
    }

    package var count: Int { entries.count }

    package subscript(path: String, timestamp: Int64) -> Entry? {
        entries[Key(path: path, timestamp: timestamp)]
    }
}

/// Numbers and booleans as one kind of number: each protocol has its own types for a state or a count.
package func number(_ value: JSONValue) -> Double? {
    value.bool.map { $0 ? 1 : 0 } ?? value.double
}
