import NIOCore

extension PacketReader {
    /// PUBLISH (MQTT 5.0 section 3.3): topic and payload stay slices of the read bytes.
    mutating func publish(
        _ first: UInt8, version: MQTTVersion, limits: PacketLimits
    ) throws(MQTTDecodingError) -> Publish {
        guard let qos = QoS(rawValue: first >> 1 & 0x03) else { throw .malformed("PUBLISH with QoS 3") }
        let isDuplicate = first & 0x08 != 0
        guard qos != .atMostOnce || !isDuplicate else { throw .malformed("PUBLISH with QoS 0 and DUP") }
        let topic = try topicName()
        let packetID = qos == .atMostOnce ? 0 : try packetID()
        let properties = version == .v5 ? try properties(.publish, limits: limits) : Properties()
        if topic.readableBytes == 0 && properties.topicAlias == nil {
            throw MQTTDecodingError(reason: .topicNameInvalid, message: "PUBLISH with an empty topic")
        }
        return Publish(
            topic: topic, payload: rest(), qos: qos, retain: first & 0x01 != 0, isDuplicate: isDuplicate,
            packetID: packetID, properties: properties)
    }

    /// PUBACK, PUBREC, PUBREL, PUBCOMP; reason code and properties may be left out (section 3.4.2.1).
    mutating func acknowledgement(
        version: MQTTVersion, limits: PacketLimits
    ) throws(MQTTDecodingError) -> Acknowledgement {
        let id = try packetID()
        if version == .v311 || isAtEnd { return Acknowledgement(id) }
        let reason = ReasonCode(rawValue: try byte("reason code"))
        let properties = isAtEnd ? Properties() : try properties(.acknowledgement, limits: limits)
        return Acknowledgement(id, reason: reason, properties: properties)
    }
}
