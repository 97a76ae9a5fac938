import NIOCore

extension ByteBuffer {
    /// The content of CONNECT (MQTT 5.0 section 3.1).
    mutating func writeConnect(_ connect: Connect) throws(MQTTEncodingError) {
        let version = connect.version
        guard version == .v5 || connect.username != nil || connect.password == nil else {
            throw .invalid("MQTT 3.1.1 allows no password without a user name")
        }
        try writeMQTTString("MQTT", "protocol name")
        writeInteger(version.rawValue)
        var flags: UInt8 = connect.cleanStart ? 0x02 : 0
        if let will = connect.will {
            flags |= 0x04 | will.qos.rawValue << 3 | (will.retain ? 0x20 : 0)
        }
        if connect.username != nil { flags |= 0x80 }
        if connect.password != nil { flags |= 0x40 }
        writeInteger(flags)
        writeInteger(connect.keepAliveSeconds)
        if version == .v5 { try writeProperties(connect.properties) }
        try writeMQTTString(connect.clientID, "client id")
        if let will = connect.will { try writeWill(will, version) }
        if let username = connect.username { try writeMQTTString(username, "user name") }
        if let password = connect.password { try writeMQTTBinary(password, "password") }
    }

    private mutating func writeWill(_ will: Will, _ version: MQTTVersion) throws(MQTTEncodingError) {
        do {
            try TopicName.validate(will.topic)
        } catch {
            throw .invalid(error.description)
        }
        if version == .v5 { try writeProperties(will.properties) }
        try writeMQTTString(will.topic, "will topic")
        try writeMQTTBinary(will.payload, "will payload")
    }

    /// The content of CONNACK (MQTT 5.0 section 3.2).
    mutating func writeConnAck(_ connAck: ConnAck, _ version: MQTTVersion) throws(MQTTEncodingError) {
        writeInteger(UInt8(connAck.sessionPresent ? 1 : 0))
        switch version {
        case .v311: writeInteger(connAck.reason.connectReturnCode)
        case .v5:
            writeInteger(connAck.reason.rawValue)
            try writeProperties(connAck.properties)
        }
    }
}
