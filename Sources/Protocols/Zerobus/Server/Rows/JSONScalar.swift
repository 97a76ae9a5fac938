import Foundation
import ZerobusCore

/// Reads single JSON values for a column; each call reads exactly one value, also when it throws ``ValueProblem``.
enum JSONScalar {
    /// A whole number; those beyond 2^53 may be texts.
    static func integer(_ type: ColumnType, _ kind: JSONReader.Kind, _ reader: inout JSONReader) throws -> Int64 {
        let text: String
        switch kind {
        case .number: text = try reader.number()
        case .string: text = try reader.string()
        default:
            try reader.skipValue()
            throw ValueProblem.wrongType
        }
        guard let value = Int64(text) ?? wholeNumber(text) else { throw ValueProblem(reason: "is not a whole number") }
        try ScalarReading.check(value, .int64, type)
        return value
    }

    /// `1.0` and `1e3` are whole numbers too.
    private static func wholeNumber(_ text: String) -> Int64? {
        guard let value = Double(text), abs(value) <= 9_007_199_254_740_992 else { return nil }
        return Int64(exactly: value)
    }

    static func real(_ kind: JSONReader.Kind, _ reader: inout JSONReader) throws -> Double {
        guard kind == .number else {
            try reader.skipValue()
            throw ValueProblem.wrongType
        }
        guard let value = Double(try reader.number()), value.isFinite else {
            throw ValueProblem(reason: "is out of range")
        }
        return value
    }

    static func bool(_ kind: JSONReader.Kind, _ reader: inout JSONReader) throws -> Bool {
        guard kind == .bool else {
            try reader.skipValue()
            throw ValueProblem.wrongType
        }
        return try reader.bool()
    }

    /// Text; for DECIMAL a number as well, for VARIANT any value as its own JSON text.
    static func text(_ type: ColumnType, _ kind: JSONReader.Kind, _ reader: inout JSONReader) throws -> String {
        switch (type, kind) {
        case (_, .string): return try reader.string()
        case (.decimal, .number): return try reader.number()
        case (.variant, _): return String(decoding: try reader.rawValue(), as: UTF8.self)
        default:
            try reader.skipValue()
            throw ValueProblem.wrongType
        }
    }

    static func binary(_ kind: JSONReader.Kind, _ reader: inout JSONReader) throws -> Data {
        guard kind == .string else {
            try reader.skipValue()
            throw ValueProblem.wrongType
        }
        guard let data = Data(base64Encoded: try reader.string()) else { throw ValueProblem(reason: "is not base64") }
        return data
    }
}
