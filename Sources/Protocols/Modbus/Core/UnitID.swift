/// The address of one device behind a Modbus endpoint, 0...255 (MODBUS Messaging on TCP/IP V1.0b, 3.1.3).
///
/// A gateway forwards to the serial device with this address; a device that speaks TCP itself usually
/// answers to 1, 0 or 255.
public struct UnitID: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public static func < (left: UnitID, right: UnitID) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension UnitID: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: UInt8) {
        self.init(rawValue: value)
    }
}

extension UnitID: CustomStringConvertible {
    public var description: String { String(rawValue) }
}
