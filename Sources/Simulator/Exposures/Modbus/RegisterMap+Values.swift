import ModbusCore

extension RegisterMap.Place {
    /// Whether this type of register can hold a sensor's number.
    static func canHold(_ type: RegisterDataType) -> Bool { type != .bool && type != .string }

    /// Writes a number into the image of a table whose first register has address 0.
    ///
    /// Whole numbers are rounded to the nearest and end at the limits of their type; counts begin again at 0, as a
    /// device's counter does.
    func write(_ value: Double, isCount: Bool, into image: inout [UInt16]) {
        let start = Int(address)
        switch type {
        case .float32: Self.write(order.arrange(Float(value).bitPattern), at: start, into: &image)
        case .float64: Self.write(order.arrange(value.bitPattern), at: start, into: &image)
        case .int16: image[start] = order.arrange(UInt16(bitPattern: Self.whole(value)))
        case .uint16:
            image[start] = order.arrange(isCount ? UInt16(truncatingIfNeeded: Self.count(value)) : Self.whole(value))
        case .int32: Self.write(order.arrange(UInt32(bitPattern: Self.whole(value))), at: start, into: &image)
        case .uint32:
            let bits = isCount ? UInt32(truncatingIfNeeded: Self.count(value)) : Self.whole(value)
            Self.write(order.arrange(bits), at: start, into: &image)
        case .int64: Self.write(order.arrange(UInt64(bitPattern: Self.whole(value))), at: start, into: &image)
        case .uint64: Self.write(order.arrange(Self.whole(value) as UInt64), at: start, into: &image)
        case .bool, .string: preconditionFailure("no map puts a number into a \(type.rawValue)")
        }
    }

    private static func count(_ value: Double) -> Int64 { Int64(exactly: value.rounded(.down)) ?? .max }

    /// The nearest whole number that the type has; not a number is 0.
    static func whole<Number: FixedWidthInteger>(_ value: Double) -> Number {
        let rounded = value.rounded()
        if let number = Number(exactly: rounded) { return number }
        return rounded > 0 ? .max : rounded < 0 ? .min : 0
    }

    private static func write(_ bits: UInt32, at start: Int, into image: inout [UInt16]) {
        image[start] = UInt16(truncatingIfNeeded: bits >> 16)
        image[start + 1] = UInt16(truncatingIfNeeded: bits)
    }

    private static func write(_ bits: UInt64, at start: Int, into image: inout [UInt16]) {
        write(UInt32(truncatingIfNeeded: bits >> 32), at: start, into: &image)
        write(UInt32(truncatingIfNeeded: bits), at: start + 2, into: &image)
    }
}
