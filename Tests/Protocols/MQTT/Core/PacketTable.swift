import MQTTCore
import NIOCore
import Testing

/// One packet and its bytes on the wire.
struct PacketRow: Sendable, CustomTestStringConvertible {
    var name: String
    var version: MQTTVersion
    var packet: Packet
    var hex: String

    var testDescription: String { name }
}

func filter(_ text: String) -> TopicFilter {
    do {
        return try TopicFilter(text)
    } catch {
        fatalError("\(error)")
    }
}

/// Every packet of both versions; the bytes were written by hand after the standard's figures.
let packetTable: [PacketRow] = connectRows + publishRows + subscribeRows + endingRows + propertyRows

private let connectRows: [PacketRow] = [
    PacketRow(
        name: "CONNECT 3.1.1, least", version: .v311,
        packet: .connect(Connect(version: .v311, clientID: "a", cleanStart: true, keepAliveSeconds: 60)),
        hex: """
            10 0D               CONNECT, 13 bytes follow
            00 04 4D 51 54 54   protocol name MQTT
            04                  level 3.1.1
            02                  clean session
            00 3C               keep-alive 60 s
            00 01 61            client identifier a
            """.bytesOnly),
    PacketRow(
        name: "CONNECT 3.1.1, all", version: .v311,
        packet: .connect(
            Connect(
                version: .v311, clientID: "", cleanStart: false, keepAliveSeconds: 0, username: "u",
                password: text("p"),
                will: Will(topic: "t", payload: text("w"), qos: .exactlyOnce, retain: true))),
        hex: """
            10 18               CONNECT, 24 bytes follow
            00 04 4D 51 54 54   protocol name
            04                  level
            F4                  user name, password, will retain, will QoS 2, will
            00 00               keep-alive off
            00 00               client identifier empty
            00 01 74            will topic t
            00 01 77            will payload w
            00 01 75            user name u
            00 01 70            password p
            """.bytesOnly),
    PacketRow(
        name: "CONNECT 5.0", version: .v5,
        packet: .connect(
            Connect(
                clientID: "a", cleanStart: true, keepAliveSeconds: 10,
                will: Will(topic: "t", payload: text("w"), properties: [.willDelayInterval(5)]),
                properties: [.sessionExpiryInterval(3600), .receiveMaximum(20)])),
        hex: """
            10 22               CONNECT, 34 bytes follow
            00 04 4D 51 54 54   protocol name
            05                  level 5.0
            06                  clean start, will of QoS 0
            00 0A               keep-alive 10 s
            08                  8 bytes of properties
            11 00 00 0E 10      session expiry interval 3600 s
            21 00 14            receive maximum 20
            00 01 61            client identifier a
            05                  5 bytes of will properties
            18 00 00 00 05      will delay interval 5 s
            00 01 74            will topic t
            00 01 77            will payload w
            """.bytesOnly),
    PacketRow(
        name: "CONNACK 3.1.1", version: .v311,
        packet: .connAck(ConnAck(sessionPresent: false, reason: .badUserNameOrPassword)),
        hex: "20 02 00 04"),
    PacketRow(
        name: "CONNACK 5.0", version: .v5,
        packet: .connAck(
            ConnAck(
                sessionPresent: true,
                properties: [.assignedClientIdentifier("x"), .maximumQoS(.atLeastOnce)])),
        hex: """
            20 09               CONNACK, 9 bytes follow
            01                  session present
            00                  success
            06                  6 bytes of properties
            12 00 01 78         assigned client identifier x
            24 01               maximum QoS 1
            """.bytesOnly),
]

private let publishRows: [PacketRow] = [
    PacketRow(
        name: "PUBLISH QoS 0 retained", version: .v311,
        packet: .publish(Publish(topic: "a/b", payload: text("hi"), retain: true)),
        hex: """
            31 07               PUBLISH, retain
            00 03 61 2F 62      topic a/b
            68 69               payload
            """.bytesOnly),
    PacketRow(
        name: "PUBLISH QoS 1 duplicate", version: .v311,
        packet: .publish(
            Publish(topic: text("a"), payload: text(""), qos: .atLeastOnce, isDuplicate: true, packetID: 0x1234)),
        hex: """
            3A 05               PUBLISH, DUP, QoS 1
            00 01 61            topic a
            12 34               packet identifier
            """.bytesOnly),
    PacketRow(
        name: "PUBLISH 5.0 QoS 2", version: .v5,
        packet: .publish(
            Publish(
                topic: text("a"), payload: text("x"), qos: .exactlyOnce, packetID: 7,
                properties: [.messageExpiryInterval(1), .userProperty(name: "k", value: "v")])),
        hex: """
            34 13               PUBLISH, QoS 2
            00 01 61            topic a
            00 07               packet identifier
            0C                  twelve bytes of properties
            02 00 00 00 01      message expiry interval 1 s
            26 00 01 6B 00 01 76  user property k = v
            78                  payload
            """.bytesOnly),
    PacketRow(
        name: "PUBACK 3.1.1", version: .v311, packet: .pubAck(Acknowledgement(1)), hex: "40 02 00 01"),
    PacketRow(
        name: "PUBACK 5.0, short", version: .v5, packet: .pubAck(Acknowledgement(1)), hex: "40 02 00 01"),
    PacketRow(
        name: "PUBACK 5.0, reason", version: .v5,
        packet: .pubAck(Acknowledgement(1, reason: .quotaExceeded)), hex: "40 03 00 01 97"),
    PacketRow(
        name: "PUBREC 5.0, text", version: .v5,
        packet: .pubRec(Acknowledgement(1, reason: .notAuthorized, properties: [.reasonString("n")])),
        hex: "50 08 00 01 87 04 1F 00 01 6E"),
    PacketRow(name: "PUBREL", version: .v311, packet: .pubRel(Acknowledgement(2)), hex: "62 02 00 02"),
    PacketRow(
        name: "PUBCOMP 5.0", version: .v5,
        packet: .pubComp(Acknowledgement(2, reason: .packetIdentifierNotFound)), hex: "70 03 00 02 92"),
]

private let subscribeRows: [PacketRow] = [
    PacketRow(
        name: "SUBSCRIBE 3.1.1", version: .v311,
        packet: .subscribe(
            Subscribe(
                packetID: 10,
                subscriptions: [Subscription(filter("a/+"), qos: .atLeastOnce), Subscription(filter("#"))])),
        hex: """
            82 0C               SUBSCRIBE
            00 0A               packet identifier
            00 03 61 2F 2B 01   a/+ at QoS 1
            00 01 23 00         # at QoS 0
            """.bytesOnly),
    PacketRow(
        name: "SUBSCRIBE 5.0", version: .v5,
        packet: .subscribe(
            Subscribe(
                packetID: 10,
                subscriptions: [
                    Subscription(
                        filter("a"), qos: .exactlyOnce, noLocal: true, retainAsPublished: true, retainHandling: .never)
                ], properties: [.subscriptionIdentifier(300)])),
        hex: """
            82 0A               SUBSCRIBE
            00 0A               packet identifier
            03 0B AC 02         subscription identifier 300
            00 01 61            a
            2E                  retain handling 2, retain as published, no local, QoS 2
            """.bytesOnly),
    PacketRow(
        name: "SUBACK 3.1.1", version: .v311,
        packet: .subAck(SubAck(packetID: 10, reasons: [.grantedQoS1, .unspecifiedError])), hex: "90 04 00 0A 01 80"),
    PacketRow(
        name: "SUBACK 5.0", version: .v5,
        packet: .subAck(SubAck(packetID: 10, reasons: [.success, .topicFilterInvalid])), hex: "90 05 00 0A 00 00 8F"),
    PacketRow(
        name: "UNSUBSCRIBE 3.1.1", version: .v311,
        packet: .unsubscribe(Unsubscribe(packetID: 11, filters: [filter("a")])), hex: "A2 05 00 0B 00 01 61"),
    PacketRow(
        name: "UNSUBSCRIBE 5.0", version: .v5,
        packet: .unsubscribe(Unsubscribe(packetID: 11, filters: [filter("a")])), hex: "A2 06 00 0B 00 00 01 61"),
    PacketRow(
        name: "UNSUBACK 3.1.1", version: .v311, packet: .unsubAck(UnsubAck(packetID: 11, reasons: [])),
        hex: "B0 02 00 0B"),
    PacketRow(
        name: "UNSUBACK 5.0", version: .v5,
        packet: .unsubAck(UnsubAck(packetID: 11, reasons: [.noSubscriptionExisted])), hex: "B0 04 00 0B 00 11"),
]

private let endingRows: [PacketRow] = [
    PacketRow(name: "PINGREQ", version: .v311, packet: .pingReq, hex: "C0 00"),
    PacketRow(name: "PINGRESP", version: .v5, packet: .pingResp, hex: "D0 00"),
    PacketRow(name: "DISCONNECT 3.1.1", version: .v311, packet: .disconnect(Disconnect()), hex: "E0 00"),
    PacketRow(name: "DISCONNECT 5.0, short", version: .v5, packet: .disconnect(Disconnect()), hex: "E0 00"),
    PacketRow(
        name: "DISCONNECT 5.0, reason", version: .v5, packet: .disconnect(Disconnect(reason: .serverBusy)),
        hex: "E0 01 89"),
    PacketRow(
        name: "DISCONNECT 5.0, reference", version: .v5,
        packet: .disconnect(Disconnect(reason: .serverMoved, properties: [.serverReference("b")])),
        hex: "E0 06 9D 04 1C 00 01 62"),
    PacketRow(
        name: "AUTH 5.0", version: .v5,
        packet: .auth(
            Auth(
                reason: .continueAuthentication,
                properties: [.authenticationMethod("m"), .authenticationData(text("d"))])),
        hex: "F0 0A 18 08 15 00 01 6D 16 00 01 64"),
]

extension String {
    /// The two-digit groups in front of the words of each line.
    var bytesOnly: String {
        split(separator: "\n").map { line in
            line.split(separator: " ").prefix { $0.count == 2 && $0.allSatisfy { $0.isHexDigit } }.joined(
                separator: " ")
        }.joined(separator: " ")
    }
}
