import NIOCore

/// A server cannot listen.
public struct ModbusServerError: Error, Sendable, CustomStringConvertible {
    public let host: String
    public let port: Int
    public let cause: any Error

    public var description: String {
        let reason =
            switch (cause as? IOError)?.errnoCode {
            case 98: "the port is in use"
            case 13: "ports below 1024 need the right to bind them"
            case 99: "this machine has no such address"
            default: String(describing: cause)
            }
        return "Modbus cannot listen on \(host):\(port): \(reason)"
    }
}

/// A server cannot have its serial line.
public struct ModbusLineError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The device.
    public let path: String
    /// What is wrong and what to do, as a phrase that follows the name of the line.
    public let reason: String
    /// Whether another program, or another part of this one, has the line.
    public let isInUse: Bool

    public var description: String { "\(path): \(reason)" }
}
