/// Why a device refused a request (V1.1b3, clause 7). Codes that the standard does not name are kept as they are.
public struct ExceptionCode: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    public static let illegalFunction = ExceptionCode(rawValue: 1)
    public static let illegalDataAddress = ExceptionCode(rawValue: 2)
    public static let illegalDataValue = ExceptionCode(rawValue: 3)
    public static let serverDeviceFailure = ExceptionCode(rawValue: 4)
    public static let acknowledge = ExceptionCode(rawValue: 5)
    public static let serverDeviceBusy = ExceptionCode(rawValue: 6)
    public static let negativeAcknowledge = ExceptionCode(rawValue: 7)
    public static let memoryParityError = ExceptionCode(rawValue: 8)
    public static let gatewayPathUnavailable = ExceptionCode(rawValue: 10)
    public static let gatewayTargetDeviceFailedToRespond = ExceptionCode(rawValue: 11)

    /// The standard's name in one word, as it appears in the `status` column: `IllegalDataAddress`.
    public var name: String {
        switch rawValue {
        case 1: "IllegalFunction"
        case 2: "IllegalDataAddress"
        case 3: "IllegalDataValue"
        case 4: "ServerDeviceFailure"
        case 5: "Acknowledge"
        case 6: "ServerDeviceBusy"
        case 7: "NegativeAcknowledge"
        case 8: "MemoryParityError"
        case 10: "GatewayPathUnavailable"
        case 11: "GatewayTargetDeviceFailedToRespond"
        default: "Exception\(rawValue)"
        }
    }

    /// What the code means to the person who has to act on it.
    public var explanation: String {
        switch rawValue {
        case 1: "the device does not offer this function"
        case 2: "the device has no register at an address that was asked for"
        case 3: "the device does not accept the quantity that was asked for"
        case 4: "the device failed while it carried out the request"
        case 5: "the device has accepted the request and needs more time"
        case 6: "the device is busy with a long command"
        case 7: "the device cannot carry out the request"
        case 8: "the device found an error in its memory"
        case 10: "the gateway has no path to the unit"
        case 11: "the unit behind the gateway did not answer"
        default: "the device answered with an exception that the standard does not name"
        }
    }
}

extension ExceptionCode: CustomStringConvertible {
    public var description: String { "\(name) (exception \(rawValue))" }
}
