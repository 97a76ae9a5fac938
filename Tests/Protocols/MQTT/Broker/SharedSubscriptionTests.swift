import MQTTCore
import NIOCore
import Testing

@testable import MQTTBroker

@Suite struct SharedSubscriptionTests {
    @Test func eachMessageGoesToOneMemberInTurn() throws {
        var bench = Bench()
        for id in ConnectionID(1)...3 {
            bench.connect(id, Connect(clientID: "c\(id)"))
            bench.subscribe(id, try subscription("$share/g/t/+", .atMostOnce))
            _ = bench.taken(id)
        }
        for index in 0..<9 { bench.publish("t/x", "\(index)") }
        #expect(bench.payloads(1) == ["0", "3", "6"])
        #expect(bench.payloads(2) == ["1", "4", "7"])
        #expect(bench.payloads(3) == ["2", "5", "8"])
    }

    @Test func groupsAndPlainSubscriptionsAreServedApart() throws {
        var bench = Bench()
        bench.connect(1, Connect(clientID: "a"))
        bench.connect(2, Connect(clientID: "b"))
        for filter in ["$share/g/t", "$share/h/t", "t"] { bench.subscribe(1, try subscription(filter)) }
        bench.subscribe(2, try subscription("$share/g/t"))
        _ = bench.taken(1)
        _ = bench.taken(2)
        bench.publish("t", "0")
        bench.publish("t", "1")
        // Both messages once for itself, both as the only member of h, and one of the two of g.
        #expect(bench.payloads(1).count == 5)
        #expect(bench.payloads(2).count == 1)
        #expect(bench.core.statistics.subscriptions == 4)
    }

    @Test func whoIsAwayOrBusyIsPassedOver() throws {
        var limits = BrokerLimits()
        limits.session.maximumInFlight = 1
        var bench = Bench(limits)
        for id in ConnectionID(1)...2 {
            bench.connect(
                id, Connect(clientID: "c\(id)", cleanStart: false, properties: [.sessionExpiryInterval(100)]))
            bench.subscribe(id, try subscription("$share/g/t", .atLeastOnce))
            _ = bench.taken(id)
        }
        bench.lose(1)
        for index in 0..<3 { bench.publish("t", "\(index)", qos: .atLeastOnce) }
        // The window of the second is one message, so the others wait there; the first one is away.
        #expect(bench.payloads(2) == ["0"])
        bench.lose(2)
        // Nobody is there: the message is kept for one of them.
        bench.publish("t", "3", qos: .atLeastOnce)
        #expect(bench.core.statistics.messagesDropped == 0)
        bench.connect(3, Connect(clientID: "c1", cleanStart: false, properties: [.sessionExpiryInterval(100)]))
        bench.connect(4, Connect(clientID: "c2", cleanStart: false, properties: [.sessionExpiryInterval(100)]))
        for id in PacketID(1)...4 {
            bench.serve(3, .pubAck(Acknowledgement(id)))
            bench.serve(4, .pubAck(Acknowledgement(id)))
        }
        #expect(Set(bench.payloads(3) + bench.payloads(4)) == ["0", "1", "2", "3"])
    }

    @Test func retainedMessagesStayAway() throws {
        var bench = Bench()
        bench.publish("t", "kept", retain: true)
        bench.connect(1, Connect(clientID: "a"))
        bench.subscribe(1, try subscription("$share/g/t"))
        #expect(bench.payloads(1) == [])
    }

    @Test func membersLeave() throws {
        var bench = Bench()
        bench.connect(1, Connect(clientID: "a"))
        bench.connect(2, Connect(clientID: "b"))
        for id in ConnectionID(1)...2 { bench.subscribe(id, try subscription("$share/g/t")) }
        bench.serve(1, .unsubscribe(Unsubscribe(packetID: 2, filters: [try TopicFilter("$share/g/t")])))
        _ = bench.taken(1)
        _ = bench.taken(2)
        bench.publish("t", "0")
        #expect(bench.payloads(2) == ["0"])
        bench.lose(2)
        #expect(bench.core.statistics.subscriptions == 0)
        bench.publish("t", "1")
        #expect(bench.payloads(1) == [])
    }

    /// Two members of a group with a window of two messages each; six messages of a quality went to the first alone.
    private func laden(_ qos: QoS, expiry: UInt32 = 0) throws -> Bench {
        var limits = BrokerLimits()
        limits.session.maximumInFlight = 2
        var bench = Bench(limits)
        bench.connect(1, Connect(clientID: "a", properties: [.sessionExpiryInterval(expiry)]))
        bench.subscribe(1, try subscription("$share/g/t/+", .exactlyOnce), identifier: 7)
        _ = bench.taken(1)
        for index in 0..<4 { bench.publish("t/x", "\(index)", qos: qos) }
        #expect(bench.payloads(1) == ["0", "1"])
        bench.connect(2, Connect(clientID: "b"))
        bench.subscribe(2, try subscription("$share/g/t/+", .exactlyOnce))
        _ = bench.taken(2)
        return bench
    }

    /// MQTT 5.0 section 4.8.2: when the session ends, what was not acknowledged goes to another member, in order.
    @Test func whatALostMemberDidNotAcknowledgeGoesToAnother() throws {
        var bench = try laden(.atLeastOnce)
        bench.serve(1, .pubAck(Acknowledgement(1)))
        #expect(bench.payloads(1) == ["2"])
        bench.lose(1)
        let got = bench.publishes(2)
        #expect(got.map { String(buffer: $0.payload) } == ["1", "2"])
        // They are new for this member: its packet identifiers, no mark of a repetition, none of the other's numbers.
        #expect(got.map(\.packetID) == [1, 2])
        #expect(got.allSatisfy { !$0.isDuplicate && $0.properties.subscriptionIdentifiers.isEmpty })
        bench.serve(2, .pubAck(Acknowledgement(1)))
        #expect(bench.payloads(2) == ["3"])
    }

    /// A message of QoS 2 that was sent may have arrived: only those that wait go on (MQTT-4.8.2-5).
    @Test func whatWasSentExactlyOnceIsNotSentToAnother() throws {
        var bench = try laden(.exactlyOnce)
        bench.lose(1)
        #expect(bench.payloads(2) == ["2", "3"])
    }

    @Test func aSessionThatIsKeptKeepsItsMessagesUntilItEnds() throws {
        var bench = try laden(.atLeastOnce, expiry: 60)
        bench.lose(1)
        #expect(bench.payloads(2) == [])
        bench.pass(30)
        #expect(bench.payloads(2) == [])
        bench.pass(31)
        #expect(bench.payloads(2) == ["0", "1"])
    }

    @Test func aCleanStartHandsOverToo() throws {
        var bench = try laden(.atLeastOnce, expiry: 60)
        bench.lose(1)
        bench.connect(3, Connect(clientID: "a", cleanStart: true))
        #expect(bench.payloads(2) == ["0", "1"])
        #expect(bench.payloads(3) == [])
    }

    /// What a client refused is not offered to another (MQTT-4.8.2-6), and its life goes on where it was.
    @Test func refusedAndExpiredMessagesAreNotHandedOver() throws {
        var bench = Bench()
        bench.connect(1, Connect(clientID: "a"))
        bench.connect(2, Connect(clientID: "b"))
        bench.subscribe(1, try subscription("$share/g/t", .atLeastOnce))
        bench.publish("t", "refused", qos: .atLeastOnce)
        bench.publish("t", "short", qos: .atLeastOnce, properties: [.messageExpiryInterval(5)])
        bench.publish("t", "long", qos: .atLeastOnce, properties: [.messageExpiryInterval(50)])
        bench.serve(1, .pubAck(Acknowledgement(1, reason: .quotaExceeded)))
        bench.subscribe(2, try subscription("$share/g/t", .atLeastOnce))
        _ = bench.taken(2)
        bench.pass(10)
        bench.lose(1)
        let got = bench.publishes(2)
        #expect(got.map { String(buffer: $0.payload) } == ["long"])
        #expect(got.first?.properties.messageExpiryInterval == 40)
    }

    @Test func theLastMembersMessagesEndWithIt() throws {
        var bench = try laden(.atLeastOnce)
        bench.lose(2)
        bench.lose(1)
        #expect(bench.core.statistics.messagesInFlight == 0 && bench.core.statistics.subscriptions == 0)
    }
}
