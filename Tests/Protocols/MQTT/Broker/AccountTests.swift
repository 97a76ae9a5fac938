import MQTTCore
import NIOCore
import Testing

@testable import MQTTBroker

private func permissions(publish: [String], subscribe: [String]) throws -> BrokerPermissions {
    BrokerPermissions(
        publish: try publish.map { try TopicFilter($0) }, subscribe: try subscribe.map { try TopicFilter($0) })
}

@Suite struct AccountTests {
    private func decide(_ accounts: BrokerAccounts, _ name: String?, _ password: String?) -> BrokerDecision {
        accounts.decide(.init(clientID: "c", username: name, password: password.map(text)))
    }

    @Test func namesAndPasswords() throws {
        let rights = try permissions(publish: ["a/#"], subscribe: [])
        var accounts = BrokerAccounts([
            .init(username: "all", password: "one"), .init(username: "some", password: "", permissions: rights),
        ])
        #expect(decide(accounts, "all", "one") == .admitted(nil))
        #expect(decide(accounts, "some", "") == .admitted(rights))
        #expect(decide(accounts, "some", nil) == .admitted(rights))
        for (name, password) in [
            ("all", "onE"), ("all", "on"), ("all", "oneone"), ("all", ""), ("who", "one"), ("who", ""),
        ] {
            #expect(decide(accounts, name, password) == .refused(.badUserNameOrPassword), "\(name) \(password)")
        }
        #expect(decide(accounts, nil, nil) == .refused(.badUserNameOrPassword))
        accounts.anonymous = .allowed(rights)
        #expect(decide(accounts, nil, nil) == .admitted(rights))
    }

    @Test(arguments: MQTTVersion.allCases) func publishingWithoutTheRight(_ version: MQTTVersion) throws {
        var bench = Bench()
        bench.connect(9, Connect(clientID: "reader"))
        bench.subscribe(9, try subscription("#"))
        let rights = try permissions(publish: ["own/+"], subscribe: ["own/#"])
        bench.connect(1, Connect(version: version, clientID: "a"), rights)
        _ = bench.taken(1)
        _ = bench.taken(9)
        for (id, topic, qos) in [(1, "own/a", QoS.atLeastOnce), (2, "other", .atLeastOnce), (3, "other", .exactlyOnce)]
        {
            bench.serve(
                1,
                .publish(Publish(topic: text(topic), payload: text("\(id)"), qos: qos, packetID: PacketID(id))))
        }
        bench.serve(1, .publish(Publish(topic: "other", payload: text("0"))))
        let reason = version == .v5 ? ReasonCode.notAuthorized : .success
        #expect(
            bench.taken(1) == [
                .pubAck(Acknowledgement(1)), .pubAck(Acknowledgement(2, reason: reason)),
                .pubRec(Acknowledgement(3, reason: reason)),
            ])
        #expect(bench.payloads(9) == ["1"])
        #expect(bench.core.statistics.messagesRefused == 3)
    }

    @Test func subscribingWithoutTheRight() throws {
        var bench = Bench()
        bench.connect(1, Connect(clientID: "a"), try permissions(publish: [], subscribe: ["own/#"]))
        _ = bench.taken(1)
        let filters = ["own/+", "#", "own/#", "$share/g/own/a", "$share/g/other"]
        bench.serve(1, .subscribe(Subscribe(packetID: 1, subscriptions: try filters.map { try subscription($0) })))
        #expect(
            bench.taken(1) == [
                .subAck(
                    SubAck(packetID: 1, reasons: [.success, .notAuthorized, .success, .success, .notAuthorized]))
            ])
    }

    @Test func aWillWithoutTheRight() throws {
        var bench = Bench()
        let rights = try permissions(publish: ["own/#"], subscribe: [])
        let connect = Connect(clientID: "a", will: Will(topic: "other", payload: text("w")))
        #expect(bench.connect(1, connect, rights) == false)
        #expect(bench.taken(1) == [.connAck(ConnAck(reason: .notAuthorized))])
    }

    /// A retained message for which there is no room is refused in words.
    @Test func noRoomForARetainedMessage() throws {
        var limits = BrokerLimits()
        limits.maximumRetainedMessages = 1
        var bench = Bench(limits)
        bench.connect(1, Connect(clientID: "a"))
        bench.connect(2, Connect(version: .v311, clientID: "b"))
        _ = bench.taken(1)
        _ = bench.taken(2)
        func kept(_ topic: String, _ id: PacketID) -> Packet {
            .publish(
                Publish(topic: text(topic), payload: text("x"), qos: .atLeastOnce, retain: true, packetID: id))
        }
        bench.serve(1, kept("one", 1))
        bench.serve(1, kept("two", 2))
        bench.serve(1, kept("one", 3))
        bench.serve(2, kept("two", 1))
        #expect(
            bench.taken(1) == [
                .pubAck(Acknowledgement(1)), .pubAck(Acknowledgement(2, reason: .quotaExceeded)),
                .pubAck(Acknowledgement(3)),
            ])
        #expect(bench.taken(2) == [.pubAck(Acknowledgement(1))])
        #expect(bench.core.statistics.retainedMessages == 1)
    }
}
