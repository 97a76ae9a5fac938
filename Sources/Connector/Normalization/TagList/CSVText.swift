/// A table of texts as a file holds it (RFC 4180): fields divided by commas, in quotes where they hold a comma, a quote
/// or an end of line; lines that end with CRLF or LF; UTF-8 with or without a byte order mark.
package struct CSVText: Hashable, Sendable {
    package static let fileBytesMax = 64 * 1024 * 1024
    package static let recordBytesMax = 64 * 1024
    package static let fieldsMax = 100
    package static let recordsMax = 500_000

    package struct Record: Hashable, Sendable {
        /// Where it begins, counted from 1.
        package var line: Int
        package var fields: [String]

        package init(line: Int = 0, fields: [String]) {
            self.line = line
            self.fields = fields
        }
    }

    /// What is wrong with a file, and where; the column is a name, or a number counted from 1.
    package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        package var line: Int
        package var column: String
        package var text: String

        package init(line: Int, column: String = "", text: String) {
            self.line = line
            self.column = column
            self.text = text
        }

        package var description: String { "line \(line)\(column.isEmpty ? "" : ", column \(column)"): \(text)" }
    }

    package var hasByteOrderMark = false
    package var lineEnd = "\n"
    package var records: [Record]

    package init(records: [Record]) { self.records = records }

    /// Reads a file.
    /// - Throws: `Problem` where it is no such table, or larger than a limit.
    package init(_ bytes: some Collection<UInt8>) throws(Problem) {
        guard bytes.count <= Self.fileBytesMax else {
            throw Problem(line: 1, text: "the file is larger than \(Self.fileBytesMax / 1_048_576) MiB")
        }
        self.init(records: [])
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        hasByteOrderMark = bytes.starts(with: mark)
        var reader = CSVReader()
        for byte in bytes.dropFirst(hasByteOrderMark ? mark.count : 0) { try reader.take(byte) }
        try reader.end()
        records = reader.records
        if reader.hasCarriageReturns { lineEnd = "\r\n" }
    }

    /// The table as a file holds it.
    package var text: String {
        var text = hasByteOrderMark ? "\u{FEFF}" : ""
        for record in records {
            text += record.fields.map(Self.quoted).joined(separator: ",")
            text += lineEnd
        }
        return text
    }

    private static func quoted(_ field: String) -> String {
        let special: Set<UInt8> = [0x22, 0x2C, 0x0A, 0x0D]
        guard field.utf8.contains(where: { special.contains($0) }) || field.hasPrefix(" ") || field.hasSuffix(" ")
        else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }
}

/// Takes a table byte by byte.
private struct CSVReader {
    private enum State {
        case fieldStart, plain, quoted, quoteInQuoted
        /// Behind a CR that ends a line.
        case carriageReturn
    }

    private(set) var records: [CSVText.Record] = []
    private(set) var hasCarriageReturns = false
    private var state = State.fieldStart
    private var field: [UInt8] = []
    private var fields: [String] = []
    private var recordBytes = 0
    private var line = 1
    private var recordLine = 1

    mutating func take(_ byte: UInt8) throws(CSVText.Problem) {
        recordBytes += 1
        guard recordBytes <= CSVText.recordBytesMax else {
            throw problem("a line is longer than \(CSVText.recordBytesMax) bytes; is there a quote without its end?")
        }
        if byte == UInt8(ascii: "\n") { line += 1 }
        switch (state, byte) {
        case (.quoted, UInt8(ascii: "\"")): state = .quoteInQuoted
        case (.quoted, _): field.append(byte)
        case (.quoteInQuoted, UInt8(ascii: "\"")):
            field.append(byte)
            state = .quoted
        case (.fieldStart, UInt8(ascii: "\"")): state = .quoted
        case (.carriageReturn, UInt8(ascii: "\n")): try endRecord()
        case (.carriageReturn, _): throw problem("a carriage return stands alone; put the field into quotes")
        case (_, UInt8(ascii: ",")): try endField()
        case (_, UInt8(ascii: "\n")): try endRecord()
        case (_, UInt8(ascii: "\r")):
            hasCarriageReturns = true
            state = .carriageReturn
        case (.quoteInQuoted, _): throw problem("text follows the end of a quoted field")
        case (.plain, UInt8(ascii: "\"")): throw problem("a quote stands inside a field that does not begin with one")
        case (.fieldStart, _), (.plain, _):
            field.append(byte)
            state = .plain
        }
    }

    mutating func end() throws(CSVText.Problem) {
        switch state {
        case .quoted: throw problem("a quote has no end", at: recordLine)
        case .carriageReturn: try endRecord()
        default: if !field.isEmpty || !fields.isEmpty || state != .fieldStart { try endRecord() }
        }
    }

    private mutating func endField() throws(CSVText.Problem) {
        guard fields.count < CSVText.fieldsMax else { throw problem("has more than \(CSVText.fieldsMax) fields") }
        guard let text = String(validating: field, as: UTF8.self) else { throw problem("is not UTF-8 text") }
        fields.append(text)
        field.removeAll(keepingCapacity: true)
        state = .fieldStart
    }

    private mutating func endRecord() throws(CSVText.Problem) {
        try endField()
        // An empty line says nothing.
        if fields != [""] {
            guard records.count < CSVText.recordsMax else {
                throw problem("the file has more than \(CSVText.recordsMax) lines")
            }
            records.append(CSVText.Record(line: recordLine, fields: fields))
        }
        fields.removeAll(keepingCapacity: true)
        recordBytes = 0
        recordLine = line
    }

    private func problem(_ text: String, at line: Int? = nil) -> CSVText.Problem {
        CSVText.Problem(line: line ?? self.line, column: "\(fields.count + 1)", text: text)
    }
}
