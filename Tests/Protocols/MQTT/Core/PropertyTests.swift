import NIOCore
import Testing

@testable import MQTTCore

@Suite struct PropertyTests {
    static let samples: [Property] = [
        .payloadFormatIndicator(isText: true), .messageExpiryInterval(.max), .contentType("a/b"),
        .responseTopic("r"), .correlationData(text("c")), .subscriptionIdentifier(268_435_455),
        .sessionExpiryInterval(.max), .assignedClientIdentifier("i"), .serverKeepAlive(5),
        .authenticationMethod("m"), .authenticationData(text("d")), .requestProblemInformation(false),
        .willDelayInterval(9), .requestResponseInformation(true), .responseInformation("i"),
        .serverReference("s"), .reasonString("r"), .receiveMaximum(1), .topicAliasMaximum(0), .topicAlias(1),
        .maximumQoS(.atMostOnce), .retainAvailable(false), .userProperty(name: "", value: "ü€😀"),
        .maximumPacketSize(1), .wildcardSubscriptionAvailable(false), .subscriptionIdentifierAvailable(true),
        .sharedSubscriptionAvailable(false),
    ]

    @Test func everyPropertyHasASample() {
        #expect(Set(Self.samples.map(\.id)) == Set(PropertyID.allCases))
    }

    /// Each property at each place: read back where the standard allows it, refused elsewhere.
    @Test(arguments: samples) func placesAreKept(_ property: Property) throws {
        let places: [PropertyPlaces] = [
            .connect, .connAck, .publish, .will, .acknowledgement, .subscribe, .subAck, .unsubscribe, .unsubAck,
            .disconnect, .auth,
        ]
        for place in places {
            // Authentication data never comes without its method.
            let properties: Properties =
                property.id == .authenticationData ? [.authenticationMethod("m"), property] : [property]
            var buffer = ByteBuffer()
            try buffer.writeProperties(properties)
            #expect(buffer.readableBytes == 1 + properties.size)
            var reader = PacketReader(buffer)
            if property.id.places.contains(place) {
                #expect(try reader.properties(place, limits: PacketLimits()) == properties)
                #expect(reader.isAtEnd)
            } else {
                #expect(throws: MQTTDecodingError.self) { try reader.properties(place, limits: PacketLimits()) }
            }
        }
    }

    @Test(arguments: samples) func truncatedPropertiesAreRefused(_ property: Property) throws {
        var buffer = ByteBuffer()
        try buffer.writeProperties([property])
        let wire = Array(buffer.readableBytesView)
        for length in 1..<(wire.count - 1) {
            var short = Array(wire[...length])
            short[0] = UInt8(length)
            var reader = PacketReader(ByteBuffer(bytes: short))
            let place = PropertyPlaces(rawValue: 1 << UInt16(property.id.places.rawValue.trailingZeroBitCount))
            #expect(throws: MQTTDecodingError.self) { try reader.properties(place, limits: PacketLimits()) }
        }
    }

    @Test func severalSubscriptionIdentifiersInPublish() throws {
        let properties: Properties = [.subscriptionIdentifier(1), .subscriptionIdentifier(2)]
        let packet = Packet.publish(Publish(topic: "a", payload: ByteBuffer(), properties: properties))
        #expect(try decoded(encoded(packet)) == [packet])
        #expect(properties.subscriptionIdentifiers == [1, 2])
    }

    @Test func variableByteIntegers() {
        let table: [(Int, String)] = [
            (0, "00"), (127, "7F"), (128, "80 01"), (16_383, "FF 7F"), (16_384, "80 80 01"),
            (2_097_151, "FF FF 7F"), (2_097_152, "80 80 80 01"), (268_435_455, "FF FF FF 7F"),
        ]
        for (value, hex) in table {
            var buffer = ByteBuffer()
            buffer.writeVariableByteInteger(value)
            #expect(Array(buffer.readableBytesView) == bytes(hex))
            let size = buffer.readableBytes
            #expect(VariableByteInteger.peek(in: buffer, at: 0) == .value(value, size: size))
            #expect(VariableByteInteger.size(of: value) == size)
            buffer.moveWriterIndex(to: size - 1)
            #expect(VariableByteInteger.peek(in: buffer, at: 0) == .incomplete)
        }
    }
}
