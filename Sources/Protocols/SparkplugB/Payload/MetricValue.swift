/// A value with its meaning.
public enum MetricValue: Hashable, Sendable {
    /// The flag `is_null`, or no value at all.
    case null
    /// Int8 to Int64.
    case int(Int64)
    /// UInt8 to UInt64.
    case uint(UInt64)
    case float(Float)
    case double(Double)
    case boolean(Bool)
    /// String, Text and UUID.
    case string(String)
    /// Milliseconds of UTC since 1970.
    case dateTime(Int64)
    /// Bytes and File.
    case bytes([UInt8])
    indirect case dataSet(DataSet)
    indirect case template(Template)
    case array(ArrayValue)
    /// Of a property only.
    indirect case properties(PropertySet)
    /// Of a property only.
    case propertySets([PropertySet])

    /// The elements of an array of version 3.0.
    public enum ArrayValue: Hashable, Sendable {
        case ints([Int64])
        case uints([UInt64])
        case floats([Float])
        case doubles([Double])
        case booleans([Bool])
        case strings([String])
        /// Milliseconds of UTC since 1970.
        case dateTimes([Int64])
    }
}

extension MetricValue {
    /// A value from the wire, understood as `type`; nil for what does not fit the type.
    ///
    /// Signed numbers travel as two's complement in unsigned fields, and writers differ in how many bits of a
    /// negative Int8 they set: the low bits count. A whole number may be in either whole-number field. Without a type
    /// the field decides.
    public static func scalar(_ raw: RawValue, _ type: DataType?) -> MetricValue? {
        guard let type else { return untyped(raw) }
        switch type {
        case .int8: return raw.integer.map { .int(Int64(Int8(truncatingIfNeeded: $0))) }
        case .int16: return raw.integer.map { .int(Int64(Int16(truncatingIfNeeded: $0))) }
        case .int32: return raw.integer.map { .int(Int64(Int32(truncatingIfNeeded: $0))) }
        case .int64:
            if case .int(let bits) = raw { return .int(Int64(Int32(bitPattern: bits))) }
            return raw.integer.map { .int(Int64(bitPattern: $0)) }
        case .uint8: return raw.integer.map { .uint(UInt64(UInt8(truncatingIfNeeded: $0))) }
        case .uint16: return raw.integer.map { .uint(UInt64(UInt16(truncatingIfNeeded: $0))) }
        case .uint32: return raw.integer.map { .uint(UInt64(UInt32(truncatingIfNeeded: $0))) }
        case .uint64: return raw.integer.map { .uint($0) }
        case .dateTime: return raw.integer.map { .dateTime(Int64(bitPattern: $0)) }
        case .float:
            switch raw {
            case .float(let value): return .float(value)
            case .double(let value): return .float(Float(value))
            default: return nil
            }
        case .double:
            switch raw {
            case .double(let value): return .double(value)
            case .float(let value): return .double(Double(value))
            default: return nil
            }
        case .boolean:
            return raw.integer.map { .boolean($0 != 0) }
        case .string, .text, .uuid:
            guard case .string(let text) = raw else { return nil }
            return .string(String(decoding: text, as: UTF8.self))
        case .bytes, .file:
            guard case .bytes(let bytes) = raw else { return nil }
            return .bytes(Array(bytes))
        default: return nil
        }
    }

    private static func untyped(_ raw: RawValue) -> MetricValue? {
        switch raw {
        case .int(let value): .uint(UInt64(value))
        case .long(let value): .uint(value)
        case .float(let value): .float(value)
        case .double(let value): .double(value)
        case .boolean(let value): .boolean(value)
        case .string(let text): .string(String(decoding: text, as: UTF8.self))
        case .bytes(let bytes), .vendor(let bytes): .bytes(Array(bytes))
        case .none, .dataSet, .template, .propertySet, .propertySets: nil
        }
    }

    /// A value from the wire of any type.
    ///
    /// - Returns: nil for what does not fit the type.
    static func decode(
        _ raw: RawValue, _ type: DataType?, isNull: Bool, _ budget: inout DecodingBudget
    ) throws(PayloadError) -> MetricValue? {
        if isNull { return .null }
        switch raw {
        case .none: return .null
        case .dataSet(let bytes):
            guard type == nil || type == .dataSet else { return nil }
            return .dataSet(try DataSet(bytes, &budget))
        case .template(let bytes):
            guard type == nil || type == .template else { return nil }
            return .template(try Template(bytes, &budget))
        case .propertySet(let bytes): return .properties(try PropertySet(bytes, &budget))
        case .propertySets(let bytes): return .propertySets(try PropertySet.list(bytes, &budget))
        case .bytes(let bytes):
            if let type, type.rawValue >= DataType.int8Array.rawValue {
                let array = try ArrayValue(bytes, type)
                try budget.take(array.count)
                return .array(array)
            }
            return scalar(raw, type)
        default: return scalar(raw, type)
        }
    }

    /// As `decode`; what does not fit its type is read as its field says, for one odd part is no reason to lose the
    /// whole.
    static func decodeAny(
        _ raw: RawValue, _ type: DataType?, isNull: Bool, _ budget: inout DecodingBudget
    ) throws(PayloadError) -> MetricValue {
        if let value = try decode(raw, type, isNull: isNull, &budget) { return value }
        return try decode(raw, nil, isNull: isNull, &budget) ?? .null
    }
}

extension MetricView {
    /// The value, understood as `type`; any type of the metric's own goes before.
    ///
    /// - Returns: nil when it is not of that type.
    /// - Throws: `PayloadError` for a data set, template or array that is none.
    public func value(as known: DataType?, limits: PayloadLimits = PayloadLimits()) throws(PayloadError) -> MetricValue?
    {
        if isNull { return .null }
        var budget = DecodingBudget(limits)
        return try MetricValue.decode(value, type ?? known, isNull: false, &budget)
    }
}
