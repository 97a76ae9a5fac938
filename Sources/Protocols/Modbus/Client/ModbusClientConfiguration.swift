public import NIOCore

/// How a client treats its device.
public struct ModbusClientConfiguration: Sendable {
    /// Requests sent and not answered yet, 1...256. 1 is lock-step, which every device understands.
    public var maxInFlight: Int
    /// How long an answer may take, from the moment its request is sent.
    public var timeout: TimeAmount
    /// How long making the connection may take.
    public var connectTimeout: TimeAmount
    /// Requests that wait for their turn.
    public var maxWaiting: Int
    /// Requests in a row without an answer after which the connection is taken for dead and closed.
    public var maxSilentInARow: Int

    public init(
        maxInFlight: Int = 1, timeout: TimeAmount = .seconds(3), connectTimeout: TimeAmount = .seconds(5),
        maxWaiting: Int = 65_536, maxSilentInARow: Int = 3
    ) {
        self.maxInFlight = maxInFlight
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.maxWaiting = maxWaiting
        self.maxSilentInARow = maxSilentInARow
    }
}
