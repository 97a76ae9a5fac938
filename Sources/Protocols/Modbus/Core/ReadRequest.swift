public import NIOCore

/// A request to read neighbouring registers or bits: functions 1 to 4.
///
/// The library can ask a device for values and cannot tell it to change any: there is no request type for writing
/// here. Nor is there one for function 23, which reads and writes at once: the standard wants at least one register
/// written (V1.1b3, 6.17), and a device refuses a request that writes none. Our server answers it.
public struct ReadRequest: Hashable, Sendable {
    /// The table that is read.
    public let type: RegisterType
    /// First address, counted from 0 as on the wire.
    public let address: UInt16
    /// Registers, or bits of a coil or discrete table.
    public let count: UInt16
    /// A read by the table's own function.
    ///
    /// - Throws: `RequestError` when the standard does not allow the count or the range leaves the table.
    public init(type: RegisterType, address: UInt16, count: Int) throws(RequestError) {
        guard count >= 1, count <= type.readLimit else {
            throw .count(count, limit: type.readLimit)
        }
        guard Int(address) + count <= ModbusLimits.addresses else {
            throw .range(address: address, count: count)
        }
        self.type = type
        self.address = address
        self.count = UInt16(count)
    }

    /// The function that carries the request.
    public var function: FunctionCode { type.readFunction }

    /// Bytes of the request's PDU.
    static let pduBytes = 5

    /// Bytes of data that the answer must carry.
    public var responseBytes: Int {
        type.isBit ? (Int(count) + 7) / 8 : 2 * Int(count)
    }

    /// Appends the PDU: function, address, count (V1.1b3, 6.1 to 6.4).
    public func encode(into buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(function.rawValue, address, count)
    }
}

/// Why a request cannot be made: the caller asked for what the standard does not allow.
public enum RequestError: Error, Hashable, Sendable {
    case count(Int, limit: Int)
    case range(address: UInt16, count: Int)
}

extension RequestError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .count(let count, let limit): "a request reads 1 to \(limit) values, not \(count)"
        case .range(let address, let count): "\(count) values from address \(address) reach beyond address 65535"
        }
    }
}
