import ConnectorModel
import JSONSupport

/// Finds the readings in the payload of one message: the payload form `auto`.
///
/// What is found, in this order:
/// - a JSON scalar: one reading of the topic;
/// - an object with a member `value`: one reading of the topic, with the time, unit and quality beside it; where the
///   object has an `id` with dots in it, as Kepware's gateway writes, the id is part of the address;
/// - an object with an array `values` of readings (Kepware): one reading for each;
/// - any other object: one reading for each member, objects inside it and arrays of readings likewise;
/// - an array of objects with a value each: one reading for each, its `id`, `name` or `tag` being part of the address;
/// - any other array: one reading with the JSON text;
/// - what is no JSON: one reading with the text, or with the bytes when it is no readable text.
///
/// Every payload gives at least one reading. A value that JSON calls a string stays text, also when it looks like a
/// number; `NaN`, `Infinity` and `-Infinity`, which are no JSON but widely written, are numbers without `value_num`.
package struct PayloadMapper: Sendable {
    /// Objects inside each other that become parts of an address; what lies deeper is kept as JSON text.
    static let levelsMax = 4

    /// The readings of the payload that was mapped last, in its order.
    package internal(set) var readings: [MappedReading] = []
    /// Members of the objects that are being read, the innermost last; kept for its memory.
    var members: [PayloadMember] = []

    package init() {}

    /// Reads a payload; `readings` holds the outcome until the next call.
    package mutating func map(_ payload: UnsafeRawBufferPointer) {
        readings.removeAll(keepingCapacity: true)
        members.removeAll(keepingCapacity: true)
        let payload = Self.withoutByteOrderMark(payload)
        do throws(JSONError) {
            try mapJSON(payload)
        } catch {
            // No JSON is no fault: the payload is a text or bytes.
            readings.removeAll(keepingCapacity: true)
            readings.append(Self.raw(payload))
        }
    }

    private mutating func mapJSON(_ payload: UnsafeRawBufferPointer) throws(JSONError) {
        var scanner = JSONScanner(payload, takesNonFinite: true)
        let first = try scanner.next()
        switch first.kind {
        case .beginObject:
            try collectMembers(&scanner)
            try Self.expectEnd(&scanner)
            try mapObject(scanner, from: 0, PayloadContext(), level: 1, whole: payload)
        case .beginArray:
            let range = try scanner.skip(first)
            try Self.expectEnd(&scanner)
            let text = scanner.text(range)
            if try !mapElements(text, PayloadContext()) { readings.append(Self.json(text, PayloadContext())) }
        default:
            try Self.expectEnd(&scanner)
            readings.append(Self.scalar(first, scanner, PayloadContext()))
        }
    }

    private static func expectEnd(_ scanner: inout JSONScanner) throws(JSONError) {
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
    static func scalar(_ token: JSONToken, _ scanner: JSONScanner, _ context: PayloadContext) -> MappedReading {
        let (value, type) = value(of: token, scanner)
        return MappedReading(
            key: context.key, unit: context.unit, value, type, quality: context.quality, time: context.time)
    }

    private static func value(of token: JSONToken, _ scanner: JSONScanner) -> (ReadingValue, ValueType) {
        switch token.kind {
        case .number:
            switch scanner.number(token) {
            case .int(let value): return (.int(value), .int64)
            case .uint(let value): return (.uint(value), .uint64)
            case .double(let value) where value.isFinite: return (.double(value), .float64)
            // Larger than any double: the digits are kept as they came.
            case .double: return (.string(scanner.string(token)), .string)
            }
        case .nonFinite: return (.double(nonFinite(scanner.text(token))), .float64)
        case .true: return (.bool(true), .bool)
        case .false: return (.bool(false), .bool)
        case .null: return (.none, .none)
        default: return (.string(scanner.string(token)), .string)
        }
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
    private static func raw(_ payload: UnsafeRawBufferPointer) -> MappedReading {
        UTF8Sequence.isText(payload)
            ? MappedReading(.string(String(decoding: payload, as: UTF8.self)), .string)
            : MappedReading(.bytes(Array(payload)), .bytes)
    }
}
