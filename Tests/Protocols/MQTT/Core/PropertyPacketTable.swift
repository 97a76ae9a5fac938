import MQTTCore
import NIOCore

/// Packets of 5.0 with every property that the standard allows in them (MQTT 5.0 table 2-4), in rows of its figures.
let propertyRows: [PacketRow] = [
    PacketRow(
        name: "CONNECT with every property", version: .v5,
        packet: .connect(
            Connect(
                clientID: "a", cleanStart: false, keepAliveSeconds: 10,
                will: Will(
                    topic: "t", payload: text("w"), qos: .atLeastOnce, retain: true,
                    properties: [
                        .willDelayInterval(5), .payloadFormatIndicator(isText: true), .messageExpiryInterval(9),
                        .contentType("c"), .responseTopic("r"), .correlationData(text("d")),
                        .userProperty(name: "k", value: "v"),
                    ]),
                properties: [
                    .sessionExpiryInterval(.max), .receiveMaximum(20), .maximumPacketSize(65_536),
                    .topicAliasMaximum(10), .requestResponseInformation(true), .requestProblemInformation(false),
                    .userProperty(name: "k", value: "v"), .authenticationMethod("m"), .authenticationData(text("d")),
                ])),
        hex: """
            10 57               CONNECT, 87 bytes follow
            00 04 4D 51 54 54   protocol name MQTT
            05                  level 5.0
            2C                  will retained, will QoS 1, will
            00 0A               keep-alive 10 s
            23                  properties, 35 bytes
            11 FF FF FF FF      session expiry: never
            21 00 14            receive maximum 20
            27 00 01 00 00      maximum packet size 65536
            22 00 0A            topic alias maximum 10
            19 01               request response information
            17 00               request no problem information
            26 00 01 6B 00 01 76  user property k = v
            15 00 01 6D         authentication method m
            16 00 01 64         authentication data d
            00 01 61            client identifier a
            1F                  will properties, 31 bytes
            18 00 00 00 05      will delay 5 s
            01 01               payload is text
            02 00 00 00 09      message expiry 9 s
            03 00 01 63         content type c
            08 00 01 72         response topic r
            09 00 01 64         correlation data d
            26 00 01 6B 00 01 76  user property k = v
            00 01 74            will topic t
            00 01 77            will payload w
            """.bytesOnly),
    PacketRow(
        name: "CONNACK with every property", version: .v5,
        packet: .connAck(
            ConnAck(
                sessionPresent: false, reason: .success,
                properties: [
                    .sessionExpiryInterval(60), .receiveMaximum(20), .maximumQoS(.atMostOnce), .retainAvailable(false),
                    .maximumPacketSize(256), .assignedClientIdentifier("x"), .topicAliasMaximum(8),
                    .reasonString("n"), .userProperty(name: "k", value: "v"), .wildcardSubscriptionAvailable(true),
                    .subscriptionIdentifierAvailable(false), .sharedSubscriptionAvailable(true), .serverKeepAlive(5),
                    .responseInformation("i"), .serverReference("s"), .authenticationMethod("m"),
                    .authenticationData(text("d")),
                ])),
        hex: """
            20 3F               CONNACK, 63 bytes follow
            00 00               no session, success
            3C                  properties, 60 bytes
            11 00 00 00 3C      session expiry 60 s
            21 00 14            receive maximum 20
            24 00               maximum QoS 0
            25 00               retain not available
            27 00 00 01 00      maximum packet size 256
            12 00 01 78         assigned client identifier x
            22 00 08            topic alias maximum 8
            1F 00 01 6E         reason n
            26 00 01 6B 00 01 76  user property k = v
            28 01               wildcards available
            29 00               subscription identifiers not available
            2A 01               shared subscriptions available
            13 00 05            server keep-alive 5 s
            1A 00 01 69         response information i
            1C 00 01 73         server reference s
            15 00 01 6D         authentication method m
            16 00 01 64         authentication data d
            """.bytesOnly),
    PacketRow(
        name: "PUBLISH with every property", version: .v5,
        packet: .publish(
            Publish(
                topic: text(""), payload: text("x"),
                properties: [
                    .payloadFormatIndicator(isText: false), .messageExpiryInterval(256), .topicAlias(3),
                    .responseTopic("r"), .correlationData(text("")), .userProperty(name: "k", value: "v"),
                    .userProperty(name: "k", value: "w"), .subscriptionIdentifier(1), .subscriptionIdentifier(128),
                    .contentType("c"),
                ])),
        hex: """
            30 2C               PUBLISH, QoS 0, 44 bytes follow
            00 00               no topic: the alias stands for it
            28                  properties, 40 bytes
            01 00               payload is bytes
            02 00 00 01 00      message expiry 256 s
            23 00 03            topic alias 3
            08 00 01 72         response topic r
            09 00 00            correlation data, empty
            26 00 01 6B 00 01 76  user property k = v
            26 00 01 6B 00 01 77  the same name again
            0B 01               subscription identifier 1
            0B 80 01            and 128
            03 00 01 63         content type c
            78                  payload
            """.bytesOnly),
    PacketRow(
        name: "PUBACK with every property", version: .v5, packet: .pubAck(described(.notAuthorized)),
        hex: "40 0F 00 01 87 0B 1F 00 01 6E 26 00 01 6B 00 01 76"),
    PacketRow(
        name: "PUBREC with every property", version: .v5, packet: .pubRec(described(.noMatchingSubscribers)),
        hex: "50 0F 00 01 10 0B 1F 00 01 6E 26 00 01 6B 00 01 76"),
    PacketRow(
        name: "PUBREL with every property", version: .v5, packet: .pubRel(described(.packetIdentifierNotFound)),
        hex: "62 0F 00 01 92 0B 1F 00 01 6E 26 00 01 6B 00 01 76"),
    PacketRow(
        name: "PUBCOMP with every property", version: .v5, packet: .pubComp(described(.success)),
        hex: "70 0F 00 01 00 0B 1F 00 01 6E 26 00 01 6B 00 01 76"),
    PacketRow(
        name: "SUBSCRIBE with every property and option", version: .v5,
        packet: .subscribe(
            Subscribe(
                packetID: 2,
                subscriptions: [
                    Subscription(filter("$share/g/a"), qos: .atLeastOnce, retainAsPublished: true),
                    Subscription(filter("+/#"), noLocal: true, retainHandling: .ifNew),
                ],
                properties: [.subscriptionIdentifier(268_435_455), .userProperty(name: "k", value: "v")])),
        hex: """
            82 22               SUBSCRIBE, 34 bytes follow
            00 02               packet identifier
            0C                  properties, 12 bytes
            0B FF FF FF 7F      subscription identifier, the largest
            26 00 01 6B 00 01 76  user property k = v
            00 0A 24 73 68 61 72 65 2F 67 2F 61  $share/g/a
            09                  retain as published, QoS 1
            00 03 2B 2F 23      +/#
            14                  retain handling 1, no local, QoS 0
            """.bytesOnly),
    PacketRow(
        name: "SUBACK with every property", version: .v5,
        packet: .subAck(
            SubAck(
                packetID: 2, reasons: [.grantedQoS2, .sharedSubscriptionsNotSupported],
                properties: [.reasonString("n"), .userProperty(name: "k", value: "v")])),
        hex: "90 10 00 02 0B 1F 00 01 6E 26 00 01 6B 00 01 76 02 9E"),
    PacketRow(
        name: "UNSUBSCRIBE with every property", version: .v5,
        packet: .unsubscribe(
            Unsubscribe(
                packetID: 3, filters: [filter("a"), filter("b/+")], properties: [.userProperty(name: "k", value: "v")])),
        hex: "A2 12 00 03 07 26 00 01 6B 00 01 76 00 01 61 00 03 62 2F 2B"),
    PacketRow(
        name: "UNSUBACK with every property", version: .v5,
        packet: .unsubAck(
            UnsubAck(
                packetID: 3, reasons: [.success, .notAuthorized],
                properties: [.reasonString("n"), .userProperty(name: "k", value: "v")])),
        hex: "B0 10 00 03 0B 1F 00 01 6E 26 00 01 6B 00 01 76 00 87"),
    PacketRow(
        name: "DISCONNECT with every property", version: .v5,
        packet: .disconnect(
            Disconnect(
                reason: .disconnectWithWill,
                properties: [
                    .sessionExpiryInterval(1), .reasonString("n"), .userProperty(name: "k", value: "v"),
                    .serverReference("s"),
                ])),
        hex: "E0 16 04 14 11 00 00 00 01 1F 00 01 6E 26 00 01 6B 00 01 76 1C 00 01 73"),
    PacketRow(
        name: "AUTH with every property", version: .v5,
        packet: .auth(
            Auth(
                reason: .reAuthenticate,
                properties: [
                    .authenticationMethod("m"), .authenticationData(text("d")), .reasonString("n"),
                    .userProperty(name: "k", value: "v"),
                ])),
        hex: "F0 15 19 13 15 00 01 6D 16 00 01 64 1F 00 01 6E 26 00 01 6B 00 01 76"),
    PacketRow(name: "AUTH 5.0, short", version: .v5, packet: .auth(Auth()), hex: "F0 00"),
]

private func described(_ reason: ReasonCode) -> Acknowledgement {
    Acknowledgement(1, reason: reason, properties: [.reasonString("n"), .userProperty(name: "k", value: "v")])
}
