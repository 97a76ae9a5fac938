import ConnectorModel
import JSONSupport
import OPCUATypes

/// What a Variant becomes in a record: numbers stay numbers, everything structured becomes JSON text.
enum VariantReading {
    /// A scalar's or array's value with the standard's name of its type.
    @inline(__always)
    static func reading(of variant: Variant, _ types: DataTypes = .standard) -> (ReadingValue, ValueType) {
        switch variant {
        case .double(let value): (.double(value), .opcuaDouble)
        case .float(let value): (.float(value), .opcuaFloat)
        case .boolean(let value): (.bool(value), .opcuaBoolean)
        case .int32(let value): (.int(Int64(value)), .opcuaInt32)
        case .uint32(let value): (.uint(UInt64(value)), .opcuaUInt32)
        case .int16(let value): (.int(Int64(value)), .opcuaInt16)
        case .uint16(let value): (.uint(UInt64(value)), .opcuaUInt16)
        case .int64(let value): (.int(value), .opcuaInt64)
        case .uint64(let value): (.uint(value), .opcuaUInt64)
        case .sByte(let value): (.int(Int64(value)), .opcuaSByte)
        case .byte(let value): (.uint(UInt64(value)), .opcuaByte)
        case .null: (.none, .opcuaNull)
        default: rare(variant, types)
        }
    }

    private static func rare(_ variant: Variant, _ types: DataTypes) -> (ReadingValue, ValueType) {
        switch variant {
        case .string(let text): (text.map(ReadingValue.string) ?? .none, .opcuaString)
        case .dateTime(let time): (.string(Self.text(of: time)), .opcuaDateTime)
        case .guid(let guid): (.string(guid.description), .opcuaGuid)
        case .byteString(let bytes): (bytes.map { .bytes($0.bytes) } ?? .none, .opcuaByteString)
        case .xmlElement(let element): (element.map { .string($0.text) } ?? .none, .opcuaXmlElement)
        case .nodeId(let node): (.string(node.description), .opcuaNodeId)
        case .expandedNodeId(let node): (.string(node.description), .opcuaExpandedNodeId)
        case .statusCode(let status): (.string(status.description), .opcuaStatusCode)
        case .qualifiedName(let name): (.string(name.description), .opcuaQualifiedName)
        case .localizedText(let text): (text.text.map(ReadingValue.string) ?? .none, .opcuaLocalizedText)
        case .variant(let inner): reading(of: inner, types)
        case .dataValue(let inner): (reading(of: inner.value, types).0, .opcuaDataValue)
        case .extensionObject: (.json(JSONForm.text(of: variant, types)), .opcuaExtensionObject)
        case .diagnosticInfo: (.json(JSONForm.text(of: variant, types)), .opcuaDiagnosticInfo)
        case .array(let array): (.json(JSONForm.text(of: variant, types)), type(of: array.elements.type))
        default: (.none, .opcuaNull)
        }
    }

    /// Seconds since 1970 are no text that people read; the column holds ISO 8601 in UTC.
    static func text(of time: DateTime) -> String {
        ISO8601.text(of: Timestamp(microseconds: time.utcMicroseconds))
    }

    static func type(of builtIn: BuiltInType) -> ValueType {
        switch builtIn {
        case .boolean: .opcuaBoolean
        case .sByte: .opcuaSByte
        case .byte: .opcuaByte
        case .int16: .opcuaInt16
        case .uint16: .opcuaUInt16
        case .int32: .opcuaInt32
        case .uint32: .opcuaUInt32
        case .int64: .opcuaInt64
        case .uint64: .opcuaUInt64
        case .float: .opcuaFloat
        case .double: .opcuaDouble
        case .string: .opcuaString
        case .dateTime: .opcuaDateTime
        case .guid: .opcuaGuid
        case .byteString: .opcuaByteString
        case .xmlElement: .opcuaXmlElement
        case .nodeId: .opcuaNodeId
        case .expandedNodeId: .opcuaExpandedNodeId
        case .statusCode: .opcuaStatusCode
        case .qualifiedName: .opcuaQualifiedName
        case .localizedText: .opcuaLocalizedText
        case .extensionObject: .opcuaExtensionObject
        case .dataValue: .opcuaDataValue
        case .variant: .opcuaVariant
        case .diagnosticInfo: .opcuaDiagnosticInfo
        }
    }
}
