import FuzzKit
import MQTTCore
import NIOCore

/// Throws bytes at the packet decoder: the first byte says which version the connection speaks, the second in what
/// pieces the rest arrives.
enum PacketFuzz {
    private static let limits = PacketLimits(maximumPacketSize: 65_536, maximumProperties: 16, maximumTopicFilters: 16)

    @Sendable static func packets(_ input: ByteBuffer) {
        var input = input
        guard let (kind, step) = input.readMultipleIntegers(as: (UInt8, UInt8).self) else { return }
        let version = kind % 3 == 0 ? nil : kind % 3 == 1 ? MQTTVersion.v311 : .v5
        var whole = PacketDecoder(version: version, limits: limits)
        let expected = decode(&whole, input, step: input.readableBytes)
        var pieces = PacketDecoder(version: version, limits: limits)
        let seen = decode(&pieces, input, step: max(1, Int(step)))
        demand(seen.packets == expected.packets, "pieces give other packets")
        demand(seen.error?.reason == expected.error?.reason, "pieces give another error")
        for packet in expected.packets { check(packet, whole.version ?? .v5) }
    }

    private static func decode(
        _ decoder: inout PacketDecoder, _ input: ByteBuffer, step: Int
    ) -> (packets: [Packet], error: MQTTDecodingError?) {
        var (input, pending) = (input, ByteBuffer())
        var packets: [Packet] = []
        while let piece = input.readSlice(length: min(step, input.readableBytes)), piece.readableBytes > 0 {
            pending.writeImmutableBuffer(piece)
            do throws(MQTTDecodingError) {
                while let packet = try decoder.next(&pending) { packets.append(packet) }
            } catch {
                demand(!error.description.isEmpty)
                return (packets, error)
            }
        }
        return (packets, nil)
    }

    /// What was read can be written, and is read again as it was.
    static func check(_ packet: Packet, _ version: MQTTVersion) {
        var wire = ByteBuffer()
        do throws(MQTTEncodingError) {
            try wire.writeMQTT(packet, version: version)
        } catch {
            unexpected("\(packet) cannot be written: \(error)")
        }
        if case .publish(let publish) = packet { demand(publish.size(version) == wire.readableBytes, "a wrong size") }
        var decoder = PacketDecoder(
            version: packet.type == .connect ? nil : version,
            limits: PacketLimits(maximumPacketSize: .max, maximumProperties: 16, maximumTopicFilters: 16))
        let again = try? decoder.next(&wire)
        // A 3.1.1 packet says less than the value could hold, so only the kind is the same there.
        demand(again?.type == packet.type, "\(packet) came back as \(String(describing: again))")
        if version == .v5 { demand(again == packet, "\(packet) came back as \(String(describing: again))") }
    }

    /// One valid packet of every kind in both versions, and a connection's beginning.
    static var seeds: [[UInt8]] {
        var seeds: [[UInt8]] = []
        for version in MQTTVersion.allCases {
            for packet in everyPacket(version) {
                var wire = ByteBuffer(bytes: [packet.type == .connect ? 0 : version == .v311 ? 1 : 2, 3])
                do {
                    try wire.writeMQTT(packet, version: version)
                } catch {
                    unexpected("no seed of \(packet): \(error)")
                }
                seeds.append(Array(wire.readableBytesView))
            }
        }
        return seeds
    }
}

/// A packet of every kind; in 5.0 with every property that may stand in it.
func everyPacket(_ version: MQTTVersion) -> [Packet] {
    let isNew = version == .v5
    func these(_ properties: Properties) -> Properties { isNew ? properties : [] }
    func filter(_ text: String) -> TopicFilter {
        do throws(TopicError) {
            return try TopicFilter(text)
        } catch {
            unexpected("\(error)")
        }
    }
    let user = Property.userProperty(name: "k", value: "ü")
    let said: Properties = these([.reasonString("n"), user])
    let acknowledgement = Acknowledgement(7, reason: isNew ? .quotaExceeded : .success, properties: said)
    var packets: [Packet] = [
        .connect(
            Connect(
                version: version, clientID: "client", cleanStart: false, username: "u", password: bytes("p"),
                will: Will(
                    topic: "w/t", payload: bytes("gone"), qos: .atLeastOnce, retain: true,
                    properties: these([
                        .willDelayInterval(5), .payloadFormatIndicator(isText: true), .messageExpiryInterval(9),
                        .contentType("c"), .responseTopic("r"), .correlationData(bytes("d")), user,
                    ])),
                properties: these([
                    .sessionExpiryInterval(60), .receiveMaximum(20), .maximumPacketSize(65_536),
                    .topicAliasMaximum(10), .requestResponseInformation(true), .requestProblemInformation(false),
                    user, .authenticationMethod("m"), .authenticationData(bytes("d")),
                ]))),
        .connAck(
            ConnAck(
                sessionPresent: true,
                properties: these([
                    .sessionExpiryInterval(60), .receiveMaximum(20), .maximumQoS(.atLeastOnce),
                    .retainAvailable(false), .maximumPacketSize(256), .assignedClientIdentifier("x"),
                    .topicAliasMaximum(8), .wildcardSubscriptionAvailable(true),
                    .subscriptionIdentifierAvailable(false), .sharedSubscriptionAvailable(true),
                    .serverKeepAlive(5), .responseInformation("i"), .serverReference("s"),
                ]))),
        .publish(Publish(topic: "plant/a", payload: bytes("12.5"), retain: true)),
        .publish(
            Publish(
                topic: bytes("plant/ü"), payload: bytes("{}"), qos: .exactlyOnce, isDuplicate: true, packetID: 9,
                properties: these([.topicAlias(3), .subscriptionIdentifier(128), .messageExpiryInterval(1), user]))),
        .pubAck(acknowledgement), .pubRec(acknowledgement), .pubRel(Acknowledgement(7, properties: said)),
        .pubComp(Acknowledgement(7)),
        .subscribe(
            Subscribe(
                packetID: 10,
                subscriptions: [
                    Subscription(filter("$share/g/a/+"), qos: .atLeastOnce),
                    Subscription(filter("#"), qos: .exactlyOnce, noLocal: isNew),
                ], properties: these([.subscriptionIdentifier(1), user]))),
        .subAck(SubAck(packetID: 10, reasons: [.grantedQoS1, .unspecifiedError], properties: said)),
        .unsubscribe(Unsubscribe(packetID: 11, filters: [filter("a"), filter("b/#")], properties: these([user]))),
        .unsubAck(UnsubAck(packetID: 11, reasons: isNew ? [.success, .noSubscriptionExisted] : [], properties: said)),
        .pingReq, .pingResp,
        .disconnect(
            Disconnect(reason: isNew ? .serverMoved : .success, properties: these([.serverReference("s"), user]))),
    ]
    if isNew {
        packets.append(
            .auth(Auth(reason: .continueAuthentication, properties: [.authenticationMethod("m"), user])))
    }
    return packets
}

func bytes(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }
