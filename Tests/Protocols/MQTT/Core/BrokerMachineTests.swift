import MQTTCore
import NIOCore
import Testing

private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(1_000_000_000) + .seconds(seconds) }

private func message(_ payload: String, _ qos: QoS = .atLeastOnce) -> Publish {
    Publish(topic: text("t"), payload: text(payload), qos: qos)
}

@Suite struct BrokerSessionTests {
    private func session(
        messages: Int = 100, bytes: Int = 1000, unwritten: Int = 1000, inFlight: Int = 10
    ) -> BrokerSession {
        BrokerSession(
            limits: .init(
                maximumQueuedMessages: messages, maximumQueuedBytes: bytes, maximumUnwrittenBytes: unwritten,
                maximumInFlight: inFlight))
    }

    @Test func windowOfTheClient() {
        var session = session()
        _ = session.connected(Connect(clientID: "a", properties: [.receiveMaximum(2)]))
        for index in 1...3 { #expect(session.deliver(message("\(index)"), expiry: nil) == .queued) }
        #expect(session.nextToSend(now: at(0))?.packetID == 1)
        #expect(session.nextToSend(now: at(0))?.packetID == 2)
        #expect(session.nextToSend(now: at(0)) == nil)
        // A full window holds QoS 0 not back.
        #expect(session.deliver(message("0", .atMostOnce), expiry: nil) == .queued)
        #expect(session.nextToSend(now: at(0))?.packetID == 0)
        session.deliveryFinished(1)
        #expect(session.nextToSend(now: at(0))?.packetID == 3)
    }

    @Test func ownWindowAtItsLimit() {
        var session = session(inFlight: 1)
        _ = session.connected(Connect(clientID: "a"))
        _ = session.deliver(message("1"), expiry: nil)
        _ = session.deliver(message("2"), expiry: nil)
        #expect(session.nextToSend(now: at(0)) != nil)
        #expect(session.nextToSend(now: at(0)) == nil)
    }

    @Test func queueAtItsLimits() {
        var few = session(messages: 2)
        #expect(few.deliver(message("1"), expiry: nil) == .queued)
        #expect(few.deliver(message("2"), expiry: nil) == .queued)
        #expect(few.deliver(message("3"), expiry: nil) == .dropped)
        #expect(few.droppedMessages == 1)
        // Topic and payload count: 2 + 2 of 4 bytes.
        var small = session(bytes: 4)
        #expect(small.deliver(message("1"), expiry: nil) == .queued)
        #expect(small.deliver(message("2"), expiry: nil) == .queued)
        #expect(small.deliver(message("3"), expiry: nil) == .dropped)
        _ = small.connected(Connect(clientID: "a"))
        #expect(small.nextToSend(now: at(0)) != nil)
        #expect(small.deliver(message("3"), expiry: nil) == .queued)
    }

    @Test func unwrittenBytesHoldBack() {
        var session = session(unwritten: 1)
        _ = session.connected(Connect(clientID: "a"))
        _ = session.deliver(message("1", .atMostOnce), expiry: nil)
        _ = session.deliver(message("2", .atMostOnce), expiry: nil)
        let first = session.nextToSend(now: at(0))
        #expect(first?.payload == text("1"))
        #expect(session.nextToSend(now: at(0)) == nil)
        session.bytesWritten(1000)
        #expect(session.nextToSend(now: at(0))?.payload == text("2"))
    }

    @Test func absentClientsKeepOnlyAssuredMessages() {
        var session = session()
        #expect(session.deliver(message("0", .atMostOnce), expiry: nil) == .notKept)
        #expect(session.deliver(message("1"), expiry: nil) == .queued)
        #expect(session.nextToSend(now: at(0)) == nil)
        #expect(session.connected(Connect(clientID: "a")).isEmpty)
        let sent = session.nextToSend(now: at(0))
        #expect(sent?.payload == text("1"))
        session.disconnected()
        let again = session.connected(Connect(clientID: "a"))
        var duplicate = sent
        duplicate?.isDuplicate = true
        #expect(again == duplicate.map { [.publish($0)] })
    }

    @Test func expiredMessagesAreNotSent() {
        var session = session()
        _ = session.connected(Connect(clientID: "a"))
        _ = session.deliver(message("old"), expiry: at(10))
        _ = session.deliver(message("new"), expiry: at(20))
        let sent = session.nextToSend(now: at(10))
        #expect(sent?.payload == text("new"))
        #expect(sent?.properties.messageExpiryInterval == 10)
    }

    @Test func largestPacketOfTheClient() throws {
        var session = session()
        let exact = try encoded(.publish(Publish(topic: text("t"), payload: text("1"), qos: .atLeastOnce, packetID: 1)))
        _ = session.connected(Connect(clientID: "a", properties: [.maximumPacketSize(UInt32(exact.count))]))
        _ = session.deliver(message("22"), expiry: nil)
        _ = session.deliver(message("1"), expiry: nil)
        #expect(session.nextToSend(now: at(0))?.payload == text("1"))
        #expect(session.droppedMessages == 1)
    }

    @Test func exactlyOnceIn() {
        var session = session()
        #expect(session.exactlyOnceReceived(1, limit: 2) == .new)
        #expect(session.exactlyOnceReceived(1, limit: 2) == .known)
        #expect(session.exactlyOnceReceived(2, limit: 2) == .new)
        #expect(session.exactlyOnceReceived(3, limit: 2) == .tooMany)
        #expect(session.pubRelReceived(1) == Acknowledgement(1))
        #expect(session.pubRelReceived(1) == Acknowledgement(1, reason: .packetIdentifierNotFound))
    }
}

@Suite struct BrokerConnectionTests {
    @Test func connectComesFirstAndOnce() {
        var machine = BrokerConnection(now: at(0), connectTimeout: .seconds(10))
        #expect(machine.packetReceived(.pingReq, now: at(1)) == .violation(.protocolError))
        var second = BrokerConnection(now: at(0), connectTimeout: .seconds(10))
        let connect = Connect(clientID: "a", keepAliveSeconds: 10)
        #expect(second.packetReceived(.connect(connect), now: at(1)) == .admit(connect))
        #expect(second.packetReceived(.pingReq, now: at(1)) == .serve)
        #expect(second.packetReceived(.connect(connect), now: at(1)) == .violation(.protocolError))
        #expect(second.packetReceived(.pingReq, now: at(1)) == .violation(.protocolError))
    }

    @Test func silence() {
        var machine = BrokerConnection(now: at(0), connectTimeout: .seconds(10))
        #expect(machine.deadlineReached(now: at(9)) == .wait(until: at(10)))
        _ = machine.packetReceived(.connect(Connect(clientID: "a", keepAliveSeconds: 10)), now: at(9))
        #expect(machine.deadlineReached(now: at(10)) == .wait(until: at(24)))
        _ = machine.packetReceived(.pingReq, now: at(20))
        #expect(machine.deadlineReached(now: at(24)) == .wait(until: at(35)))
        #expect(machine.deadlineReached(now: at(35)) == .lapsed)
        var mute = BrokerConnection(now: at(0), connectTimeout: .seconds(10))
        #expect(mute.deadlineReached(now: at(10)) == .lapsed)
    }

    @Test func goodbye() {
        func leaving(_ disconnect: Disconnect, _ connect: Connect = Connect(clientID: "a")) -> BrokerConnection.Action {
            var machine = BrokerConnection(now: at(0), connectTimeout: .seconds(10))
            _ = machine.packetReceived(.connect(connect), now: at(0))
            return machine.packetReceived(.disconnect(disconnect), now: at(1))
        }
        #expect(leaving(Disconnect()) == .leave(publishWill: false, sessionExpirySeconds: nil))
        #expect(
            leaving(Disconnect(reason: .disconnectWithWill)) == .leave(publishWill: true, sessionExpirySeconds: nil))
        let expiry: Properties = [.sessionExpiryInterval(5)]
        #expect(leaving(Disconnect(properties: expiry)) == .violation(.protocolError))
        #expect(
            leaving(Disconnect(properties: expiry), Connect(clientID: "a", properties: [.sessionExpiryInterval(1)]))
                == .leave(publishWill: false, sessionExpirySeconds: 5))
    }

    @Test func refusals() {
        var nameless = BrokerConnection(now: at(0), connectTimeout: .seconds(10))
        #expect(
            nameless.packetReceived(
                .connect(Connect(version: .v311, clientID: "", cleanStart: false)), now: at(0))
                == .refuse(.clientIdentifierNotValid, .v311))
        var method = BrokerConnection(now: at(0), connectTimeout: .seconds(10))
        #expect(
            method.packetReceived(
                .connect(Connect(clientID: "a", properties: [.authenticationMethod("m")])), now: at(0))
                == .refuse(.badAuthenticationMethod, .v5))
        var alias = BrokerConnection(now: at(0), connectTimeout: .seconds(10))
        _ = alias.packetReceived(.connect(Connect(clientID: "a")), now: at(0))
        let publish = Publish(topic: "a", payload: ByteBuffer(), properties: [.topicAlias(1)])
        #expect(alias.packetReceived(.publish(publish), now: at(0)) == .violation(.topicAliasInvalid))
    }
}
