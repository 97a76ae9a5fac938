import ConnectorModel
import JSONSupport
import OPCUATypes

/// Arrays and structures as JSON text for the column `value`.
///
/// 64-bit integers are JSON numbers; NaN and infinities are strings, as JSON has none. An array of several
/// dimensions becomes nested arrays, the first dimension outermost. A structure is an object of its fields; one whose
/// type is not known becomes `{"type_id": …, "body": base64}`.
enum JSONForm {
    static func text(of variant: Variant, _ types: DataTypes = .standard) -> String {
        switch variant {
        case .array(let array): nested(texts(of: array.elements, types), array.shape)
        case .extensionObject(let object): text(of: object, types)
        case .variant(let inner): text(of: inner, types)
        case .dataValue(let inner): text(of: inner.value, types)
        case .diagnosticInfo(let info): JSONText.quoted("\(info)")
        case .null: "null"
        default: scalar(variant, types)
        }
    }

    /// Texts of elements as nested arrays.
    /// - Parameter shape: length of each dimension; their product is the number of texts.
    static func nested(_ texts: [String], _ shape: [Int]) -> String {
        var level = texts
        for length in shape.dropFirst().reversed() {
            level = stride(from: 0, to: level.count, by: length).map { start in
                "[" + level[start..<start + length].joined(separator: ",") + "]"
            }
        }
        return "[" + level.joined(separator: ",") + "]"
    }

    static func quoted(_ text: String) -> String { JSONText.quoted(text) }

    private static func scalar(_ variant: Variant, _ types: DataTypes) -> String {
        switch VariantReading.reading(of: variant, types).0 {
        case .none: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .uint(let value): String(value)
        case .float(let value): JSONText.number(value)
        case .double(let value): JSONText.number(value)
        case .string(let text), .json(let text), .named(let text, _): JSONText.quoted(text)
        case .bytes(let bytes): JSONText.quoted(ByteString(bytes).base64)
        }
    }

    private static func texts(of elements: VariantArray.Elements, _ types: DataTypes) -> [String] {
        switch elements {
        case .boolean(let values): values.map { $0 ? "true" : "false" }
        case .sByte(let values): values.map(String.init)
        case .byte(let values): values.map(String.init)
        case .int16(let values): values.map(String.init)
        case .uint16(let values): values.map(String.init)
        case .int32(let values): values.map(String.init)
        case .uint32(let values): values.map(String.init)
        case .int64(let values): values.map(String.init)
        case .uint64(let values): values.map(String.init)
        case .float(let values): values.map { JSONText.number($0) }
        case .double(let values): values.map { JSONText.number($0) }
        case .string(let values): values.map { $0.map(JSONText.quoted) ?? "null" }
        default: (0..<elements.count).map { text(of: elements[$0], types) }
        }
    }

    private static func text(of object: ExtensionObject, _ types: DataTypes) -> String {
        if let text = types.json(of: object) { return text }
        let body: String
        switch object.body {
        case .none: body = "null"
        case .binary(let bytes): body = JSONText.quoted(bytes.base64)
        case .xml(let element): body = JSONText.quoted(element.text)
        }
        return "{\"type_id\":\(JSONText.quoted(object.typeId.description)),\"body\":\(body)}"
    }
}
