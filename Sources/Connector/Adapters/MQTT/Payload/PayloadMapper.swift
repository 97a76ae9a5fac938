import ConnectorModel
import JSONSupport

/// Finds the readings in the payload of one message.
///
/// What is found in the form `auto`, in this order:
/// - a JSON scalar: one reading of the topic;
/// - an object with a member `value`: one reading of the topic, with the time, unit and quality beside it; where the
///   object has an `id` with dots in it, as Kepware's gateway writes, the id is part of the address;
/// - an object with an array `values` of readings (Kepware): one reading for each;
/// - any other object: one reading for each member, objects inside it and arrays of readings likewise;
/// - an array of objects with a value each: one reading for each, its `id`, `name` or `tag` being part of the address;
/// - any other array: one reading with the JSON text;
/// - what is no JSON: one reading with the text, or with the bytes when it is no readable text.
///
/// Every payload gives at least one reading then; the form `json`, and options that look for a place in a document,
/// refuse what is no JSON or has nothing at that place. A value that JSON calls a string stays text, also when it looks like a
/// number, unless it is to be coerced; `NaN`, `Infinity` and `-Infinity`, which are no JSON but widely written, are numbers without `value_num`.
package struct PayloadMapper: Sendable {
    /// Objects inside each other that become parts of an address; what lies deeper is kept as JSON text.
    static let levelsMax = 4

    /// The readings of the payload that was mapped last, in its order.
    package internal(set) var readings: [MappedReading] = []
    /// Members of the objects that are being read, the innermost last; kept for its memory.
    var members: [PayloadMember] = []
    /// Of the payload that is being mapped.
    private(set) var options = PayloadOptions()

    package init() {}

    /// Reads a payload in the form `auto`; `readings` holds the outcome until the next call.
    package mutating func map(_ payload: UnsafeRawBufferPointer) {
        // In this form everything can be decoded.
        _ = map(payload, PayloadOptions())
    }

    /// Reads a payload; `readings` holds the outcome until the next call.
    /// - Returns: why it cannot be decoded; nil when it could, and there is at least one reading.
    package mutating func map(_ payload: UnsafeRawBufferPointer, _ options: PayloadOptions)
        -> String?
    {
        self.options = options
        readings.removeAll(keepingCapacity: true)
        members.removeAll(keepingCapacity: true)
        switch options.form {
        case .auto, .json: return mapDocument(Self.withoutByteOrderMark(payload))
        case .text: return mapText(payload)
        case .bytes: readings.append(MappedReading(.bytes(Array(payload)), .bytes))
        case .sparkplug: return "the payload form sparkplug is not read here"
        }
        return nil
    }

    private mutating func mapDocument(_ payload: UnsafeRawBufferPointer) -> String? {
        do throws(JSONError) {
            if !options.needsJSON {
                try mapJSON(payload, PayloadContext())
            } else if let missing = try mapPlaces(payload) {
                return missing
            }
            return nil
        } catch {
            readings.removeAll(keepingCapacity: true)
            guard !options.needsJSON else { return error.description }
            // No JSON is no fault: the payload is a text or bytes.
            readings.append(raw(payload))
            return nil
        }
    }

    private mutating func mapText(_ payload: UnsafeRawBufferPointer) -> String? {
        guard let text = String(validating: payload, as: UTF8.self) else { return "the text is not UTF-8" }
        let (value, type) = self.text(text)
        readings.append(MappedReading(value, type))
        return nil
    }

    mutating func mapJSON(_ payload: UnsafeRawBufferPointer, _ outer: PayloadContext) throws(JSONError) {
        var scanner = JSONScanner(payload, takesNonFinite: true)
        let first = try scanner.next()
        switch first.kind {
        case .beginObject:
            try collectMembers(&scanner)
            try Self.expectEnd(&scanner)
            try mapObject(scanner, from: 0, outer, level: 1, whole: payload)
        case .beginArray:
            let range = try scanner.skip(first)
            try Self.expectEnd(&scanner)
            let text = scanner.text(range)
            if try !mapElements(text, outer) { readings.append(Self.json(text, outer)) }
        default:
            try Self.expectEnd(&scanner)
            readings.append(scalar(first, scanner, outer))
        }
    }

    static func expectEnd(_ scanner: inout JSONScanner) throws(JSONError) {
        // Anything else is an error that the scanner throws.
        _ = try scanner.next()
    }

    /// Editors and scripts on Windows put one in front of a text.
    private static func withoutByteOrderMark(_ payload: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard payload.count >= 3, payload[0] == 0xEF, payload[1] == 0xBB, payload[2] == 0xBF else { return payload }
        return UnsafeRawBufferPointer(rebasing: payload[3...])
    }
}

/// What an object hands down to the readings inside it.
struct PayloadContext {
    /// The address so far; nil for the topic itself.
    var key: String?
    var unit: String?
    var quality = Quality.good
    var time: Timestamp?

    /// The address of a member.
    func address(_ name: String) -> String { key.map { "\($0)/\(name)" } ?? name }
}

// MARK: Values

extension PayloadMapper {
    /// A reading of a scalar token.
    func scalar(_ token: JSONToken, _ scanner: JSONScanner, _ context: PayloadContext) -> MappedReading {
        let (value, type) = value(of: token, scanner)
        return MappedReading(
            key: context.key, unit: context.unit, value, type, quality: context.quality, time: context.time)
    }

    private func value(of token: JSONToken, _ scanner: JSONScanner) -> (ReadingValue, ValueType) {
        switch token.kind {
        case .number: return Self.number(token, scanner)
        case .nonFinite: return (.double(Self.nonFinite(scanner.text(token))), .float64)
        case .true: return (.bool(true), .bool)
        case .false: return (.bool(false), .bool)
        case .null: return (.none, .none)
        default: return text(scanner.string(token))
        }
    }

    private static func number(_ token: JSONToken, _ scanner: JSONScanner) -> (ReadingValue, ValueType) {
        switch scanner.number(token) {
        case .int(let value): (.int(value), .int64)
        case .uint(let value): (.uint(value), .uint64)
        case .double(let value) where value.isFinite: (.double(value), .float64)
        // Larger than any double: the digits are kept as they came.
        case .double: (.string(scanner.string(token)), .string)
        }
    }

    /// A text, or the number that it is written like where that is wanted; spaces around it do not count.
    func text(_ text: String) -> (ReadingValue, ValueType) {
        guard options.coerce else { return (.string(text), .string) }
        var copy = text
        let number = copy.withUTF8 { bytes -> (ReadingValue, ValueType)? in
            var scanner = JSONScanner(UnsafeRawBufferPointer(bytes), takesNonFinite: true)
            guard let token = try? scanner.next(), let end = try? scanner.next(), end.kind == .end else { return nil }
            switch token.kind {
            case .number: return Self.number(token, scanner)
            case .nonFinite: return (.double(Self.nonFinite(scanner.text(token))), .float64)
            default: return nil
            }
        }
        return number ?? (.string(text), .string)
    }

    private static func nonFinite(_ text: UnsafeRawBufferPointer) -> Double {
        switch text.first {
        case UInt8(ascii: "N"): .nan
        case UInt8(ascii: "-"): -.infinity
        default: .infinity
        }
    }

    /// A reading of an array or object that is kept as it stands.
    static func json(_ text: UnsafeRawBufferPointer, _ context: PayloadContext) -> MappedReading {
        MappedReading(
            key: context.key, unit: context.unit, .json(String(decoding: text, as: UTF8.self)), .json,
            quality: context.quality, time: context.time)
    }

    /// A reading of a payload that is no JSON.
    private func raw(_ payload: UnsafeRawBufferPointer) -> MappedReading {
        guard UTF8Sequence.isText(payload) else { return MappedReading(.bytes(Array(payload)), .bytes) }
        let (value, type) = text(String(decoding: payload, as: UTF8.self))
        return MappedReading(value, type)
    }
}
