/// First byte of a Variant: the type in the low six bits and two flags (Part 6, table 26).
private enum VariantMask {
    static let type: UInt8 = 0x3F
    static let dimensions: UInt8 = 0x40
    static let array: UInt8 = 0x80
}

extension Variant: BinaryCodable {
    @inline(__always)
    public init(from reader: inout BinaryReader) throws(BinaryDecodingError) {
        let mask = try reader.readUInt8()
        // The two types that nearly all plant values have, before the general road.
        switch mask {
        case BuiltInType.double.rawValue: self = .double(try Double(from: &reader))
        case BuiltInType.float.rawValue: self = .float(try Float(from: &reader))
        default: self = try Self.read(mask: mask, from: &reader)
        }
    }

    @inline(never)
    private static func read(mask: UInt8, from reader: inout BinaryReader) throws(BinaryDecodingError) -> Variant {
        guard mask & VariantMask.type != 0 else { return .null }
        let number = mask & VariantMask.type
        // Types 26 to 31 are reserved and read as ByteString.
        guard let type = BuiltInType(rawValue: number) ?? (number <= 31 ? .byteString : nil) else {
            throw .invalid(.variant)
        }
        try reader.enter()
        defer { reader.leave() }
        // Arrays, and the types from NodeId on, lie in a box of their own.
        if mask & VariantMask.array != 0 || type.rawValue >= BuiltInType.nodeId.rawValue {
            try reader.claim(1, of: boxBytes)
        }
        guard mask & VariantMask.array != 0 else { return try scalar(type, from: &reader) }
        let elements = try VariantArray.Elements(type, from: &reader)
        guard mask & VariantMask.dimensions != 0 else { return .array(VariantArray(elements)) }
        let dimensions = try reader.readArray(Int32.self)
        guard hold(dimensions, count: elements.count) else { throw .invalid(.arrayDimensions) }
        return .array(VariantArray(elements, dimensions: dimensions))
    }

    /// What a small block of memory takes, with its header.
    private static let boxBytes = 64

    /// True when the dimensions multiply to the number of elements.
    static func hold(_ dimensions: [Int32], count: Int) -> Bool {
        guard !dimensions.isEmpty else { return true }
        var product = 1
        for dimension in dimensions {
            guard dimension >= 0 else { return false }
            let (next, overflow) = product.multipliedReportingOverflow(by: Int(dimension))
            guard !overflow else { return false }
            product = next
        }
        return product == count
    }

    /// The value of a Variant after its type byte.
    static func scalar(
        _ type: BuiltInType, from reader: inout BinaryReader
    ) throws(BinaryDecodingError) -> Variant {
        switch type {
        case .boolean: .boolean(try Bool(from: &reader))
        case .sByte: .sByte(try Int8(from: &reader))
        case .byte: .byte(try UInt8(from: &reader))
        case .int16: .int16(try Int16(from: &reader))
        case .uint16: .uint16(try UInt16(from: &reader))
        case .int32: .int32(try Int32(from: &reader))
        case .uint32: .uint32(try UInt32(from: &reader))
        case .int64: .int64(try Int64(from: &reader))
        case .uint64: .uint64(try UInt64(from: &reader))
        case .float: .float(try Float(from: &reader))
        case .double: .double(try Double(from: &reader))
        case .string: .string(try Optional<String>(from: &reader))
        case .dateTime: .dateTime(try DateTime(from: &reader))
        case .guid: .guid(try Guid(from: &reader))
        case .byteString: .byteString(try Optional<ByteString>(from: &reader))
        case .xmlElement: .xmlElement(try Optional<XmlElement>(from: &reader))
        case .nodeId: .nodeId(try NodeId(from: &reader))
        case .expandedNodeId: .expandedNodeId(try ExpandedNodeId(from: &reader))
        case .statusCode: .statusCode(try StatusCode(from: &reader))
        case .qualifiedName: .qualifiedName(try QualifiedName(from: &reader))
        case .localizedText: .localizedText(try LocalizedText(from: &reader))
        case .extensionObject: .extensionObject(try ExtensionObject(from: &reader))
        case .dataValue: .dataValue(try DataValue(from: &reader))
        case .variant: .variant(try Variant(from: &reader))
        case .diagnosticInfo: .diagnosticInfo(try DiagnosticInfo(from: &reader))
        }
    }

    public func encode(to writer: inout BinaryWriter) {
        guard let type else { return writer.write(0 as UInt8) }
        guard case .array(let array) = self else {
            writer.write(type.rawValue)
            return encodeScalar(to: &writer)
        }
        var mask = type.rawValue | VariantMask.array
        if !array.dimensions.isEmpty { mask |= VariantMask.dimensions }
        writer.write(mask)
        array.elements.encode(to: &writer)
        if !array.dimensions.isEmpty { writer.write(array: array.dimensions) }
    }

    /// Writes the value without its type byte; arrays and null write nothing.
    func encodeScalar(to writer: inout BinaryWriter) {
        switch self {
        case .null, .array: break
        case .boolean(let value): value.encode(to: &writer)
        case .sByte(let value): value.encode(to: &writer)
        case .byte(let value): value.encode(to: &writer)
        case .int16(let value): value.encode(to: &writer)
        case .uint16(let value): value.encode(to: &writer)
        case .int32(let value): value.encode(to: &writer)
        case .uint32(let value): value.encode(to: &writer)
        case .int64(let value): value.encode(to: &writer)
        case .uint64(let value): value.encode(to: &writer)
        case .float(let value): value.encode(to: &writer)
        case .double(let value): value.encode(to: &writer)
        case .string(let value): value.encode(to: &writer)
        case .dateTime(let value): value.encode(to: &writer)
        case .guid(let value): value.encode(to: &writer)
        case .byteString(let value): value.encode(to: &writer)
        case .xmlElement(let value): value.encode(to: &writer)
        case .nodeId(let value): value.encode(to: &writer)
        case .expandedNodeId(let value): value.encode(to: &writer)
        case .statusCode(let value): value.encode(to: &writer)
        case .qualifiedName(let value): value.encode(to: &writer)
        case .localizedText(let value): value.encode(to: &writer)
        case .extensionObject(let value): value.encode(to: &writer)
        case .dataValue(let value): value.encode(to: &writer)
        case .variant(let value): value.encode(to: &writer)
        case .diagnosticInfo(let value): value.encode(to: &writer)
        }
    }
}

extension VariantArray.Elements {
    /// Reads `count` elements; nil when their number stands before them.
    init(
        _ type: BuiltInType, count: Int? = nil, from reader: inout BinaryReader
    ) throws(BinaryDecodingError) {
        switch type {
        case .boolean: self = .boolean(try reader.readArray(Bool.self, count: count))
        case .sByte: self = .sByte(try reader.readArray(Int8.self, count: count))
        case .byte: self = .byte(try reader.readArray(UInt8.self, count: count))
        case .int16: self = .int16(try reader.readArray(Int16.self, count: count))
        case .uint16: self = .uint16(try reader.readArray(UInt16.self, count: count))
        case .int32: self = .int32(try reader.readArray(Int32.self, count: count))
        case .uint32: self = .uint32(try reader.readArray(UInt32.self, count: count))
        case .int64: self = .int64(try reader.readArray(Int64.self, count: count))
        case .uint64: self = .uint64(try reader.readArray(UInt64.self, count: count))
        case .float: self = .float(try reader.readArray(Float.self, count: count))
        case .double: self = .double(try reader.readArray(Double.self, count: count))
        case .string: self = .string(try reader.readArray(Optional<String>.self, count: count))
        case .dateTime: self = .dateTime(try reader.readArray(DateTime.self, count: count))
        case .guid: self = .guid(try reader.readArray(Guid.self, count: count))
        case .byteString: self = .byteString(try reader.readArray(Optional<ByteString>.self, count: count))
        case .xmlElement: self = .xmlElement(try reader.readArray(Optional<XmlElement>.self, count: count))
        case .nodeId: self = .nodeId(try reader.readArray(NodeId.self, count: count))
        case .expandedNodeId: self = .expandedNodeId(try reader.readArray(ExpandedNodeId.self, count: count))
        case .statusCode: self = .statusCode(try reader.readArray(StatusCode.self, count: count))
        case .qualifiedName: self = .qualifiedName(try reader.readArray(QualifiedName.self, count: count))
        case .localizedText: self = .localizedText(try reader.readArray(LocalizedText.self, count: count))
        case .extensionObject: self = .extensionObject(try reader.readArray(ExtensionObject.self, count: count))
        case .dataValue: self = .dataValue(try reader.readArray(DataValue.self, count: count))
        case .variant: self = .variant(try reader.readArray(Variant.self, count: count))
        case .diagnosticInfo: self = .diagnosticInfo(try reader.readArray(DiagnosticInfo.self, count: count))
        }
    }

    func encode(to writer: inout BinaryWriter) {
        switch self {
        case .boolean(let values): writer.write(array: values)
        case .sByte(let values): writer.write(array: values)
        case .byte(let values): writer.write(array: values)
        case .int16(let values): writer.write(array: values)
        case .uint16(let values): writer.write(array: values)
        case .int32(let values): writer.write(array: values)
        case .uint32(let values): writer.write(array: values)
        case .int64(let values): writer.write(array: values)
        case .uint64(let values): writer.write(array: values)
        case .float(let values): writer.write(array: values)
        case .double(let values): writer.write(array: values)
        case .string(let values): writer.write(array: values)
        case .dateTime(let values): writer.write(array: values)
        case .guid(let values): writer.write(array: values)
        case .byteString(let values): writer.write(array: values)
        case .xmlElement(let values): writer.write(array: values)
        case .nodeId(let values): writer.write(array: values)
        case .expandedNodeId(let values): writer.write(array: values)
        case .statusCode(let values): writer.write(array: values)
        case .qualifiedName(let values): writer.write(array: values)
        case .localizedText(let values): writer.write(array: values)
        case .extensionObject(let values): writer.write(array: values)
        case .dataValue(let values): writer.write(array: values)
        case .variant(let values): writer.write(array: values)
        case .diagnosticInfo(let values): writer.write(array: values)
        }
    }

    /// Number of elements.
    public var count: Int {
        switch self {
        case .boolean(let values): values.count
        case .sByte(let values): values.count
        case .byte(let values): values.count
        case .int16(let values): values.count
        case .uint16(let values): values.count
        case .int32(let values): values.count
        case .uint32(let values): values.count
        case .int64(let values): values.count
        case .uint64(let values): values.count
        case .float(let values): values.count
        case .double(let values): values.count
        case .string(let values): values.count
        case .dateTime(let values): values.count
        case .guid(let values): values.count
        case .byteString(let values): values.count
        case .xmlElement(let values): values.count
        case .nodeId(let values): values.count
        case .expandedNodeId(let values): values.count
        case .statusCode(let values): values.count
        case .qualifiedName(let values): values.count
        case .localizedText(let values): values.count
        case .extensionObject(let values): values.count
        case .dataValue(let values): values.count
        case .variant(let values): values.count
        case .diagnosticInfo(let values): values.count
        }
    }

    /// The built-in type of the elements.
    public var type: BuiltInType {
        switch self {
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
        }
    }
}
