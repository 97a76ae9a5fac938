import NIOCore

extension PacketReader {
    /// SUBSCRIBE (MQTT 5.0 section 3.8).
    mutating func subscribe(version: MQTTVersion, limits: PacketLimits) throws(MQTTDecodingError) -> Subscribe {
        let id = try packetID()
        let properties = version == .v5 ? try properties(.subscribe, limits: limits) : Properties()
        var subscriptions: [Subscription] = []
        while !isAtEnd {
            try checkRoom(subscriptions.count, limits)
            let filter = try topicFilter()
            subscriptions.append(try subscription(filter, options: try byte("subscription options"), version))
        }
        guard !subscriptions.isEmpty else { throw .protocolError("SUBSCRIBE without a topic filter") }
        return Subscribe(packetID: id, subscriptions: subscriptions, properties: properties)
    }

    private func subscription(
        _ filter: TopicFilter, options: UInt8, _ version: MQTTVersion
    ) throws(MQTTDecodingError) -> Subscription {
        let reserved: UInt8 = version == .v5 ? 0xC0 : 0xFC
        guard options & reserved == 0, let qos = QoS(rawValue: options & 0x03),
            let handling = Subscription.RetainHandling(rawValue: options >> 4 & 0x03)
        else { throw .malformed("the subscription options are \(options)") }
        let noLocal = options & 0x04 != 0
        if noLocal && filter.shareName != nil { throw .protocolError("no local on a shared subscription") }
        return Subscription(
            filter, qos: qos, noLocal: noLocal, retainAsPublished: options & 0x08 != 0, retainHandling: handling)
    }

    /// SUBACK (MQTT 5.0 section 3.9).
    mutating func subAck(version: MQTTVersion, limits: PacketLimits) throws(MQTTDecodingError) -> SubAck {
        let id = try packetID()
        let properties = version == .v5 ? try properties(.subAck, limits: limits) : Properties()
        return SubAck(packetID: id, reasons: try reasons(limits), properties: properties)
    }

    /// UNSUBSCRIBE (MQTT 5.0 section 3.10).
    mutating func unsubscribe(version: MQTTVersion, limits: PacketLimits) throws(MQTTDecodingError) -> Unsubscribe {
        let id = try packetID()
        let properties = version == .v5 ? try properties(.unsubscribe, limits: limits) : Properties()
        var filters: [TopicFilter] = []
        while !isAtEnd {
            try checkRoom(filters.count, limits)
            filters.append(try topicFilter())
        }
        guard !filters.isEmpty else { throw .protocolError("UNSUBSCRIBE without a topic filter") }
        return Unsubscribe(packetID: id, filters: filters, properties: properties)
    }

    /// UNSUBACK (MQTT 5.0 section 3.11).
    mutating func unsubAck(version: MQTTVersion, limits: PacketLimits) throws(MQTTDecodingError) -> UnsubAck {
        let id = try packetID()
        if version == .v311 { return UnsubAck(packetID: id, reasons: []) }
        let properties = try properties(.unsubAck, limits: limits)
        return UnsubAck(packetID: id, reasons: try reasons(limits), properties: properties)
    }

    private mutating func reasons(_ limits: PacketLimits) throws(MQTTDecodingError) -> [ReasonCode] {
        try checkRoom(remaining - 1, limits)
        var reasons: [ReasonCode] = []
        while !isAtEnd { reasons.append(ReasonCode(rawValue: try byte("reason code"))) }
        guard !reasons.isEmpty else { throw .protocolError("no reason code") }
        return reasons
    }

    private mutating func topicFilter() throws(MQTTDecodingError) -> TopicFilter {
        let text = try string("topic filter")
        do {
            return try TopicFilter(text)
        } catch {
            throw MQTTDecodingError(reason: .topicFilterInvalid, message: error.description)
        }
    }

    private func checkRoom(_ count: Int, _ limits: PacketLimits) throws(MQTTDecodingError) {
        guard count < limits.maximumTopicFilters else {
            throw MQTTDecodingError(
                reason: .quotaExceeded, message: "more than \(limits.maximumTopicFilters) topic filters")
        }
    }
}
