public import NIOCore

extension ByteBuffer {
    /// Writes one packet; after an error the buffer is as it was.
    ///
    /// - Parameter version: the version of the connection; fields that 3.1.1 does not know are left out.
    /// - Throws: `MQTTEncodingError` when a field is too long or does not exist in that version.
    public mutating func writeMQTT(_ packet: Packet, version: MQTTVersion) throws(MQTTEncodingError) {
        let start = writerIndex
        do {
            try writeUnguarded(packet, version)
        } catch {
            moveWriterIndex(to: start)
            throw error
        }
    }

    private mutating func writeUnguarded(_ packet: Packet, _ version: MQTTVersion) throws(MQTTEncodingError) {
        switch packet {
        case .publish(let publish): try writePublish(publish, version)
        case .pubAck(let it): try writeAcknowledgement(.pubAck, it, version)
        case .pubRec(let it): try writeAcknowledgement(.pubRec, it, version)
        case .pubRel(let it): try writeAcknowledgement(.pubRel, it, version)
        case .pubComp(let it): try writeAcknowledgement(.pubComp, it, version)
        case .pingReq, .pingResp: writeMultipleIntegers(packet.type.rawValue << 4, UInt8(0))
        case .connect, .connAck, .subscribe, .subAck, .unsubscribe, .unsubAck, .disconnect, .auth:
            writeInteger(packet.type.rawValue << 4 | (packet.type.fixedFlags ?? 0))
            try writeWithVariableByteLength { (buffer) throws(MQTTEncodingError) in
                try buffer.writeBody(packet, version)
            }
        }
    }

    private mutating func writeBody(_ packet: Packet, _ version: MQTTVersion) throws(MQTTEncodingError) {
        switch packet {
        case .connect(let connect): try writeConnect(connect)
        case .connAck(let connAck): try writeConnAck(connAck, version)
        case .subscribe(let subscribe): try writeSubscribe(subscribe, version)
        case .subAck(let subAck):
            writeInteger(subAck.packetID)
            if version == .v5 { try writeProperties(subAck.properties) }
            // 3.1.1 knows one refusal (section 3.9.3).
            for reason in subAck.reasons { writeInteger(version == .v311 && reason.isError ? 0x80 : reason.rawValue) }
        case .unsubscribe(let unsubscribe):
            writeInteger(unsubscribe.packetID)
            if version == .v5 { try writeProperties(unsubscribe.properties) }
            for filter in unsubscribe.filters { try writeMQTTString(filter.text, "topic filter") }
        case .unsubAck(let unsubAck):
            writeInteger(unsubAck.packetID)
            if version == .v5 {
                try writeProperties(unsubAck.properties)
                for reason in unsubAck.reasons { writeInteger(reason.rawValue) }
            }
        case .disconnect(let disconnect):
            if version == .v5 { try writeEnding(disconnect.reason, disconnect.properties) }
        case .auth(let auth):
            guard version == .v5 else { throw .invalid("AUTH does not exist in MQTT 3.1.1") }
            try writeEnding(auth.reason, auth.properties)
        case .publish, .pubAck, .pubRec, .pubRel, .pubComp, .pingReq, .pingResp: break
        }
    }

    private mutating func writeEnding(
        _ reason: ReasonCode, _ properties: Properties
    ) throws(MQTTEncodingError) {
        if reason == .success && properties.isEmpty { return }
        writeInteger(reason.rawValue)
        if !properties.isEmpty { try writeProperties(properties) }
    }

    private mutating func writeSubscribe(
        _ subscribe: Subscribe, _ version: MQTTVersion
    ) throws(MQTTEncodingError) {
        writeInteger(subscribe.packetID)
        if version == .v5 { try writeProperties(subscribe.properties) }
        for subscription in subscribe.subscriptions {
            try writeMQTTString(subscription.filter.text, "topic filter")
            var options = subscription.qos.rawValue
            if version == .v5 {
                if subscription.noLocal { options |= 0x04 }
                if subscription.retainAsPublished { options |= 0x08 }
                options |= subscription.retainHandling.rawValue << 4
            }
            writeInteger(options)
        }
    }
}
