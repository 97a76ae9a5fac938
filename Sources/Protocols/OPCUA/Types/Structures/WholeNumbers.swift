extension Variant {
    /// The number of an integer, as the bits of an Int64; nil for any other value.
    var wholeNumber: Int64? {
        switch self {
        case .sByte(let number): Int64(number)
        case .byte(let number): Int64(number)
        case .int16(let number): Int64(number)
        case .uint16(let number): Int64(number)
        case .int32(let number): Int64(number)
        case .uint32(let number): Int64(number)
        case .int64(let number): number
        case .uint64(let number): Int64(bitPattern: number)
        default: nil
        }
    }

    /// An integer of one of the eight types with the low bits of `number`; nil for another type.
    init?(_ type: BuiltInType, wholeNumber number: Int64) {
        switch type {
        case .sByte: self = .sByte(Int8(truncatingIfNeeded: number))
        case .byte: self = .byte(UInt8(truncatingIfNeeded: number))
        case .int16: self = .int16(Int16(truncatingIfNeeded: number))
        case .uint16: self = .uint16(UInt16(truncatingIfNeeded: number))
        case .int32: self = .int32(Int32(truncatingIfNeeded: number))
        case .uint32: self = .uint32(UInt32(truncatingIfNeeded: number))
        case .int64: self = .int64(number)
        case .uint64: self = .uint64(UInt64(bitPattern: number))
        default: return nil
        }
    }
}

extension VariantArray.Elements {
    /// The numbers of an array of integers, each as the bits of an Int64; nil for any other array.
    var wholeNumbers: [Int64]? {
        switch self {
        case .sByte(let numbers): numbers.map(Int64.init)
        case .byte(let numbers): numbers.map(Int64.init)
        case .int16(let numbers): numbers.map(Int64.init)
        case .uint16(let numbers): numbers.map(Int64.init)
        case .int32(let numbers): numbers.map(Int64.init)
        case .uint32(let numbers): numbers.map(Int64.init)
        case .int64(let numbers): numbers
        case .uint64(let numbers): numbers.map(Int64.init(bitPattern:))
        default: nil
        }
    }
}
