import ConnectorModel
import ModbusCore

/// The status codes of Modbus readings: 0 is good, 1...255 the device's exception, below 0 what the link did.
enum ModbusStatus {
    static let timeout = Status(code: -1, quality: .bad)
    static let checksum = Status(code: -2, quality: .bad)
    static let closed = Status(code: -3, quality: .bad)
    static let invalidResponse = Status(code: -4, quality: .bad)

    static func exception(_ code: ExceptionCode) -> Status {
        Status(code: Int32(code.rawValue), quality: .bad)
    }

    /// The text of the column `status`.
    static func name(of code: Int32) -> String {
        switch code {
        case 0: "Good"
        case timeout.code: "Timeout"
        case checksum.code: "ChecksumError"
        case closed.code: "ConnectionClosed"
        case invalidResponse.code: "InvalidResponse"
        default: UInt8(exactly: code).map { ExceptionCode(rawValue: $0).name } ?? "Status\(code)"
        }
    }
}
