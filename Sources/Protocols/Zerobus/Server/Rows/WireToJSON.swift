import ProtobufWire
import ZerobusCore

/// One occurrence of a field whose value becomes part of a JSON text.
enum WirePart {
    case number(WireType, UInt64)
    case bytes(UnsafeRawBufferPointer)

    init(_ type: WireType, _ reader: inout WireReader) throws(WireError) {
        switch type {
        case .varint: self = .number(type, try reader.varint())
        case .fixed64: self = .number(type, try reader.fixed64())
        case .fixed32: self = .number(type, UInt64(try reader.fixed32()))
        case .lengthDelimited: self = .bytes(try reader.lengthDelimited())
        }
    }
}

/// Writes repeated fields as JSON arrays, maps and nested messages as objects.
enum WireToJSON {
    static func write(
        _ parts: [WirePart], _ kind: RecordDescriptor.Kind, _ type: ColumnType, _ out: inout WireWriter
    ) throws(ValueProblem) {
        switch (kind, type) {
        case (.map(let key, let value), .map(let keyType, let valueType)):
            out.raw("{")
            for (index, part) in parts.enumerated() {
                if index > 0 { out.raw(",") }
                try entry(part, key, keyType, value, valueType, &out)
            }
            out.raw("}")
        case (.repeated(let element), .array(let elementType)):
            out.raw("[")
            var count = 0
            for part in parts { try elements(part, element, elementType, &count, &out) }
            out.raw("]")
        case (.one(let value), _):
            // Of several occurrences of a single field the last one counts.
            guard let part = parts.last else { return out.raw("null") }
            try one(part, value, type, &out)
        default:
            throw .wrongType
        }
    }

    /// One entry of a map: a message with key 1 and value 2, each with its default when absent.
    private static func entry(
        _ part: WirePart, _ key: RecordDescriptor.Scalar, _ keyType: ColumnType,
        _ value: RecordDescriptor.Element, _ valueType: ColumnType, _ out: inout WireWriter
    ) throws(ValueProblem) {
        guard case .bytes(let bytes) = part else { throw .wrongType }
        var keyPart: WirePart?
        var valuePart: WirePart?
        var reader = WireReader(bytes)
        do throws(WireError) {
            while let tag = try reader.tag() {
                switch tag.field {
                case 1: keyPart = try WirePart(tag.type, &reader)
                case 2: valuePart = try WirePart(tag.type, &reader)
                default: try reader.skip(tag.type)
                }
            }
        } catch {
            throw .malformed
        }
        // JSON keys are texts, whatever the map's key type.
        let isText = key == .string
        if !isText { out.raw("\"") }
        try one(keyPart ?? absent(.scalar(key)), .scalar(key), keyType, &out)
        out.raw(isText ? ":" : "\":")
        try one(valuePart ?? absent(value), value, valueType, &out)
    }

    private static func absent(_ element: RecordDescriptor.Element) -> WirePart {
        guard case .scalar(let scalar) = element else { return .bytes(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let type = ScalarReading.wireType(scalar)
        return type == .lengthDelimited ? .bytes(UnsafeRawBufferPointer(start: nil, count: 0)) : .number(type, 0)
    }

    /// One occurrence of a repeated field: one element, or several packed ones.
    private static func elements(
        _ part: WirePart, _ element: RecordDescriptor.Element, _ type: ColumnType, _ count: inout Int,
        _ out: inout WireWriter
    ) throws(ValueProblem) {
        if case .scalar(let scalar) = element, case .bytes(let packed) = part,
            ScalarReading.wireType(scalar) != .lengthDelimited
        {
            var reader = WireReader(packed)
            while !reader.isAtEnd {
                if count > 0 { out.raw(",") }
                count += 1
                let value: ScalarValue
                do throws(WireError) { value = try ScalarReading.read(scalar, &reader) } catch { throw .malformed }
                try write(value, scalar, type, &out)
            }
        } else {
            if count > 0 { out.raw(",") }
            count += 1
            try one(part, element, type, &out)
        }
    }

    private static func one(
        _ part: WirePart, _ element: RecordDescriptor.Element, _ type: ColumnType, _ out: inout WireWriter
    ) throws(ValueProblem) {
        switch element {
        case .scalar(let scalar): try write(try value(part, scalar), scalar, type, &out)
        case .message(let fields):
            guard case .bytes(let bytes) = part, case .structure(let columns) = type else { throw .wrongType }
            try message(bytes, fields, columns, &out)
        }
    }

    private static func message(
        _ bytes: UnsafeRawBufferPointer, _ fields: [RecordDescriptor.Field], _ columns: [ColumnType.StructField],
        _ out: inout WireWriter
    ) throws(ValueProblem) {
        var parts: [Int: [WirePart]] = [:]
        var reader = WireReader(bytes)
        do throws(WireError) {
            while let tag = try reader.tag() {
                parts[Int(tag.field), default: []].append(try WirePart(tag.type, &reader))
            }
        } catch {
            throw .malformed
        }
        for number in parts.keys where !fields.contains(where: { $0.number == number }) {
            throw ValueProblem(reason: "has the unknown field \(number) inside")
        }
        out.raw("{")
        var isFirst = true
        for field in fields {
            guard let column = columns.first(where: { $0.name.lowercased() == field.name.lowercased() }) else {
                continue
            }
            if !isFirst { out.raw(",") }
            isFirst = false
            JSONText.write(column.name, &out)
            out.raw(":")
            let found = parts[field.number] ?? []
            if found.isEmpty, field.isRequired { throw ValueProblem(reason: "lacks '\(field.name)' inside") }
            try write(found, field.kind, column.type, &out)
        }
        out.raw("}")
    }

    private static func value(_ part: WirePart, _ scalar: RecordDescriptor.Scalar) throws(ValueProblem) -> ScalarValue {
        switch part {
        case .bytes(let bytes):
            switch scalar {
            case .string: return .text(bytes)
            case .bytes: return .bytes(bytes)
            default: throw .wrongType
            }
        case .number(let type, let bits):
            guard type == ScalarReading.wireType(scalar) else { throw .wrongType }
            // The bits are read again in the layout of the scalar.
            var writer = WireWriter(capacity: 16)
            switch type {
            case .varint: writer.varint(bits)
            case .fixed64: writer.fixed64(bits)
            case .fixed32: writer.fixed32(UInt32(truncatingIfNeeded: bits))
            case .lengthDelimited: throw .wrongType
            }
            let value: ScalarValue? = writer.withBytes { bytes in
                var reader = WireReader(bytes)
                return try? ScalarReading.read(scalar, &reader)
            }
            guard let value else { throw .malformed }
            return value
        }
    }

    private static func write(
        _ value: ScalarValue, _ scalar: RecordDescriptor.Scalar, _ type: ColumnType, _ out: inout WireWriter
    ) throws(ValueProblem) {
        switch value {
        case .integer(let number):
            try ScalarReading.check(number, scalar, type)
            out.raw(String(number))
        case .real(let number): JSONText.write(number, &out)
        case .bool(let flag): out.raw(flag ? "true" : "false")
        case .text(let bytes):
            try ScalarReading.checkText(bytes)
            JSONText.write(utf8: bytes, &out)
        case .bytes(let bytes): JSONText.writeBase64(bytes, &out)
        }
    }
}
