import MQTTCore
import NIOCore
import Testing

private let now = NIODeadline.uptimeNanoseconds(1)

@Suite struct ClientConnectionTests {
    @Test func handshake() {
        let connect = Connect(clientID: "", cleanStart: true, properties: [.receiveMaximum(7)])
        var machine = ClientConnection(connect)
        #expect(machine.transportConnected() == connect)
        #expect(machine.isOpen == false)
        let answer = ConnAck(properties: [
            .assignedClientIdentifier("given"), .serverKeepAlive(5), .receiveMaximum(3), .maximumQoS(.atLeastOnce),
            .retainAvailable(false), .maximumPacketSize(99),
        ])
        guard case .connected(let negotiated) = machine.connAckReceived(answer, now: now) else {
            Issue.record("not connected")
            return
        }
        #expect(machine.isOpen == true)
        #expect(negotiated.clientID == "given")
        #expect(negotiated.keepAliveSeconds == 5)
        #expect(negotiated.clientReceiveMaximum == 7)
        #expect(negotiated.brokerReceiveMaximum == 3)
        #expect(negotiated.brokerMaximumPacketSize == 99)
        #expect(negotiated.maximumQoS == .atLeastOnce)
        #expect(!negotiated.retainAvailable)
    }

    @Test func refusal() {
        var machine = ClientConnection(Connect(clientID: "a"))
        _ = machine.transportConnected()
        let answer = ConnAck(reason: .notAuthorized, properties: [.reasonString("no")])
        #expect(machine.connAckReceived(answer, now: now) == .refused(.notAuthorized, message: "no"))
        #expect(machine.isOpen == false)
    }

    @Test func brokerMistakes() {
        var early = ClientConnection(Connect(clientID: "a"))
        #expect(early.connAckReceived(ConnAck(), now: now) == .violation("a CONNACK that nobody asked for"))

        var unwanted = ClientConnection(Connect(clientID: "a", cleanStart: true))
        _ = unwanted.transportConnected()
        guard case .violation = unwanted.connAckReceived(ConnAck(sessionPresent: true), now: now) else {
            Issue.record("accepted a session that was not wanted")
            return
        }
        var nameless = ClientConnection(Connect(clientID: ""))
        _ = nameless.transportConnected()
        guard case .violation = nameless.connAckReceived(ConnAck(), now: now) else {
            Issue.record("accepted a connection without client id")
            return
        }
    }

    @Test func subscriptions() {
        var machine = ClientConnection(Connect(clientID: "a"))
        #expect(machine.subscriptionRequested(1, request: 10, filters: 2, isSubscribe: true) == false)
        _ = machine.transportConnected()
        _ = machine.connAckReceived(ConnAck(), now: now)
        #expect(machine.subscriptionRequested(1, request: 10, filters: 2, isSubscribe: true) == true)
        #expect(machine.subscriptionRequested(2, request: 11, filters: 1, isSubscribe: false) == true)
        #expect(machine.subscriptionRequested(3, request: 12, filters: 1, isSubscribe: true) == true)
        #expect(
            machine.subAckReceived(SubAck(packetID: 1, reasons: [.grantedQoS1, .notAuthorized]))
                == .answered(request: 10, [.grantedQoS1, .notAuthorized]))
        #expect(
            machine.subAckReceived(SubAck(packetID: 1, reasons: [.success]))
                == .violation("SUBACK 1 that nobody asked for"))
        #expect(
            machine.unsubAckReceived(UnsubAck(packetID: 2, reasons: [.success])) == .answered(request: 11, [.success]))
        #expect(
            machine.subAckReceived(SubAck(packetID: 3, reasons: [.success, .success]))
                == .violation("SUBACK with 2 reason codes for 1 topic filters"))
        #expect(machine.subscriptionRequested(4, request: 13, filters: 1, isSubscribe: true) == true)
        #expect(machine.ended() == [13])
        #expect(machine.isOpen == false)
    }

    @Test func oldUnsubAckHasNoReasons() {
        var machine = ClientConnection(Connect(version: .v311, clientID: "a"))
        _ = machine.transportConnected()
        _ = machine.connAckReceived(ConnAck(), now: now)
        _ = machine.subscriptionRequested(1, request: 5, filters: 2, isSubscribe: false)
        #expect(
            machine.unsubAckReceived(UnsubAck(packetID: 1, reasons: []))
                == .answered(request: 5, [.success, .success]))
    }
}
