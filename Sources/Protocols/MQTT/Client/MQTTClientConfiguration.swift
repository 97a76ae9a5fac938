public import MQTTCore
public import NIOCore
public import TLSSupport

/// Where a client connects to, as whom, and what it wants.
public struct MQTTClientConfiguration: Sendable, Equatable {
    /// Which version is spoken.
    public enum VersionChoice: Sendable, Equatable {
        /// 5.0, and 3.1.1 when the broker does not know 5.0.
        case automatic
        case only(MQTTVersion)
    }

    /// A host name or address; IPv6 without brackets.
    public var host: String
    public var port: Int
    /// How the connection is made secret; nil is plain text.
    public var tls: ClientTLS?
    /// The path of a WebSocket that carries the connection; nil is plain TCP.
    public var webSocketPath: String?
    public var version: VersionChoice
    public var clientID: String
    /// Whether the broker is to forget an earlier session; "clean session" in 3.1.1.
    public var cleanStart: Bool
    /// Seconds for which the broker keeps the session after the connection; `UInt32.max` is for ever.
    /// In 3.1.1 the session is kept for ever, or not at all when `cleanStart` is on.
    public var sessionExpirySeconds: UInt32
    public var username: String?
    public var password: String?
    /// Seconds; 0 turns keep-alive off.
    public var keepAliveSeconds: UInt16
    /// Messages of QoS 1 and 2 that the broker may have open here; 5.0 only.
    public var receiveMaximum: UInt16
    /// Topics that the broker may replace by numbers; 5.0 only.
    public var topicAliasMaximum: UInt16
    public var limits: PacketLimits
    public var will: Will?
    /// How long connecting may take, until CONNACK.
    public var connectTimeout: TimeAmount
    /// While messages come quickly the socket is read only once in this time, so that many are handed over together;
    /// that much later they are at most. 0 reads whenever there is something.
    public var readInterval: TimeAmount = .zero
    /// Topic filters to subscribe to on every connection.
    public var subscriptions: [Subscription]

    public init(
        host: String, port: Int = 1883, tls: ClientTLS? = nil, webSocketPath: String? = nil,
        version: VersionChoice = .automatic, clientID: String,
        cleanStart: Bool = true, sessionExpirySeconds: UInt32 = 0, username: String? = nil, password: String? = nil,
        keepAliveSeconds: UInt16 = 60, receiveMaximum: UInt16 = .max, topicAliasMaximum: UInt16 = 0,
        limits: PacketLimits = PacketLimits(),
        will: Will? = nil, connectTimeout: TimeAmount = .seconds(10), subscriptions: [Subscription] = []
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.webSocketPath = webSocketPath
        self.version = version
        self.clientID = clientID
        self.cleanStart = cleanStart
        self.sessionExpirySeconds = sessionExpirySeconds
        self.username = username
        self.password = password
        self.keepAliveSeconds = keepAliveSeconds
        self.receiveMaximum = receiveMaximum
        self.topicAliasMaximum = topicAliasMaximum
        self.limits = limits
        self.will = will
        self.connectTimeout = connectTimeout
        self.subscriptions = subscriptions
    }

    /// Takes host, port and transport from a URL like `mqtt://plant:1883`, `mqtts://[fd00::1]` or `wss://plant/mqtt`.
    ///
    /// - Throws: `MQTTClientError` with the code `.invalidConfiguration` that says what is wrong with the URL.
    public init(
        endpoint: String, clientID: String, cleanStart: Bool = true, subscriptions: [Subscription] = []
    ) throws(MQTTClientError) {
        let parsed = try MQTTEndpoint(endpoint)
        self.init(
            host: parsed.host, port: parsed.port, tls: parsed.usesTLS ? ClientTLS() : nil,
            webSocketPath: parsed.webSocketPath, clientID: clientID, cleanStart: cleanStart,
            subscriptions: subscriptions)
    }

    /// Host and port as a person would write them.
    public var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    func connect(_ version: MQTTVersion) -> Connect {
        var properties: Properties = []
        if version == .v5 {
            if sessionExpirySeconds > 0 { properties.append(.sessionExpiryInterval(sessionExpirySeconds)) }
            if receiveMaximum != .max { properties.append(.receiveMaximum(max(1, receiveMaximum))) }
            if topicAliasMaximum > 0 { properties.append(.topicAliasMaximum(topicAliasMaximum)) }
            properties.append(.maximumPacketSize(UInt32(clamping: max(1, limits.maximumPacketSize))))
        }
        return Connect(
            version: version, clientID: clientID, cleanStart: cleanStart, keepAliveSeconds: keepAliveSeconds,
            username: username, password: password.map { ByteBuffer(string: $0) }, will: will,
            properties: properties)
    }
}
