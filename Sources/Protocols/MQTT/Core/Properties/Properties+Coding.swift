import NIOCore

extension PacketReader {
    /// Reads the property block of a packet: its length, then the properties (MQTT 5.0 section 2.2.2).
    mutating func properties(
        _ place: PropertyPlaces, limits: PacketLimits
    ) throws(MQTTDecodingError) -> Properties {
        let length = try variableByteInteger("property length")
        if length == 0 { return Properties() }
        var block = PacketReader(try slice(length, "properties"))
        var found: [Property] = []
        var seen: UInt64 = 0
        while !block.isAtEnd {
            guard found.count < limits.maximumProperties else {
                throw MQTTDecodingError(
                    reason: .quotaExceeded, message: "more than \(limits.maximumProperties) properties")
            }
            let property = try block.property(place)
            let id = property.id
            let mayRepeat = id == .userProperty || (id == .subscriptionIdentifier && place == .publish)
            guard mayRepeat || seen & (1 << UInt64(id.rawValue)) == 0 else {
                throw .protocolError("the property \(id) stands twice")
            }
            seen |= 1 << UInt64(id.rawValue)
            found.append(property)
        }
        // Sections 3.1.2.11.10 and 3.15.2.2.3.
        guard seen & (1 << 22) == 0 || seen & (1 << 21) != 0 else {
            throw .protocolError("authentication data without an authentication method")
        }
        return Properties(found)
    }

    private mutating func property(_ place: PropertyPlaces) throws(MQTTDecodingError) -> Property {
        let number = try variableByteInteger("property identifier")
        guard let raw = UInt8(exactly: number), let id = PropertyID(rawValue: raw) else {
            throw .malformed("unknown property \(number)")
        }
        guard id.places.contains(place) else { throw .protocolError("the property \(id) is not allowed here") }
        return try value(of: id)
    }

    private mutating func value(of id: PropertyID) throws(MQTTDecodingError) -> Property {
        switch id {
        case .payloadFormatIndicator: .payloadFormatIndicator(isText: try flag(id))
        case .messageExpiryInterval: .messageExpiryInterval(try uint32("message expiry interval"))
        case .contentType: .contentType(try string("content type"))
        case .responseTopic: .responseTopic(try responseTopic())
        case .correlationData: .correlationData(try binary("correlation data"))
        case .subscriptionIdentifier:
            .subscriptionIdentifier(try nonZero(try variableByteInteger("subscription identifier"), id))
        case .sessionExpiryInterval: .sessionExpiryInterval(try uint32("session expiry interval"))
        case .assignedClientIdentifier: .assignedClientIdentifier(try string("assigned client identifier"))
        case .serverKeepAlive: .serverKeepAlive(try uint16("server keep-alive"))
        case .authenticationMethod: .authenticationMethod(try string("authentication method"))
        case .authenticationData: .authenticationData(try binary("authentication data"))
        case .requestProblemInformation: .requestProblemInformation(try flag(id))
        case .willDelayInterval: .willDelayInterval(try uint32("will delay interval"))
        case .requestResponseInformation: .requestResponseInformation(try flag(id))
        case .responseInformation: .responseInformation(try string("response information"))
        case .serverReference: .serverReference(try string("server reference"))
        case .reasonString: .reasonString(try string("reason string"))
        case .receiveMaximum: .receiveMaximum(try nonZero(try uint16("receive maximum"), id))
        case .topicAliasMaximum: .topicAliasMaximum(try uint16("topic alias maximum"))
        case .topicAlias: .topicAlias(try topicAlias())
        case .maximumQoS: .maximumQoS(try flag(id) ? .atLeastOnce : .atMostOnce)
        case .retainAvailable: .retainAvailable(try flag(id))
        case .userProperty: .userProperty(name: try string("user property"), value: try string("user property"))
        case .maximumPacketSize: .maximumPacketSize(try nonZero(try uint32("maximum packet size"), id))
        case .wildcardSubscriptionAvailable: .wildcardSubscriptionAvailable(try flag(id))
        case .subscriptionIdentifierAvailable: .subscriptionIdentifierAvailable(try flag(id))
        case .sharedSubscriptionAvailable: .sharedSubscriptionAvailable(try flag(id))
        }
    }

    private mutating func flag(_ id: PropertyID) throws(MQTTDecodingError) -> Bool {
        switch try byte("property") {
        case 0: false
        case 1: true
        case let other: throw .protocolError("the property \(id) is \(other), not 0 or 1")
        }
    }

    private mutating func topicAlias() throws(MQTTDecodingError) -> UInt16 {
        let alias = try uint16("topic alias")
        guard alias != 0 else { throw MQTTDecodingError(reason: .topicAliasInvalid, message: "topic alias 0") }
        return alias
    }

    /// The response topic is one to publish to: no wildcard (section 3.3.2.3.5).
    private mutating func responseTopic() throws(MQTTDecodingError) -> String {
        let topic = try string("response topic")
        guard !topic.utf8.contains(where: { $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "+") }) else {
            throw .protocolError("the response topic contains a wildcard")
        }
        return topic
    }

    private func nonZero<Number: BinaryInteger>(
        _ value: Number, _ id: PropertyID
    ) throws(MQTTDecodingError) -> Number {
        guard value != 0 else { throw .protocolError("the property \(id) is 0") }
        return value
    }
}

extension ByteBuffer {
    /// Writes a property block with its length.
    mutating func writeProperties(_ properties: Properties) throws(MQTTEncodingError) {
        if properties.isEmpty {
            writeInteger(UInt8(0))
            return
        }
        try writeWithVariableByteLength { (buffer) throws(MQTTEncodingError) in
            for property in properties.all { try buffer.writeProperty(property) }
        }
    }

    private mutating func writeProperty(_ property: Property) throws(MQTTEncodingError) {
        writeInteger(property.id.rawValue)
        switch property {
        case .payloadFormatIndicator(let flag), .requestProblemInformation(let flag),
            .requestResponseInformation(let flag), .retainAvailable(let flag),
            .wildcardSubscriptionAvailable(let flag), .subscriptionIdentifierAvailable(let flag),
            .sharedSubscriptionAvailable(let flag):
            writeInteger(UInt8(flag ? 1 : 0))
        case .messageExpiryInterval(let number), .sessionExpiryInterval(let number), .willDelayInterval(let number),
            .maximumPacketSize(let number):
            writeInteger(number)
        case .serverKeepAlive(let number), .receiveMaximum(let number), .topicAliasMaximum(let number),
            .topicAlias(let number):
            writeInteger(number)
        case .contentType(let text), .responseTopic(let text), .assignedClientIdentifier(let text),
            .authenticationMethod(let text), .responseInformation(let text), .serverReference(let text),
            .reasonString(let text):
            try writeMQTTString(text, "property")
        case .correlationData(let data), .authenticationData(let data):
            try writeMQTTBinary(data, "property")
        case .subscriptionIdentifier(let number):
            guard (1...VariableByteInteger.maximum).contains(number) else {
                throw .invalid("subscription identifier \(number)")
            }
            writeVariableByteInteger(number)
        case .maximumQoS(let qos):
            guard qos != .exactlyOnce else { throw .invalid("maximum QoS 2 is said by leaving the property out") }
            writeInteger(qos.rawValue)
        case .userProperty(let name, let value):
            try writeMQTTString(name, "user property")
            try writeMQTTString(value, "user property")
        }
    }
}
