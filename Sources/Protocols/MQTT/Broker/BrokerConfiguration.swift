public import MQTTCore
public import NIOCore
public import TLSSupport

/// One address on which a broker listens.
public struct BrokerListener: Sendable, Equatable {
    public var host: String
    /// 0 lets the system choose a free one.
    public var port: Int
    /// nil is plain text.
    public var tls: ServerTLS?
    /// The path of WebSockets that carry the connections; nil is plain TCP.
    public var webSocketPath: String?

    public init(
        host: String = "127.0.0.1", port: Int = 1883, tls: ServerTLS? = nil, webSocketPath: String? = nil
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.webSocketPath = webSocketPath
    }
}

/// Where a broker listens and what it allows.
public struct BrokerConfiguration: Sendable {
    /// One or more.
    public var listeners: [BrokerListener]
    public var limits: BrokerLimits
    /// How long a new connection may take until its CONNECT.
    public var connectTimeout: TimeAmount
    /// Decides about a client; any answer but `.success` refuses it. Called on an event loop: it must not block.
    public var authenticate: (@Sendable (Credentials) -> ReasonCode)?
    /// Who may connect, and to what; nil lets everybody do everything.
    public var accounts: BrokerAccounts?

    /// What a client says about itself in CONNECT.
    public struct Credentials: Sendable {
        public var clientID: String
        public var username: String?
        public var password: ByteBuffer?
    }

    public init(
        host: String = "127.0.0.1", port: Int = 1883, limits: BrokerLimits = BrokerLimits(),
        connectTimeout: TimeAmount = .seconds(10), authenticate: (@Sendable (Credentials) -> ReasonCode)? = nil,
        accounts: BrokerAccounts? = nil
    ) {
        self.init(
            listeners: [BrokerListener(host: host, port: port)], limits: limits, connectTimeout: connectTimeout,
            authenticate: authenticate, accounts: accounts)
    }

    public init(
        listeners: [BrokerListener], limits: BrokerLimits = BrokerLimits(),
        connectTimeout: TimeAmount = .seconds(10), authenticate: (@Sendable (Credentials) -> ReasonCode)? = nil,
        accounts: BrokerAccounts? = nil
    ) {
        self.listeners = listeners
        self.accounts = accounts
        self.limits = limits
        self.connectTimeout = connectTimeout
        self.authenticate = authenticate
    }

    func decide(_ credentials: Credentials) -> BrokerDecision {
        if let reason = authenticate?(credentials), reason != .success { return .refused(reason) }
        return accounts?.decide(credentials) ?? .admitted(nil)
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
    /// Topics that a client may replace by numbers, and those that the broker replaces towards a client.
    public var topicAliasMaximum: UInt16
    public var session: BrokerSession.Limits
    public var packet: PacketLimits

    public init(
        maximumConnections: Int = 1000, maximumSessions: Int = 10_000, maximumSubscriptionsPerClient: Int = 10_000,
        maximumRetainedMessages: Int = 2_000_000, maximumRetainedBytes: Int = 512 * 1024 * 1024,
        maximumSessionExpirySeconds: UInt32 = 7 * 24 * 3600, receiveMaximum: UInt16 = 1024,
        topicAliasMaximum: UInt16 = 32, session: BrokerSession.Limits = .init(),
        packet: PacketLimits = .init(maximumPacketSize: 1024 * 1024)
    ) {
        self.maximumConnections = maximumConnections
        self.maximumSessions = maximumSessions
        self.maximumSubscriptionsPerClient = maximumSubscriptionsPerClient
        self.maximumRetainedMessages = maximumRetainedMessages
        self.maximumRetainedBytes = maximumRetainedBytes
        self.maximumSessionExpirySeconds = maximumSessionExpirySeconds
        self.receiveMaximum = receiveMaximum
        self.topicAliasMaximum = topicAliasMaximum
        self.session = session
        self.packet = packet
    }
}
