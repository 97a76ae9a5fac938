public import ModbusCore
public import NIOCore
public import TLSSupport

/// How a client treats its device.
public struct ModbusClientConfiguration: Sendable {
    /// Requests sent to one unit and not answered yet, 1...256. 1 is lock-step, which every device understands.
    public var maxInFlight: Int
    /// Requests sent to all units together and not answered yet; nil leaves each unit its own. Serial frames go one
    /// at a time whatever stands here.
    public var maxInFlightInAll: Int?
    /// How long an answer may take, from the moment its request is sent.
    public var timeout: TimeAmount
    /// How often a request is sent again after no answer or one that cannot be right.
    public var retries: Int
    /// How long making the connection may take.
    public var connectTimeout: TimeAmount
    /// Requests that wait for their turn.
    public var maxWaiting: Int
    /// Requests in a row without an answer after which the connection is taken for dead and closed.
    public var maxSilentInARow: Int
    /// How a serial line is set up.
    public var serial: SerialSettings
    /// The pauses of a line; nil follows from its settings.
    public var timing: SerialTiming?
    /// The certificates of a secure endpoint.
    public var tls: ClientTLS

    public init(
        maxInFlight: Int = 1, maxInFlightInAll: Int? = nil, timeout: TimeAmount = .seconds(3), retries: Int = 0,
        connectTimeout: TimeAmount = .seconds(5), maxWaiting: Int = 65_536, maxSilentInARow: Int = 3,
        serial: SerialSettings = .standard, timing: SerialTiming? = nil, tls: ClientTLS = ClientTLS()
    ) {
        self.maxInFlight = maxInFlight
        self.maxInFlightInAll = maxInFlightInAll
        self.timeout = timeout
        self.retries = retries
        self.connectTimeout = connectTimeout
        self.maxWaiting = maxWaiting
        self.maxSilentInARow = maxSilentInARow
        self.serial = serial
        self.timing = timing
        self.tls = tls
    }

    /// The machine of a connection to that endpoint.
    func link(to endpoint: ModbusEndpoint, firstTransaction: UInt16) -> ClientLink {
        let framing = endpoint.framing
        return ClientLink(
            framing: framing,
            timing: timing ?? (endpoint.isSerialLine ? SerialTiming(serial, framing: framing) : .overNetwork),
            table: TransactionTable(
                maxInFlight: maxInFlight, maxInFlightInAll: framing.isSerial ? 1 : maxInFlightInAll ?? 256,
                maxWaiting: maxWaiting, maxSilentInARow: maxSilentInARow, retries: retries,
                firstTransaction: firstTransaction))
    }
}
