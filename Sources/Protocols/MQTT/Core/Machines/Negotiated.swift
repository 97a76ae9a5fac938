/// What client and broker agreed on in CONNECT and CONNACK (MQTT 5.0 section 3.2.2.3).
public struct Negotiated: Equatable, Sendable {
    public var version: MQTTVersion
    /// The client id in force, also when the broker chose it.
    public var clientID: String
    /// Whether the broker kept an earlier session of this client.
    public var sessionPresent: Bool
    /// Seconds; 0 is off.
    public var keepAliveSeconds: UInt16
    /// Messages of QoS 1 and 2 that the client may have open at the broker.
    public var brokerReceiveMaximum: Int
    /// Messages of QoS 1 and 2 that the broker may have open at the client.
    public var clientReceiveMaximum: Int
    /// The largest topic alias that the client may use; 0 is none.
    public var brokerTopicAliasMaximum: UInt16
    /// The largest topic alias that the broker may use; 0 is none.
    public var clientTopicAliasMaximum: UInt16
    /// Seconds for which the broker keeps the session after the connection; `UInt32.max` is for ever.
    public var sessionExpirySeconds: UInt32
    /// Bytes of the largest packet that the broker takes; nil: no limit given.
    public var brokerMaximumPacketSize: Int?
    public var maximumQoS: QoS
    public var retainAvailable: Bool
    public var wildcardSubscriptionAvailable: Bool
    public var sharedSubscriptionAvailable: Bool

    public init(_ connect: Connect, _ connAck: ConnAck) {
        let answer = connAck.properties
        version = connect.version
        clientID = answer.assignedClientIdentifier ?? connect.clientID
        sessionPresent = connAck.sessionPresent
        keepAliveSeconds = answer.serverKeepAlive ?? connect.keepAliveSeconds
        brokerReceiveMaximum = Int(answer.receiveMaximum ?? .max)
        clientReceiveMaximum = connect.version == .v5 ? Int(connect.properties.receiveMaximum ?? .max) : Int(UInt16.max)
        brokerTopicAliasMaximum = connect.version == .v5 ? answer.topicAliasMaximum ?? 0 : 0
        clientTopicAliasMaximum = connect.version == .v5 ? connect.properties.topicAliasMaximum ?? 0 : 0
        sessionExpirySeconds = answer.sessionExpiryInterval ?? connect.sessionExpirySeconds
        brokerMaximumPacketSize = answer.maximumPacketSize.map(Int.init)
        maximumQoS = answer.maximumQoS ?? .exactlyOnce
        retainAvailable = answer.retainAvailable ?? true
        wildcardSubscriptionAvailable = answer.wildcardSubscriptionAvailable ?? true
        sharedSubscriptionAvailable = connect.version == .v5 && answer.sharedSubscriptionAvailable ?? true
    }
}
