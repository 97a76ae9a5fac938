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
