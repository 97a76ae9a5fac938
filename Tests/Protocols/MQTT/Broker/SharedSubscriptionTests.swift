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
}
