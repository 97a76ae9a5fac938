/// The name of a value's type as it stands in the column `value_type`.
///
/// OPC UA readings use the standard's built-in type names; all others use a kind with its width.
package enum ValueType: UInt8, Sendable, CaseIterable {
    // OPC UA Part 6, 5.1.2: built-in types.
    case opcuaBoolean, opcuaSByte, opcuaByte, opcuaInt16, opcuaUInt16, opcuaInt32, opcuaUInt32
    case opcuaInt64, opcuaUInt64, opcuaFloat, opcuaDouble, opcuaString, opcuaDateTime, opcuaGuid
    case opcuaByteString, opcuaXmlElement, opcuaNodeId, opcuaExpandedNodeId, opcuaStatusCode
    case opcuaQualifiedName, opcuaLocalizedText, opcuaExtensionObject, opcuaDataValue, opcuaVariant
    case opcuaDiagnosticInfo, opcuaNull
    // All other protocols.
    case bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64
    case string, json, bytes, none

    /// The text of the column `value_type`.
    package var name: String {
        let caseName = "\(self)"
        return caseName.hasPrefix("opcua") ? String(caseName.dropFirst("opcua".count)) : caseName
    }

    /// The kind of value, whatever its width: the column `data_type`.
    package var kind: String {
        switch self {
        case .opcuaBoolean, .bool: "bool"
        case .opcuaSByte, .opcuaByte, .opcuaInt16, .opcuaUInt16, .opcuaInt32, .opcuaUInt32, .opcuaInt64, .opcuaUInt64,
            .opcuaStatusCode, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64:
            "int"
        case .opcuaFloat, .opcuaDouble, .float32, .float64: "float"
        case .opcuaDateTime: "timestamp"
        case .opcuaExtensionObject, .opcuaDataValue, .opcuaVariant, .opcuaDiagnosticInfo, .json: "json"
        case .opcuaString, .opcuaGuid, .opcuaByteString, .opcuaXmlElement, .opcuaNodeId, .opcuaExpandedNodeId,
            .opcuaQualifiedName, .opcuaLocalizedText, .opcuaNull, .string, .bytes, .none:
            "string"
        }
    }
}
