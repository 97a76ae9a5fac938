public import NIOCore

/// PUBLISH: one message (MQTT 5.0 section 3.3).
///
/// Decoded topic and payload are slices of the bytes read from the socket: keeping one keeps them all, so copy what
/// is to live longer than the read.
public struct Publish: Equatable, Sendable {
    /// UTF-8, checked; empty only with a topic alias.
    public var topic: ByteBuffer
    public var payload: ByteBuffer
    public var qos: QoS
    public var retain: Bool
    /// Whether the sender says that it may have sent the message before.
    public var isDuplicate: Bool
    /// 0 for QoS 0.
    public var packetID: PacketID
    public var properties: Properties

    public init(
        topic: ByteBuffer, payload: ByteBuffer, qos: QoS = .atMostOnce, retain: Bool = false,
        isDuplicate: Bool = false, packetID: PacketID = 0, properties: Properties = []
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.isDuplicate = isDuplicate
        self.packetID = packetID
        self.properties = properties
    }

    public init(
        topic: String, payload: ByteBuffer, qos: QoS = .atMostOnce, retain: Bool = false, properties: Properties = []
    ) {
        self.init(topic: ByteBuffer(string: topic), payload: payload, qos: qos, retain: retain, properties: properties)
    }

    /// The topic as text.
    public var topicText: String { String(buffer: topic) }
}

/// PUBACK, PUBREC, PUBREL or PUBCOMP: one step in the delivery of a message (MQTT 5.0 sections 3.4 to 3.7).
public struct Acknowledgement: Equatable, Sendable {
    public var packetID: PacketID
    public var reason: ReasonCode
    public var properties: Properties

    public init(_ packetID: PacketID, reason: ReasonCode = .success, properties: Properties = []) {
        self.packetID = packetID
        self.reason = reason
        self.properties = properties
    }
}
