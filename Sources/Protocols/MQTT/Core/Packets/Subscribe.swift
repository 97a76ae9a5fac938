/// One topic filter of a SUBSCRIBE with its options (MQTT 5.0 section 3.8.3.1).
public struct Subscription: Equatable, Sendable {
    /// When retained messages are sent for a new subscription.
    public enum RetainHandling: UInt8, Sendable {
        case always = 0
        case ifNew = 1
        case never = 2
    }

    public var filter: TopicFilter
    /// The highest quality of service wanted.
    public var qos: QoS
    /// Whether messages of the subscriber itself are left out; 5.0 only.
    public var noLocal: Bool
    /// Whether the retain flag is passed on as the publisher set it; 5.0 only.
    public var retainAsPublished: Bool
    /// 5.0 only.
    public var retainHandling: RetainHandling

    public init(
        _ filter: TopicFilter, qos: QoS = .atMostOnce, noLocal: Bool = false, retainAsPublished: Bool = false,
        retainHandling: RetainHandling = .always
    ) {
        self.filter = filter
        self.qos = qos
        self.noLocal = noLocal
        self.retainAsPublished = retainAsPublished
        self.retainHandling = retainHandling
    }
}

/// SUBSCRIBE (MQTT 5.0 section 3.8).
public struct Subscribe: Equatable, Sendable {
    public var packetID: PacketID
    /// One or more.
    public var subscriptions: [Subscription]
    public var properties: Properties

    public init(packetID: PacketID, subscriptions: [Subscription], properties: Properties = []) {
        self.packetID = packetID
        self.subscriptions = subscriptions
        self.properties = properties
    }
}

/// SUBACK: one reason code for each topic filter of the SUBSCRIBE (MQTT 5.0 section 3.9).
public struct SubAck: Equatable, Sendable {
    public var packetID: PacketID
    public var reasons: [ReasonCode]
    public var properties: Properties

    public init(packetID: PacketID, reasons: [ReasonCode], properties: Properties = []) {
        self.packetID = packetID
        self.reasons = reasons
        self.properties = properties
    }
}

/// UNSUBSCRIBE (MQTT 5.0 section 3.10).
public struct Unsubscribe: Equatable, Sendable {
    public var packetID: PacketID
    /// One or more.
    public var filters: [TopicFilter]
    public var properties: Properties

    public init(packetID: PacketID, filters: [TopicFilter], properties: Properties = []) {
        self.packetID = packetID
        self.filters = filters
        self.properties = properties
    }
}

/// UNSUBACK (MQTT 5.0 section 3.11); without reason codes in 3.1.1.
public struct UnsubAck: Equatable, Sendable {
    public var packetID: PacketID
    public var reasons: [ReasonCode]
    public var properties: Properties

    public init(packetID: PacketID, reasons: [ReasonCode], properties: Properties = []) {
        self.packetID = packetID
        self.reasons = reasons
        self.properties = properties
    }
}
