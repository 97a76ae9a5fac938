public import NIOCore

/// CONNECT: the first packet of a client (MQTT 5.0 section 3.1).
public struct Connect: Equatable, Sendable {
    public var version: MQTTVersion
    /// Empty asks the broker to choose one.
    public var clientID: String
    /// Whether an earlier session is to be forgotten; "clean session" in 3.1.1.
    public var cleanStart: Bool
    /// Seconds; 0 turns keep-alive off.
    public var keepAliveSeconds: UInt16
    public var username: String?
    public var password: ByteBuffer?
    public var will: Will?
    public var properties: Properties

    public init(
        version: MQTTVersion = .v5, clientID: String, cleanStart: Bool = true, keepAliveSeconds: UInt16 = 60,
        username: String? = nil, password: ByteBuffer? = nil, will: Will? = nil, properties: Properties = []
    ) {
        self.version = version
        self.clientID = clientID
        self.cleanStart = cleanStart
        self.keepAliveSeconds = keepAliveSeconds
        self.username = username
        self.password = password
        self.will = will
        self.properties = properties
    }
}

/// The message that the broker publishes when a client goes without DISCONNECT (MQTT 5.0 section 3.1.2.5).
public struct Will: Equatable, Sendable {
    public var topic: String
    public var payload: ByteBuffer
    public var qos: QoS
    public var retain: Bool
    public var properties: Properties

    public init(
        topic: String, payload: ByteBuffer, qos: QoS = .atMostOnce, retain: Bool = false, properties: Properties = []
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.properties = properties
    }

    /// The message to publish; the delay of the will is no property of it.
    public var message: Publish {
        var kept = properties
        kept.removeAll(.willDelayInterval)
        return Publish(
            topic: ByteBuffer(string: topic), payload: payload, qos: qos, retain: retain, properties: kept)
    }
}

/// CONNACK: the broker's answer to CONNECT (MQTT 5.0 section 3.2).
public struct ConnAck: Equatable, Sendable {
    public var sessionPresent: Bool
    public var reason: ReasonCode
    public var properties: Properties

    public init(sessionPresent: Bool = false, reason: ReasonCode = .success, properties: Properties = []) {
        self.sessionPresent = sessionPresent
        self.reason = reason
        self.properties = properties
    }
}

/// DISCONNECT: the last packet of a connection (MQTT 5.0 section 3.14); without content in 3.1.1.
public struct Disconnect: Equatable, Sendable {
    public var reason: ReasonCode
    public var properties: Properties

    public init(reason: ReasonCode = .success, properties: Properties = []) {
        self.reason = reason
        self.properties = properties
    }
}

/// AUTH: one step of an extended authentication (MQTT 5.0 section 3.15); not in 3.1.1.
public struct Auth: Equatable, Sendable {
    public var reason: ReasonCode
    public var properties: Properties

    public init(reason: ReasonCode = .success, properties: Properties = []) {
        self.reason = reason
        self.properties = properties
    }
}
