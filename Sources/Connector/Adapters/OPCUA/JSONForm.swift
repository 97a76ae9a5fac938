import ConnectorModel
import JSONSupport
import OPCUATypes

/// Arrays and structures as JSON text for the column `value`.
///
/// 64-bit integers are JSON numbers; NaN and infinities are strings, as JSON has none. An array of several
/// dimensions becomes nested arrays, the first dimension outermost. A structure whose fields are not known here
/// becomes `{"type_id": …, "body": base64}`.
enum JSONForm {
    /// Every dimension copies the text once; a peer could name a million of length 1.
    private static let dimensionsMax = 16

    static func text(of variant: Variant) -> String {
        switch variant {
        case .array(let array): text(of: array)
        case .extensionObject(let object): text(of: object)
        case .variant(let inner): text(of: inner)
        case .dataValue(let inner): text(of: inner.value)
        case .diagnosticInfo(let info): JSONText.quoted("\(info)")
        case .null: "null"
        default: scalar(variant)
        }
    }

    private static func scalar(_ variant: Variant) -> String {
        switch VariantReading.reading(of: variant).0 {
        case .none: "null"
        case .bool(let value): value ? "true" : "false"
        case .int(let value): String(value)
        case .uint(let value): String(value)
        case .float(let value): JSONText.number(value)
        case .double(let value): JSONText.number(value)
        case .string(let text), .json(let text): JSONText.quoted(text)
        case .bytes(let bytes): JSONText.quoted(ByteString(bytes).base64)
        }
    }

    private static func text(of array: VariantArray) -> String {
        let elements = texts(of: array.elements)
        let lengths = array.dimensions.map(Int.init)
        // A peer's dimensions count only when they describe the elements that came.
        guard (2...dimensionsMax).contains(lengths.count), lengths.allSatisfy({ $0 > 0 }),
            product(lengths) == elements.count
        else {
            return "[" + elements.joined(separator: ",") + "]"
        }
        var level = elements
        for length in lengths.dropFirst().reversed() {
            level = stride(from: 0, to: level.count, by: length).map { start in
                "[" + level[start..<start + length].joined(separator: ",") + "]"
            }
        }
        return "[" + level.joined(separator: ",") + "]"
    }

    private static func product(_ lengths: [Int]) -> Int? {
        var result = 1
        for length in lengths {
            let (product, overflow) = result.multipliedReportingOverflow(by: length)
            if overflow { return nil }
            result = product
        }
        return result
    }

    private static func texts(of elements: VariantArray.Elements) -> [String] {
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
        case .dateTime(let values): values.map { scalar(.dateTime($0)) }
        case .guid(let values): values.map { scalar(.guid($0)) }
        case .byteString(let values): values.map { scalar(.byteString($0)) }
        case .xmlElement(let values): values.map { scalar(.xmlElement($0)) }
        case .nodeId(let values): values.map { scalar(.nodeId($0)) }
        case .expandedNodeId(let values): values.map { scalar(.expandedNodeId($0)) }
        case .statusCode(let values): values.map { scalar(.statusCode($0)) }
        case .qualifiedName(let values): values.map { scalar(.qualifiedName($0)) }
        case .localizedText(let values): values.map { scalar(.localizedText($0)) }
        case .extensionObject(let values): values.map(text(of:))
        case .dataValue(let values): values.map { text(of: $0.value) }
        case .variant(let values): values.map(text(of:))
        case .diagnosticInfo(let values): values.map { JSONText.quoted("\($0)") }
        }
    }

    private static func text(of object: ExtensionObject) -> String {
        let body: String
        switch object.body {
        case .none: body = "null"
        case .binary(let bytes): body = JSONText.quoted(bytes.base64)
        case .xml(let element): body = JSONText.quoted(element.text)
        }
        return "{\"type_id\":\(JSONText.quoted(object.typeId.description)),\"body\":\(body)}"
    }
}
