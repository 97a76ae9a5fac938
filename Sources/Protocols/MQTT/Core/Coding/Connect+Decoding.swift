import NIOCore

extension PacketReader {
    /// CONNECT (MQTT 5.0 section 3.1).
    mutating func connect(limits: PacketLimits) throws(MQTTDecodingError) -> Connect {
        let name = try string("protocol name")
        let level = try byte("protocol level")
        guard name == "MQTT", let version = MQTTVersion(rawValue: level) else {
            throw MQTTDecodingError(
                reason: .unsupportedProtocolVersion, message: "protocol \"\(name)\" level \(level)")
        }
        let flags = try byte("connect flags")
        guard flags & 0x01 == 0 else { throw .malformed("the reserved connect flag is set") }
        let hasWill = flags & 0x04 != 0
        guard let willQoS = QoS(rawValue: flags >> 3 & 0x03), hasWill || flags & 0x38 == 0 else {
            throw .malformed("the will flags are \(flags)")
        }
        let hasUsername = flags & 0x80 != 0
        let hasPassword = flags & 0x40 != 0
        guard version == .v5 || hasUsername || !hasPassword else {
            throw .malformed("a password without a user name")
        }
        let keepAlive = try uint16("keep-alive")
        let properties = version == .v5 ? try properties(.connect, limits: limits) : Properties()
        let clientID = try string("client identifier")
        let will = hasWill ? try will(version, qos: willQoS, retain: flags & 0x20 != 0, limits: limits) : nil
        return Connect(
            version: version, clientID: clientID, cleanStart: flags & 0x02 != 0, keepAliveSeconds: keepAlive,
            username: hasUsername ? try string("user name") : nil,
            password: hasPassword ? try binary("password") : nil,
            will: will, properties: properties)
    }

    private mutating func will(
        _ version: MQTTVersion, qos: QoS, retain: Bool, limits: PacketLimits
    ) throws(MQTTDecodingError) -> Will {
        let properties = version == .v5 ? try properties(.will, limits: limits) : Properties()
        let topic = try topicName()
        guard topic.readableBytes > 0 else {
            throw MQTTDecodingError(reason: .topicNameInvalid, message: "the will topic is empty")
        }
        return Will(
            topic: String(buffer: topic), payload: try binary("will payload"), qos: qos, retain: retain,
            properties: properties)
    }

    /// CONNACK (MQTT 5.0 section 3.2).
    ///
    /// A 3.1.1 broker that refuses level 5 answers in its own form, two bytes without properties.
    mutating func connAck(version: MQTTVersion, limits: PacketLimits) throws(MQTTDecodingError) -> ConnAck {
        let flags = try byte("connect acknowledge flags")
        guard flags & 0xFE == 0 else { throw .malformed("the connect acknowledge flags are \(flags)") }
        let code = try byte("connect reason code")
        let hasOldForm = version == .v311 || (isAtEnd && code < 0x80)
        let reason = hasOldForm ? ReasonCode(connectReturnCode: code) : ReasonCode(rawValue: code)
        let properties = version == .v5 && !isAtEnd ? try properties(.connAck, limits: limits) : Properties()
        return ConnAck(sessionPresent: flags == 1, reason: reason, properties: properties)
    }

    /// DISCONNECT and AUTH, whose reason code and properties may be left out (sections 3.14 and 3.15).
    mutating func ending(
        _ place: PropertyPlaces, version: MQTTVersion, limits: PacketLimits
    ) throws(MQTTDecodingError) -> (ReasonCode, Properties) {
        if version == .v311 || isAtEnd { return (.success, Properties()) }
        let reason = ReasonCode(rawValue: try byte("reason code"))
        return (reason, isAtEnd ? Properties() : try properties(place, limits: limits))
    }
}
