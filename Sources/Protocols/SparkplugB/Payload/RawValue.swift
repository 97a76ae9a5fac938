/// A value as it stands on the wire: which field of the oneof it is in, and its bits. Slices are of the payload.
public enum RawValue {
    case none
    case int(UInt32)
    case long(UInt64)
    case float(Float)
    case double(Double)
    case boolean(Bool)
    case string(UnsafeRawBufferPointer)
    case bytes(UnsafeRawBufferPointer)
    case dataSet(UnsafeRawBufferPointer)
    case template(UnsafeRawBufferPointer)
    case propertySet(UnsafeRawBufferPointer)
    case propertySets(UnsafeRawBufferPointer)
    /// What a vendor added; nobody else knows what it means.
    case vendor(UnsafeRawBufferPointer)

    /// The bits of a whole number; nil for all others.
    @inline(__always)
    var integer: UInt64? {
        switch self {
        case .int(let value): UInt64(value)
        case .long(let value): value
        case .boolean(let value): value ? 1 : 0
        default: nil
        }
    }
}
