/// A reading's value: numbers unboxed, text only where the device sent text.
package enum ReadingValue: Hashable, Sendable {
    /// No value: a bad reading, or a null that the device reported.
    case none
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case float(Float)
    case double(Double)
    /// Text, or the text form of something that is not a number.
    case string(String)
    /// An array or structure as JSON text.
    case json(String)
    /// Raw bytes; written as base64 text.
    case bytes([UInt8])
    /// A number that has a name, as the states of an enumeration have: text is the name.
    indirect case named(String, Int64)

    /// The column `value_num`: numbers, and booleans as 1 or 0; nil for text, NaN and infinities.
    @inlinable
    package var number: Double? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value): Double(value)
        case .uint(let value): Double(value)
        case .float(let value): value.isFinite ? Double(value) : nil
        case .double(let value): value.isFinite ? value : nil
        case .named(_, let value): Double(value)
        case .none, .string, .json, .bytes: nil
        }
    }

    /// The column `value`; nil for a reading without a value.
    package var text: String? {
        var buffer: NumberText.Buffer = (0, 0, 0, 0)
        switch self {
        case .none: return nil
        case .bool(let value): return value ? "true" : "false"
        case .int(let value): return String(value)
        case .uint(let value): return String(value)
        case .float(let value): return NumberText.withText(of: value, in: &buffer, NumberText.string)
        case .double(let value): return NumberText.withText(of: value, in: &buffer, NumberText.string)
        case .string(let text), .json(let text), .named(let text, _): return text
        case .bytes(let bytes): return Base64.encode(bytes)
        }
    }
}
