import ConnectorModel
import JSONSupport
import SparkplugB

/// Values of Sparkplug B as the connector's.
enum SparkplugValue {
    static func reading(_ value: MetricValue, _ type: DataType?) -> (ReadingValue, ValueType) {
        switch value {
        case .null: (.none, type.map(valueType) ?? .none)
        case .int(let number): (.int(number), type.map(valueType) ?? .int64)
        case .uint(let number): (.uint(number), type.map(valueType) ?? .uint64)
        case .float(let number): (.float(number), .float32)
        case .double(let number): (.double(number), .float64)
        case .boolean(let flag): (.bool(flag), .bool)
        case .string(let text): (.string(text), .string)
        case .dateTime(let milliseconds): (.string(time(milliseconds)), .opcuaDateTime)
        case .bytes(let bytes): (.bytes(bytes), .bytes)
        case .dataSet, .template, .array, .properties, .propertySets: (.json(json(value)), .json)
        }
    }

    /// A type that differs from the value's case is that of a null or of a whole number.
    static func valueType(_ type: DataType) -> ValueType {
        switch type {
        case .int8: .int8
        case .int16: .int16
        case .int32: .int32
        case .int64: .int64
        case .uint8: .uint8
        case .uint16: .uint16
        case .uint32: .uint32
        case .uint64: .uint64
        case .float: .float32
        case .double: .float64
        case .boolean: .bool
        case .string, .text, .uuid: .string
        case .dateTime: .opcuaDateTime
        case .bytes, .file: .bytes
        default: .json
        }
    }

    /// ISO 8601 text; milliseconds that no microseconds can hold stay a number.
    private static func time(_ milliseconds: Int64) -> String {
        let (microseconds, overflow) = milliseconds.multipliedReportingOverflow(by: 1000)
        return overflow ? String(milliseconds) : ISO8601.text(of: Timestamp(microseconds: microseconds))
    }

    // MARK: JSON

    /// A value as JSON text:
    /// a data set is `{"columns":[…],"types":[…],"rows":[[…],…]}`, a template
    /// `{"template":…,"version":…,"metrics":{name:value,…},"parameters":{…}}`, an array its elements; a number that
    /// 53 bits cannot hold stays exact as digits, bytes are base64 text.
    static func json(_ value: MetricValue) -> String {
        var text = ""
        append(value, to: &text)
        return text
    }

    private static func append(_ value: MetricValue, to text: inout String) {
        switch value {
        case .null: text += "null"
        case .int(let number): text += String(number)
        case .uint(let number): text += String(number)
        case .float(let number): text += JSONText.number(number)
        case .double(let number): text += JSONText.number(number)
        case .boolean(let flag): text += flag ? "true" : "false"
        case .string(let string): JSONText.appendQuoted(string, to: &text)
        case .dateTime(let milliseconds): JSONText.appendQuoted(time(milliseconds), to: &text)
        case .bytes(let bytes): JSONText.appendQuoted(Base64.encode(bytes), to: &text)
        case .dataSet(let set): append(set, to: &text)
        case .template(let template): append(template, to: &text)
        case .array(let array): append(array, to: &text)
        case .properties(let set): append(set, to: &text)
        case .propertySets(let sets): list(sets, to: &text) { append($0, to: &$1) }
        }
    }

    private static func list<Element>(
        _ elements: [Element], to text: inout String, _ append: (Element, inout String) -> Void
    ) {
        text += "["
        for (index, element) in elements.enumerated() {
            if index > 0 { text += "," }
            append(element, &text)
        }
        text += "]"
    }

    private static func object<Element>(
        _ members: [Element], to text: inout String, _ member: (Element) -> (name: String, value: MetricValue)
    ) {
        text += "{"
        for (index, element) in members.enumerated() {
            if index > 0 { text += "," }
            let (name, value) = member(element)
            JSONText.appendQuoted(name, to: &text)
            text += ":"
            append(value, to: &text)
        }
        text += "}"
    }

    private static func append(_ set: DataSet, to text: inout String) {
        text += "{\"columns\":"
        list(set.columns, to: &text) { JSONText.appendQuoted($0, to: &$1) }
        text += ",\"types\":"
        list(set.types, to: &text) { JSONText.appendQuoted($0.name, to: &$1) }
        text += ",\"rows\":"
        list(set.rows, to: &text) { row, text in list(row, to: &text) { append($0, to: &$1) } }
        text += "}"
    }

    private static func append(_ template: Template, to text: inout String) {
        text += "{\"template\":"
        if let reference = template.reference { JSONText.appendQuoted(reference, to: &text) } else { text += "null" }
        if let version = template.version {
            text += ",\"version\":"
            JSONText.appendQuoted(version, to: &text)
        }
        text += ",\"metrics\":"
        object(template.metrics, to: &text) { ($0.name ?? "alias \($0.alias ?? 0)", $0.value) }
        if !template.parameters.isEmpty {
            text += ",\"parameters\":"
            object(template.parameters, to: &text) { ($0.name, $0.value) }
        }
        text += "}"
    }

    private static func append(_ set: PropertySet, to text: inout String) {
        object(set.properties, to: &text) { ($0.key, $0.value) }
    }

    private static func append(_ array: MetricValue.ArrayValue, to text: inout String) {
        switch array {
        case .ints(let elements): list(elements, to: &text) { $1 += String($0) }
        case .uints(let elements): list(elements, to: &text) { $1 += String($0) }
        case .floats(let elements): list(elements, to: &text) { $1 += JSONText.number($0) }
        case .doubles(let elements): list(elements, to: &text) { $1 += JSONText.number($0) }
        case .booleans(let elements): list(elements, to: &text) { $1 += $0 ? "true" : "false" }
        case .strings(let elements): list(elements, to: &text) { JSONText.appendQuoted($0, to: &$1) }
        case .dateTimes(let elements): list(elements, to: &text) { JSONText.appendQuoted(time($0), to: &$1) }
        }
    }
}
