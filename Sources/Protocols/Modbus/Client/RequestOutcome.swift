public import ModbusCore

/// A request to one unit behind the endpoint.
public struct UnitRequest: Hashable, Sendable {
    public let unit: UnitID
    public let request: ModbusRequest

    public init(unit: UnitID, request: ModbusRequest) {
        self.unit = unit
        self.request = request
    }

    public init(unit: UnitID, read: ReadRequest) {
        self.init(unit: unit, request: .read(read))
    }
}

/// What became of a request.
public enum RequestOutcome: Hashable, Sendable {
    /// The device answered: with data or with an exception.
    case response(ModbusResponse)
    /// The device answered, and the answer cannot be right.
    case invalid(ResponseError)
    /// The device did not answer in time.
    case timeout
    /// The connection ended before the answer came.
    case closed
    /// The request was not sent because too many are waiting.
    case queueFull
}
