public import ModbusCore

/// What went wrong between this client and a device.
public struct ModbusClientError: Error, Sendable {
    public enum Code: Hashable, Sendable {
        /// No connection could be made.
        case cannotConnect
        /// The connection ended, or was given up because nothing was answered on it any more.
        case connectionClosed
        /// The device did not answer in time.
        case timeout
        /// The device answered with an exception.
        case exception(ExceptionCode)
        /// The device's answer cannot be what was asked for.
        case invalidResponse(ResponseError)
        /// More requests are waiting than the connection holds.
        case queueFull
    }

    /// What the error means for what to do next.
    public enum Disposition: Hashable, Sendable {
        /// Trying again later may well work.
        case transient
        /// The same request will fail again; others may work.
        case permanent
        /// The connection is of no use any more; a new one may be.
        case fatal
    }

    public let code: Code
    /// One sentence for people: what happened, with whom, and what to look at.
    public let message: String
    public let endpoint: ModbusEndpoint
    public let cause: (any Error)?

    public init(_ code: Code, _ message: String, endpoint: ModbusEndpoint, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.endpoint = endpoint
        self.cause = cause
    }

    public var disposition: Disposition {
        switch code {
        case .cannotConnect, .timeout, .queueFull: .transient
        case .connectionClosed: .fatal
        case .exception(let code):
            switch code {
            case .acknowledge, .serverDeviceBusy, .gatewayPathUnavailable, .gatewayTargetDeviceFailedToRespond:
                .transient
            default: .permanent
            }
        case .invalidResponse: .transient
        }
    }
}

extension ModbusClientError: CustomStringConvertible {
    public var description: String { message }
}
