/// The 25 built-in types by their number on the wire (Part 6, 5.1.2), which is also their NodeId in namespace 0.
public enum BuiltInType: UInt8, Hashable, Sendable, CaseIterable {
    case boolean = 1
    case sByte, byte, int16, uint16, int32, uint32, int64, uint64, float, double, string, dateTime, guid, byteString
    case xmlElement, nodeId, expandedNodeId, statusCode, qualifiedName, localizedText, extensionObject, dataValue
    case variant, diagnosticInfo

    /// NodeId of the data type.
    public var dataType: NodeId { NodeId(UInt32(rawValue)) }
}
