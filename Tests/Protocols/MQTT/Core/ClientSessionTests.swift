import MQTTCore
import NIOCore
import Testing

private func negotiated(
    receive: UInt16 = .max, send: UInt16 = .max, present: Bool = false
) -> Negotiated {
    Negotiated(
        Connect(clientID: "a", cleanStart: false, properties: [.receiveMaximum(receive)]),
        ConnAck(sessionPresent: present, properties: [.receiveMaximum(send)]))
}

private func message(_ id: PacketID, _ qos: QoS = .atLeastOnce, duplicate: Bool = false) -> Publish {
    Publish(topic: text("a"), payload: text("\(id)"), qos: qos, isDuplicate: duplicate, packetID: id)
}

private func token(_ generation: UInt32, _ sequence: UInt64) -> DeliveryToken {
    DeliveryToken(generation: generation, sequence: sequence)
}

@Suite struct ClientSessionReceivingTests {
    @Test func acknowledgementsLeaveInOrderOfArrival() {
        var session = ClientSession()
        #expect(session.connected(negotiated(), generation: 1).isEmpty)
        #expect(session.publishReceived(message(5)) == .deliver(token(1, 0)))
        #expect(session.publishReceived(message(3)) == .deliver(token(1, 1)))
        #expect(session.publishReceived(message(9)) == .deliver(token(1, 2)))
        #expect(session.publishReceived(message(0, .atMostOnce)) == .deliver(nil))
        session.acknowledge(token(1, 2))
        session.acknowledge(token(1, 1))
        #expect(session.nextAnswer() == nil)
        session.acknowledge(token(1, 0))
        #expect(session.nextAnswer() == .pubAck(5))
        #expect(session.nextAnswer() == .pubAck(3))
        #expect(session.nextAnswer() == .pubAck(9))
        #expect(session.nextAnswer() == nil)
        // Again, and a number that never came: nothing.
        session.acknowledge(token(1, 0))
        session.acknowledge(token(1, 99))
        #expect(session.nextAnswer() == nil)
    }

    @Test func acknowledgeThrough() {
        var session = ClientSession()
        _ = session.connected(negotiated(), generation: 1)
        for id in 1...4 { _ = session.publishReceived(message(PacketID(id))) }
        session.acknowledge(through: token(1, 2))
        #expect(
            [session.nextAnswer(), session.nextAnswer(), session.nextAnswer()] == [.pubAck(1), .pubAck(2), .pubAck(3)])
        #expect(session.nextAnswer() == nil)
        #expect(session.unacknowledged == 1)
        session.acknowledge(through: token(1, 3))
        #expect(session.nextAnswer() == .pubAck(4))
    }

    /// Refusals leave in order too; for QoS 2 they end the delivery, and 3.1.1 has no word for them.
    @Test(arguments: MQTTVersion.allCases) func refusals(_ version: MQTTVersion) {
        var session = ClientSession()
        _ = session.connected(
            Negotiated(Connect(version: version, clientID: "a", cleanStart: false), ConnAck()), generation: 1)
        for (id, qos) in [(1, QoS.atLeastOnce), (2, .atLeastOnce), (3, .exactlyOnce), (4, .atLeastOnce)] {
            _ = session.publishReceived(message(PacketID(id), qos))
        }
        session.refuse(from: token(1, 1), through: token(1, 2), .quotaExceeded)
        #expect(session.nextAnswer() == nil)
        session.acknowledge(through: token(1, 3))
        let answers = (0..<5).map { _ in session.nextAnswer() }
        if version == .v5 {
            #expect(
                answers == [
                    .pubAck(1), .refusal(2, .atLeastOnce, .quotaExceeded), .refusal(3, .exactlyOnce, .quotaExceeded),
                    .pubAck(4), nil,
                ])
            // The identifier is free again.
            #expect(session.publishReceived(message(3, .exactlyOnce)) == .deliver(token(1, 4)))
        } else {
            #expect(answers == [.pubAck(1), .pubAck(2), .pubRec(3), .pubAck(4), nil])
        }
    }

    @Test func tokensOfAnEarlierConnectionHaveNoEffect() {
        var session = ClientSession()
        _ = session.connected(negotiated(), generation: 1)
        _ = session.publishReceived(message(1))
        _ = session.connected(negotiated(present: true), generation: 2)
        #expect(session.publishReceived(message(1, duplicate: true)) == .deliver(token(2, 0)))
        session.acknowledge(token(1, 0))
        session.acknowledge(through: token(1, 0))
        #expect(session.nextAnswer() == nil)
        session.acknowledge(token(2, 0))
        #expect(session.nextAnswer() == .pubAck(1))
    }

    /// mosquitto sends more than it was asked to. All of it is taken: a closed connection would only bring it again.
    @Test func aBrokerMayExceedTheReceiveMaximum() {
        var session = ClientSession()
        _ = session.connected(negotiated(receive: 2), generation: 1)
        for number in 0..<10 {
            #expect(session.publishReceived(message(PacketID(number + 1))) == .deliver(token(1, UInt64(number))))
        }
        session.acknowledge(through: token(1, 9))
        for number in 0..<10 { #expect(session.nextAnswer() == .pubAck(PacketID(number + 1))) }
    }

    @Test func thereAreNoMoreOpenMessagesThanPacketIdentifiers() {
        var session = ClientSession()
        _ = session.connected(negotiated(), generation: 1)
        #expect(session.publishReceived(message(1, .exactlyOnce)) == .deliver(token(1, 0)))
        for number in 2...UInt16.max { _ = session.publishReceived(message(PacketID(number))) }
        #expect(session.publishReceived(message(2)) == .violation(.receiveMaximumExceeded))
        session.acknowledge(through: token(1, 0))
        #expect(session.nextAnswer() == .pubRec(1))
        // A message of QoS 2 counts until PUBCOMP.
        #expect(session.publishReceived(message(2)) == .violation(.receiveMaximumExceeded))
        #expect(session.pubRelReceived(1) == Acknowledgement(1))
        #expect(session.publishReceived(message(1)) == .deliver(token(1, 65_535)))
    }

    @Test func exactlyOnceIsDeliveredOnce() {
        var session = ClientSession()
        _ = session.connected(negotiated(), generation: 1)
        #expect(session.publishReceived(message(1, .exactlyOnce)) == .deliver(token(1, 0)))
        #expect(session.publishReceived(message(1, .exactlyOnce, duplicate: true)) == .ignore)
        session.acknowledge(token(1, 0))
        #expect(session.nextAnswer() == .pubRec(1))
        // PUBREC was lost with the connection: the broker sends again.
        _ = session.connected(negotiated(present: true), generation: 2)
        #expect(session.publishReceived(message(1, .exactlyOnce, duplicate: true)) == .repeatPubRec(1))
        #expect(session.pubRelReceived(1) == Acknowledgement(1))
        #expect(session.pubRelReceived(1) == Acknowledgement(1, reason: .packetIdentifierNotFound))
        #expect(session.publishReceived(message(1, .exactlyOnce)) == .deliver(token(2, 0)))
        // A new session at the broker knows nothing of it.
        session.acknowledge(token(2, 0))
        _ = session.nextAnswer()
        _ = session.connected(negotiated(present: false), generation: 3)
        #expect(session.publishReceived(message(1, .exactlyOnce)) == .deliver(token(3, 0)))
    }
}

@Suite struct ClientSessionSendingTests {
    @Test func windowAndCompletion() {
        var session = ClientSession()
        _ = session.connected(negotiated(send: 2), generation: 1)
        for request in 1...3 { #expect(session.publish(message(0), request: UInt64(request)) == true) }
        #expect(session.nextToSend()?.packetID == 1)
        #expect(session.nextToSend()?.packetID == 2)
        #expect(session.nextToSend() == nil)
        #expect(session.pubAckReceived(Acknowledgement(2)) == .finished(request: 2, .success))
        #expect(session.pubAckReceived(Acknowledgement(2)) == .ignore)
        #expect(session.nextToSend()?.packetID == 3)
        #expect(
            session.pubAckReceived(Acknowledgement(1, reason: .quotaExceeded))
                == .finished(request: 1, .quotaExceeded))
        #expect(session.unsettled == 1)
    }

    @Test func queueAtItsLimit() {
        var session = ClientSession(maximumWaiting: 2)
        _ = session.connected(negotiated(), generation: 1)
        #expect(session.publish(message(0), request: 1) == true)
        #expect(session.publish(message(0), request: 2) == true)
        #expect(session.room == 0)
        #expect(session.publish(message(0), request: 3) == false)
        _ = session.nextToSend()
        #expect(session.publish(message(0), request: 3) == true)
    }

    @Test func exactlyOnce() {
        var session = ClientSession()
        _ = session.connected(negotiated(), generation: 1)
        _ = session.publish(message(0, .exactlyOnce), request: 7)
        #expect(session.nextToSend()?.packetID == 1)
        #expect(session.pubAckReceived(Acknowledgement(1)) == .ignore)
        #expect(session.pubCompReceived(Acknowledgement(1)) == .ignore)
        #expect(session.pubRecReceived(Acknowledgement(1)) == .sendPubRel(Acknowledgement(1)))
        #expect(session.pubCompReceived(Acknowledgement(1)) == .finished(request: 7, .success))
        #expect(
            session.pubRecReceived(Acknowledgement(9))
                == .sendPubRel(Acknowledgement(9, reason: .packetIdentifierNotFound)))
        _ = session.publish(message(0, .exactlyOnce), request: 8)
        #expect(session.nextToSend()?.packetID == 2)
        #expect(
            session.pubRecReceived(Acknowledgement(2, reason: .notAuthorized))
                == .finished(request: 8, .notAuthorized))
    }

    /// After a reconnect: what was open comes again in its order, marked as a duplicate (section 4.4).
    @Test func resumes() {
        var session = ClientSession()
        _ = session.connected(negotiated(), generation: 1)
        _ = session.publish(message(0), request: 1)
        _ = session.publish(message(0, .exactlyOnce), request: 2)
        _ = session.publish(message(0, .exactlyOnce), request: 3)
        while session.nextToSend() != nil {}
        _ = session.pubRecReceived(Acknowledgement(2))
        let again = session.connected(negotiated(present: true), generation: 2)
        #expect(again.count == 3)
        guard case .publish(let first) = again.first, case .pubRel(let second) = again.dropFirst().first,
            case .publish(let third) = again.last
        else {
            Issue.record("\(again)")
            return
        }
        #expect(first.packetID == 1 && first.isDuplicate && first.qos == .atLeastOnce)
        #expect(second == Acknowledgement(2))
        #expect(third.packetID == 3 && third.isDuplicate && third.qos == .exactlyOnce)
    }

    /// Without a session at the broker the messages start anew.
    @Test func startsAnew() {
        var session = ClientSession()
        _ = session.connected(negotiated(), generation: 1)
        _ = session.publish(message(0), request: 1)
        _ = session.publish(message(0, .exactlyOnce), request: 2)
        while session.nextToSend() != nil {}
        _ = session.pubRecReceived(Acknowledgement(2))
        let again = session.connected(negotiated(present: false), generation: 2)
        guard case .publish(let first) = again.first, again.count == 1 else {
            Issue.record("\(again)")
            return
        }
        #expect(first.packetID == 1 && !first.isDuplicate)
    }

    @Test func identifiersGoRoundAndSkipThoseInUse() {
        var session = ClientSession()
        _ = session.connected(negotiated(), generation: 1)
        #expect(session.reservePacketID() == 1)
        for _ in 0..<65_534 {
            let id = session.reservePacketID()
            #expect(id != nil && id != 0)
        }
        #expect(session.reservePacketID() == nil)
        session.releasePacketID(500)
        #expect(session.reservePacketID() == 500)
    }
}
