import CommandSupport
import Foundation
import ProtobufWire

/// Prints the rows of a query.
protocol RowPrinter {
    mutating func columns(_ names: [String])
    mutating func row(_ values: [ReadOnlyQuery.Value])
    mutating func end()
}

/// Columns under their names, numbers to the right; the first rows decide how wide columns are.
struct TableRowPrinter: RowPrinter {
    /// Rows that are held back to measure.
    private static let measured = 1000
    private static let widest = 80

    private var names: [String] = []
    private var widths: [Int] = []
    private var waiting: [[ReadOnlyQuery.Value]] = []
    private var count = 0
    private var isStarted = false

    mutating func columns(_ names: [String]) {
        self.names = names
        widths = names.map(\.count)
    }

    mutating func row(_ values: [ReadOnlyQuery.Value]) {
        count += 1
        if isStarted { return Console.say(line(values)) }
        waiting.append(values)
        for (index, value) in values.enumerated() where index < widths.count {
            widths[index] = min(max(widths[index], Self.text(value).count), Self.widest)
        }
        if waiting.count == Self.measured { start() }
    }

    mutating func end() {
        start()
        Console.say("(\(count) row\(count == 1 ? "" : "s"))")
    }

    private mutating func start() {
        guard !isStarted else { return }
        isStarted = true
        Console.say(zip(names, widths).map { Self.pad($0, $1, left: false) }.joined(separator: "  "))
        Console.say(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  "))
        for values in waiting { Console.say(line(values)) }
        waiting = []
    }

    private func line(_ values: [ReadOnlyQuery.Value]) -> String {
        zip(values, widths).map { value, width in
            let isNumber =
                switch value {
                case .integer, .real: true
                default: false
                }
            return Self.pad(Self.text(value), width, left: isNumber)
        }.joined(separator: "  ")
    }

    private static func pad(_ text: String, _ width: Int, left: Bool) -> String {
        let space = String(repeating: " ", count: max(width - text.count, 0))
        return left ? space + text : text + space
    }

    static func text(_ value: ReadOnlyQuery.Value) -> String {
        switch value {
        case .null: "NULL"
        case .integer(let number): String(number)
        case .real(let number): "\(number)"
        case .text(let text): text
        case .blob(let bytes): Data(bytes).base64EncodedString()
        }
    }
}

/// One JSON array of objects.
struct JSONRowPrinter: RowPrinter {
    private var names: [String] = []
    private var isFirst = true

    mutating func columns(_ names: [String]) {
        self.names = names
        Console.write("[")
    }

    mutating func row(_ values: [ReadOnlyQuery.Value]) {
        var out = WireWriter()
        out.raw(isFirst ? "\n{" : ",\n{")
        isFirst = false
        for (index, (name, value)) in zip(names, values).enumerated() {
            if index > 0 { out.raw(",") }
            JSONText.write(name, &out)
            out.raw(":")
            switch value {
            case .null: out.raw("null")
            case .integer(let number): out.raw(String(number))
            case .real(let number): JSONText.write(number, &out)
            case .text(let text): JSONText.write(text, &out)
            case .blob(let bytes): bytes.withUnsafeBytes { JSONText.writeBase64($0, &out) }
            }
        }
        out.raw("}")
        Console.write(out.withBytes { String(decoding: $0, as: UTF8.self) })
    }

    mutating func end() { Console.say("\n]") }
}

/// Comma-separated values (RFC 4180); NULL is empty.
struct CSVRowPrinter: RowPrinter {
    mutating func columns(_ names: [String]) { Console.say(names.map(Self.field).joined(separator: ",")) }

    mutating func row(_ values: [ReadOnlyQuery.Value]) {
        Console.say(values.map { $0 == .null ? "" : Self.field(TableRowPrinter.text($0)) }.joined(separator: ","))
    }

    mutating func end() {}

    private static func field(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
