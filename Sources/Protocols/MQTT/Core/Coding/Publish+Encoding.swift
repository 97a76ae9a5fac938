import NIOCore

extension Publish {
    /// The bytes that the packet takes on the wire.
    package func size(_ version: MQTTVersion) -> Int {
        var length = 2 + topic.readableBytes + payload.readableBytes + (qos == .atMostOnce ? 0 : 2)
        if version == .v5 {
            let block = properties.size
            length += block + VariableByteInteger.size(of: block)
        }
        return length + 1 + VariableByteInteger.size(of: length)
    }
}

extension ByteBuffer {
    /// PUBLISH (MQTT 5.0 section 3.3), in one pass without moving bytes.
    mutating func writePublish(_ publish: Publish, _ version: MQTTVersion) throws(MQTTEncodingError) {
        let topicBytes = publish.topic.readableBytes
        guard let topicLength = UInt16(exactly: topicBytes) else {
            throw .fieldTooLong(field: "topic name", bytes: topicBytes)
        }
        guard (publish.qos == .atMostOnce) == (publish.packetID == 0) else {
            throw .invalid("QoS \(publish.qos.rawValue) with packet identifier \(publish.packetID)")
        }
        var length = 2 + topicBytes + publish.payload.readableBytes + (publish.qos == .atMostOnce ? 0 : 2)
        var properties = ByteBuffer()
        if version == .v5 {
            if publish.properties.isEmpty {
                length += 1
            } else {
                try properties.writeProperties(publish.properties)
                length += properties.readableBytes
            }
        }
        guard length <= VariableByteInteger.maximum else {
            throw .packetTooLarge(bytes: length, limit: VariableByteInteger.maximum)
        }
        var first = PacketType.publish.rawValue << 4 | publish.qos.rawValue << 1
        if publish.isDuplicate { first |= 0x08 }
        if publish.retain { first |= 0x01 }
        writeInteger(first)
        writeVariableByteInteger(length)
        writeInteger(topicLength)
        writeImmutableBuffer(publish.topic)
        if publish.qos != .atMostOnce { writeInteger(publish.packetID) }
        if version == .v5 {
            if properties.readableBytes == 0 { writeInteger(UInt8(0)) } else { writeBuffer(&properties) }
        }
        writeImmutableBuffer(publish.payload)
    }

    /// PUBACK, PUBREC, PUBREL, PUBCOMP in the shortest form (MQTT 5.0 section 3.4).
    mutating func writeAcknowledgement(
        _ type: PacketType, _ acknowledgement: Acknowledgement, _ version: MQTTVersion
    ) throws(MQTTEncodingError) {
        let first = type.rawValue << 4 | (type.fixedFlags ?? 0)
        if version == .v311 || (acknowledgement.reason == .success && acknowledgement.properties.isEmpty) {
            writeMultipleIntegers(first, UInt8(2), acknowledgement.packetID)
            return
        }
        writeInteger(first)
        try writeWithVariableByteLength { (buffer) throws(MQTTEncodingError) in
            buffer.writeInteger(acknowledgement.packetID)
            buffer.writeInteger(acknowledgement.reason.rawValue)
            if !acknowledgement.properties.isEmpty { try buffer.writeProperties(acknowledgement.properties) }
        }
    }
}
