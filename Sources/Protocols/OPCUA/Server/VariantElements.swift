import OPCUATypes

extension VariantArray.Elements {
    /// Number of elements.
    var count: Int {
        switch self {
        case .boolean(let elements): elements.count
        case .sByte(let elements): elements.count
        case .byte(let elements): elements.count
        case .int16(let elements): elements.count
        case .uint16(let elements): elements.count
        case .int32(let elements): elements.count
        case .uint32(let elements): elements.count
        case .int64(let elements): elements.count
        case .uint64(let elements): elements.count
        case .float(let elements): elements.count
        case .double(let elements): elements.count
        case .string(let elements): elements.count
        case .dateTime(let elements): elements.count
        case .guid(let elements): elements.count
        case .byteString(let elements): elements.count
        case .xmlElement(let elements): elements.count
        case .nodeId(let elements): elements.count
        case .expandedNodeId(let elements): elements.count
        case .statusCode(let elements): elements.count
        case .qualifiedName(let elements): elements.count
        case .localizedText(let elements): elements.count
        case .extensionObject(let elements): elements.count
        case .dataValue(let elements): elements.count
        case .variant(let elements): elements.count
        case .diagnosticInfo(let elements): elements.count
        }
    }

    /// The elements at some places, which must exist, in the order of the places.
    func picking(_ places: [Int]) -> Self {
        switch self {
        case .boolean(let elements): .boolean(places.map { elements[$0] })
        case .sByte(let elements): .sByte(places.map { elements[$0] })
        case .byte(let elements): .byte(places.map { elements[$0] })
        case .int16(let elements): .int16(places.map { elements[$0] })
        case .uint16(let elements): .uint16(places.map { elements[$0] })
        case .int32(let elements): .int32(places.map { elements[$0] })
        case .uint32(let elements): .uint32(places.map { elements[$0] })
        case .int64(let elements): .int64(places.map { elements[$0] })
        case .uint64(let elements): .uint64(places.map { elements[$0] })
        case .float(let elements): .float(places.map { elements[$0] })
        case .double(let elements): .double(places.map { elements[$0] })
        case .string(let elements): .string(places.map { elements[$0] })
        case .dateTime(let elements): .dateTime(places.map { elements[$0] })
        case .guid(let elements): .guid(places.map { elements[$0] })
        case .byteString(let elements): .byteString(places.map { elements[$0] })
        case .xmlElement(let elements): .xmlElement(places.map { elements[$0] })
        case .nodeId(let elements): .nodeId(places.map { elements[$0] })
        case .expandedNodeId(let elements): .expandedNodeId(places.map { elements[$0] })
        case .statusCode(let elements): .statusCode(places.map { elements[$0] })
        case .qualifiedName(let elements): .qualifiedName(places.map { elements[$0] })
        case .localizedText(let elements): .localizedText(places.map { elements[$0] })
        case .extensionObject(let elements): .extensionObject(places.map { elements[$0] })
        case .dataValue(let elements): .dataValue(places.map { elements[$0] })
        case .variant(let elements): .variant(places.map { elements[$0] })
        case .diagnosticInfo(let elements): .diagnosticInfo(places.map { elements[$0] })
        }
    }

    /// These elements with those at some places replaced; nil when the others are of another type or number.
    func replacing(_ places: [Int], with other: Self) -> Self? {
        guard other.count == places.count else { return nil }
        switch (self, other) {
        case (.boolean(let old), .boolean(let new)): return .boolean(Self.merge(old, places, new))
        case (.sByte(let old), .sByte(let new)): return .sByte(Self.merge(old, places, new))
        case (.byte(let old), .byte(let new)): return .byte(Self.merge(old, places, new))
        case (.int16(let old), .int16(let new)): return .int16(Self.merge(old, places, new))
        case (.uint16(let old), .uint16(let new)): return .uint16(Self.merge(old, places, new))
        case (.int32(let old), .int32(let new)): return .int32(Self.merge(old, places, new))
        case (.uint32(let old), .uint32(let new)): return .uint32(Self.merge(old, places, new))
        case (.int64(let old), .int64(let new)): return .int64(Self.merge(old, places, new))
        case (.uint64(let old), .uint64(let new)): return .uint64(Self.merge(old, places, new))
        case (.float(let old), .float(let new)): return .float(Self.merge(old, places, new))
        case (.double(let old), .double(let new)): return .double(Self.merge(old, places, new))
        case (.string(let old), .string(let new)): return .string(Self.merge(old, places, new))
        case (.dateTime(let old), .dateTime(let new)): return .dateTime(Self.merge(old, places, new))
        case (.guid(let old), .guid(let new)): return .guid(Self.merge(old, places, new))
        case (.byteString(let old), .byteString(let new)): return .byteString(Self.merge(old, places, new))
        case (.xmlElement(let old), .xmlElement(let new)): return .xmlElement(Self.merge(old, places, new))
        case (.nodeId(let old), .nodeId(let new)): return .nodeId(Self.merge(old, places, new))
        case (.expandedNodeId(let old), .expandedNodeId(let new)): return .expandedNodeId(Self.merge(old, places, new))
        case (.statusCode(let old), .statusCode(let new)): return .statusCode(Self.merge(old, places, new))
        case (.qualifiedName(let old), .qualifiedName(let new)): return .qualifiedName(Self.merge(old, places, new))
        case (.localizedText(let old), .localizedText(let new)): return .localizedText(Self.merge(old, places, new))
        case (.extensionObject(let old), .extensionObject(let new)):
            return .extensionObject(Self.merge(old, places, new))
        case (.dataValue(let old), .dataValue(let new)): return .dataValue(Self.merge(old, places, new))
        case (.variant(let old), .variant(let new)): return .variant(Self.merge(old, places, new))
        case (.diagnosticInfo(let old), .diagnosticInfo(let new)): return .diagnosticInfo(Self.merge(old, places, new))
        default: return nil
        }
    }

    private static func merge<Element>(_ old: [Element], _ places: [Int], _ new: [Element]) -> [Element] {
        var result = old
        for (place, element) in zip(places, new) where place < result.count { result[place] = element }
        return result
    }

    /// A part of each text or byte string; nil for other elements, or when one is too short.
    func texts(_ range: ClosedRange<Int>) -> Self? {
        switch self {
        case .string(let texts):
            let parts = texts.map { $0.flatMap { NumericRange.part(of: $0, range) } }
            return parts.contains(nil) ? nil : .string(parts)
        case .byteString(let strings):
            let parts = strings.map { string -> ByteString? in
                guard let bytes = string?.bytes else { return nil }
                return NumericRange.indexes(range, in: bytes.count).map { ByteString(bytes[$0]) }
            }
            return parts.contains(nil) ? nil : .byteString(parts)
        default: return nil
        }
    }

    /// The elements as numbers, for deadbands; nil when they are none.
    var numbers: [Double]? {
        switch self {
        case .sByte(let elements): elements.map { Double($0) }
        case .byte(let elements): elements.map { Double($0) }
        case .int16(let elements): elements.map { Double($0) }
        case .uint16(let elements): elements.map { Double($0) }
        case .int32(let elements): elements.map { Double($0) }
        case .uint32(let elements): elements.map { Double($0) }
        case .int64(let elements): elements.map { Double($0) }
        case .uint64(let elements): elements.map { Double($0) }
        case .float(let elements): elements.map { Double($0) }
        case .double(let elements): elements
        default: nil
        }
    }
}
