import Foundation
import ProtobufWire
import ZerobusCore

/// Checks a JSON value against a nested type and writes it without white space.
enum JSONNormalizer {
    static func write(_ type: ColumnType, _ reader: inout JSONReader, _ out: inout WireWriter) throws {
        let kind = try reader.kind()
        if kind == .null {
            try reader.null()
            return out.raw("null")
        }
        switch type {
        case .array(let element):
            guard kind == .array else { throw ValueProblem.wrongType }
            try array(element, &reader, &out)
        case .map(_, let value):
            guard kind == .object else { throw ValueProblem.wrongType }
            try object(&reader, &out) { _ in value }
        case .structure(let fields):
            guard kind == .object else { throw ValueProblem.wrongType }
            try object(&reader, &out) { key in fields.first { $0.name.lowercased() == key.lowercased() }?.type }
        case .tinyint, .smallint, .int, .bigint, .date, .timestamp, .timestampNTZ:
            out.raw(String(try JSONScalar.integer(type, kind, &reader)))
        case .float, .double:
            JSONText.write(try JSONScalar.real(kind, &reader), &out)
        case .boolean:
            out.raw(try JSONScalar.bool(kind, &reader) ? "true" : "false")
        case .string, .varchar, .decimal, .variant:
            JSONText.write(try JSONScalar.text(type, kind, &reader), &out)
        case .binary:
            let data = try JSONScalar.binary(kind, &reader)
            data.withUnsafeBytes { JSONText.writeBase64($0, &out) }
        }
    }

    private static func array(_ element: ColumnType, _ reader: inout JSONReader, _ out: inout WireWriter) throws {
        out.raw("[")
        var values: [UnsafeRawBufferPointer] = []
        try reader.array { reader throws(JSONReader.Malformed) in values.append(try reader.rawValue()) }
        for (index, value) in values.enumerated() {
            if index > 0 { out.raw(",") }
            var part = JSONReader(value)
            try write(element, &part, &out)
        }
        out.raw("]")
    }

    private static func object(
        _ reader: inout JSONReader, _ out: inout WireWriter, type: (String) -> ColumnType?
    ) throws {
        out.raw("{")
        var members: [(String, UnsafeRawBufferPointer)] = []
        try reader.object { key, reader throws(JSONReader.Malformed) in members.append((key, try reader.rawValue())) }
        for (index, (key, value)) in members.enumerated() {
            guard let type = type(key) else { throw ValueProblem(reason: "has the unknown field '\(key.prefix(200))'") }
            if index > 0 { out.raw(",") }
            JSONText.write(key, &out)
            out.raw(":")
            var part = JSONReader(value)
            try write(type, &part, &out)
        }
        out.raw("}")
    }
}
