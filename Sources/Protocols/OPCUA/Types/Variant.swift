/// A value of any built-in type, scalar or array (Part 6, 5.2.2.16). Numbers lie inline; nothing is boxed for them.
public enum Variant: Hashable, Sendable {
    case null
    case boolean(Bool)
    case sByte(Int8)
    case byte(UInt8)
    case int16(Int16)
    case uint16(UInt16)
    case int32(Int32)
    case uint32(UInt32)
    case int64(Int64)
    case uint64(UInt64)
    case float(Float)
    case double(Double)
    case string(String?)
    case dateTime(DateTime)
    case guid(Guid)
    case byteString(ByteString?)
    case xmlElement(XmlElement?)
    indirect case nodeId(NodeId)
    indirect case expandedNodeId(ExpandedNodeId)
    case statusCode(StatusCode)
    indirect case qualifiedName(QualifiedName)
    indirect case localizedText(LocalizedText)
    indirect case extensionObject(ExtensionObject)
    indirect case dataValue(DataValue)
    /// A scalar Variant inside a Variant; the standard allows it only as array element, some servers send it.
    indirect case variant(Variant)
    indirect case diagnosticInfo(DiagnosticInfo)
    indirect case array(VariantArray)

    @inlinable public var isNull: Bool { if case .null = self { true } else { false } }

    /// The built-in type of the value or of the array's elements; nil for null.
    public var type: BuiltInType? {
        switch self {
        case .null: nil
        case .boolean: .boolean
        case .sByte: .sByte
        case .byte: .byte
        case .int16: .int16
        case .uint16: .uint16
        case .int32: .int32
        case .uint32: .uint32
        case .int64: .int64
        case .uint64: .uint64
        case .float: .float
        case .double: .double
        case .string: .string
        case .dateTime: .dateTime
        case .guid: .guid
        case .byteString: .byteString
        case .xmlElement: .xmlElement
        case .nodeId: .nodeId
        case .expandedNodeId: .expandedNodeId
        case .statusCode: .statusCode
        case .qualifiedName: .qualifiedName
        case .localizedText: .localizedText
        case .extensionObject: .extensionObject
        case .dataValue: .dataValue
        case .variant: .variant
        case .diagnosticInfo: .diagnosticInfo
        case .array(let array): array.elements.type
        }
    }

    /// True when both hold the same bits: NaN equals the same NaN, 0.0 differs from -0.0. What "changed" means for
    /// a monitored item.
    public func isIdentical(to other: Variant) -> Bool {
        switch (self, other) {
        case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern
        case (.float(let left), .float(let right)): left.bitPattern == right.bitPattern
        default: self == other
        }
    }
}

/// An array value: its elements in row order, and its dimensions when it has more than one (Part 6, 5.2.2.16).
public struct VariantArray: Hashable, Sendable {
    public var elements: Elements
    /// Length of each dimension, first the slowest; empty for a one-dimensional array.
    public var dimensions: [Int32]

    public init(_ elements: Elements, dimensions: [Int32] = []) {
        self.elements = elements
        self.dimensions = dimensions
    }

    /// Elements, all of one built-in type.
    public enum Elements: Hashable, Sendable {
        case boolean([Bool])
        case sByte([Int8])
        case byte([UInt8])
        case int16([Int16])
        case uint16([UInt16])
        case int32([Int32])
        case uint32([UInt32])
        case int64([Int64])
        case uint64([UInt64])
        case float([Float])
        case double([Double])
        case string([String?])
        case dateTime([DateTime])
        case guid([Guid])
        case byteString([ByteString?])
        case xmlElement([XmlElement?])
        case nodeId([NodeId])
        case expandedNodeId([ExpandedNodeId])
        case statusCode([StatusCode])
        case qualifiedName([QualifiedName])
        case localizedText([LocalizedText])
        case extensionObject([ExtensionObject])
        case dataValue([DataValue])
        case variant([Variant])
        case diagnosticInfo([DiagnosticInfo])
    }
}
