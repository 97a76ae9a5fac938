public import MQTTCore
public import NIOCore

/// Where a broker listens and what it allows.
public struct BrokerConfiguration: Sendable {
    public var host: String
    /// 0 lets the system choose a free one.
    public var port: Int
    public var limits: BrokerLimits
    /// How long a new connection may take until its CONNECT.
    public var connectTimeout: TimeAmount
    /// Decides about a client; any answer but `.success` refuses it. Called on an event loop: it must not block.
    public var authenticate: (@Sendable (Credentials) -> ReasonCode)?

    /// What a client says about itself in CONNECT.
    public struct Credentials: Sendable {
        public var clientID: String
        public var username: String?
        public var password: ByteBuffer?
    }

    public init(
        host: String = "127.0.0.1", port: Int = 1883, limits: BrokerLimits = BrokerLimits(),
        connectTimeout: TimeAmount = .seconds(10), authenticate: (@Sendable (Credentials) -> ReasonCode)? = nil
    ) {
        self.host = host
        self.port = port
        self.limits = limits
        self.connectTimeout = connectTimeout
        self.authenticate = authenticate
    }
}

/// How much a broker holds.
public struct BrokerLimits: Equatable, Sendable {
    public var maximumConnections: Int
    /// Clients known to the broker, connected or away.
    public var maximumSessions: Int
    public var maximumSubscriptionsPerClient: Int
    public var maximumRetainedMessages: Int
    /// Bytes of topics and payloads.
    public var maximumRetainedBytes: Int
    /// Seconds for which the session of a client that went away is kept at most.
    public var maximumSessionExpirySeconds: UInt32
    /// Messages of QoS 2 that one client may have open at the broker.
    public var receiveMaximum: UInt16
    public var session: BrokerSession.Limits
    public var packet: PacketLimits

    public init(
        maximumConnections: Int = 1000, maximumSessions: Int = 10_000, maximumSubscriptionsPerClient: Int = 10_000,
        maximumRetainedMessages: Int = 2_000_000, maximumRetainedBytes: Int = 512 * 1024 * 1024,
        maximumSessionExpirySeconds: UInt32 = 7 * 24 * 3600, receiveMaximum: UInt16 = 1024,
        session: BrokerSession.Limits = .init(), packet: PacketLimits = .init(maximumPacketSize: 1024 * 1024)
    ) {
        self.maximumConnections = maximumConnections
        self.maximumSessions = maximumSessions
        self.maximumSubscriptionsPerClient = maximumSubscriptionsPerClient
        self.maximumRetainedMessages = maximumRetainedMessages
        self.maximumRetainedBytes = maximumRetainedBytes
        self.maximumSessionExpirySeconds = maximumSessionExpirySeconds
        self.receiveMaximum = receiveMaximum
        self.session = session
        self.packet = packet
    }
}
