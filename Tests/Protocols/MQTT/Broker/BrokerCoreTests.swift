import MQTTCore
import NIOCore
import Testing

@testable import MQTTBroker

func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(1_000_000_000) + .seconds(seconds) }

func text(_ string: String) -> ByteBuffer { ByteBuffer(string: string) }

/// A core with a notebook of what it sends.
struct Bench {
    var core: BrokerCore
    var effects = BrokerEffects()
    var now = at(0)

    init(_ limits: BrokerLimits = BrokerLimits()) { core = BrokerCore(limits: limits) }

    @discardableResult
    mutating func connect(_ id: ConnectionID, _ connect: Connect, _ permissions: BrokerPermissions? = nil) -> Bool {
        core.connect(connect, permissions, connection: id, assignedID: "given", now: now, &effects)
    }

    mutating func subscribe(_ id: ConnectionID, _ subscription: Subscription, identifier: Int? = nil) {
        let properties = Properties(identifier.map { [.subscriptionIdentifier($0)] } ?? [])
        serve(id, .subscribe(Subscribe(packetID: 1, subscriptions: [subscription], properties: properties)))
    }

    mutating func serve(_ id: ConnectionID, _ packet: Packet) {
        core.serve(packet, from: id, now: now, &effects)
    }

    mutating func publish(
        _ topic: String, _ payload: String, qos: QoS = .atMostOnce, retain: Bool = false, properties: Properties = []
    ) {
        let message = Publish(topic: topic, payload: text(payload), qos: qos, retain: retain, properties: properties)
        core.publish(message, from: nil, now: now, &effects)
    }

    mutating func lose(_ id: ConnectionID, publishWill: Bool = true) {
        core.disconnected(id, publishWill: publishWill, sessionExpirySeconds: nil, now: now, &effects)
    }

    mutating func pass(_ seconds: Int64) {
        now = now + .seconds(seconds)
        core.timePassed(now: now, &effects)
    }

    /// What was sent to a connection since the last call.
    mutating func taken(_ id: ConnectionID) -> [Packet] { effects.outgoing.removeValue(forKey: id) ?? [] }

    mutating func payloads(_ id: ConnectionID) -> [String] {
        taken(id).compactMap { if case .publish(let it) = $0 { String(buffer: it.payload) } else { nil } }
    }

    mutating func publishes(_ id: ConnectionID) -> [Publish] {
        taken(id).compactMap { if case .publish(let it) = $0 { it } else { nil } }
    }
}

func subscription(_ filter: String, _ qos: QoS = .atMostOnce) throws -> Subscription {
    Subscription(try TopicFilter(filter), qos: qos)
}

@Suite struct BrokerCoreTests {
    @Test func routesAtTheLowerQoS() throws {
        var bench = Bench()
        bench.connect(1, Connect(clientID: "a"))
        bench.connect(2, Connect(clientID: "b"))
        bench.subscribe(1, try subscription("t/+", .atLeastOnce))
        bench.subscribe(2, try subscription("t/x"))
        _ = bench.taken(1)
        _ = bench.taken(2)
        bench.publish("t/x", "m", qos: .atLeastOnce)
        bench.publish("t/x", "n")
        bench.publish("u", "o")
        #expect(bench.publishes(1).map(\.qos) == [.atLeastOnce, .atMostOnce])
        #expect(bench.publishes(2).map(\.qos) == [.atMostOnce, .atMostOnce])
    }

    @Test func overlappingSubscriptionsDeliverOnce() throws {
        var bench = Bench()
        bench.connect(1, Connect(clientID: "a"))
        bench.subscribe(1, try subscription("t/#", .atLeastOnce), identifier: 1)
        bench.subscribe(1, try subscription("t/+"), identifier: 2)
        _ = bench.taken(1)
        bench.publish("t/x", "m", qos: .exactlyOnce)
        let got = bench.publishes(1)
        #expect(got.count == 1)
        #expect(got.first?.qos == .atLeastOnce)
        #expect(got.first?.properties.subscriptionIdentifiers.sorted() == [1, 2])
    }

    @Test func noLocal() throws {
        var bench = Bench()
        bench.connect(1, Connect(clientID: "a"))
        var own = try subscription("t")
        own.noLocal = true
        bench.subscribe(1, own)
        _ = bench.taken(1)
        bench.serve(1, .publish(Publish(topic: "t", payload: text("m"))))
        #expect(bench.payloads(1).isEmpty)
    }

    @Test func retainedMessages() throws {
        var bench = Bench()
        bench.publish("a/1", "one", retain: true)
        bench.publish("a/2", "two", retain: true)
        bench.publish("a/2", "two again", retain: true)
        bench.publish("a/3", "three", retain: true)
        bench.publish("a/3", "", retain: true)
        bench.publish("$a/4", "hidden", retain: true)
        bench.connect(1, Connect(clientID: "a"))
        bench.subscribe(1, try subscription("+/+"))
        let got = bench.publishes(1)
        #expect(got.map(\.topicText) == ["a/1", "a/2"])
        #expect(got.map { String(buffer: $0.payload) } == ["one", "two again"])
        #expect(got.allSatisfy { $0.retain })
        // A message that is routed later is not marked as retained.
        bench.publish("a/1", "live", retain: true)
        #expect(bench.publishes(1).map(\.retain) == [false])
        // A known subscription gets them again, unless it asks not to.
        var again = try subscription("+/+")
        bench.subscribe(1, again)
        #expect(bench.payloads(1) == ["live", "two again"])
        again.retainHandling = .ifNew
        bench.subscribe(1, again)
        #expect(bench.payloads(1).isEmpty)
        again.retainHandling = .never
        bench.subscribe(1, again)
        #expect(bench.payloads(1).isEmpty)
        #expect(bench.core.statistics.retainedMessages == 3)
    }

    @Test func retainedMessagesAtTheirLimits() {
        var limits = BrokerLimits()
        limits.maximumRetainedMessages = 2
        limits.maximumRetainedBytes = 8
        var bench = Bench(limits)
        bench.publish("a", "123", retain: true)
        bench.publish("b", "1", retain: true)
        bench.publish("c", "1", retain: true)
        #expect(bench.core.statistics.retainedMessages == 2)
        #expect(bench.core.statistics.messagesDropped == 1)
        bench.publish("b", "123", retain: true)
        #expect(bench.core.statistics.messagesDropped == 1)
        bench.publish("b", "1234", retain: true)
        #expect(bench.core.statistics.messagesDropped == 2)
        bench.publish("a", "", retain: true)
        #expect(bench.core.retained.bytes == 4)
    }

    @Test func messageExpiry() throws {
        var bench = Bench()
        bench.publish("a", "short", retain: true, properties: [.messageExpiryInterval(5)])
        bench.publish("b", "long", retain: true, properties: [.messageExpiryInterval(50)])
        bench.pass(10)
        #expect(bench.core.statistics.retainedMessages == 1)
        bench.connect(1, Connect(clientID: "a"))
        bench.subscribe(1, try subscription("#"))
        #expect(bench.publishes(1).map(\.properties.messageExpiryInterval) == [40])
    }

    @Test func persistentSession() throws {
        var bench = Bench()
        let connect = Connect(clientID: "a", cleanStart: false, properties: [.sessionExpiryInterval(100)])
        bench.connect(1, connect)
        bench.subscribe(1, try subscription("t", .atLeastOnce))
        bench.publish("t", "1", qos: .atLeastOnce)
        #expect(bench.payloads(1) == ["1"])
        bench.lose(1)
        bench.publish("t", "2", qos: .atLeastOnce)
        bench.publish("t", "0")
        bench.pass(99)
        bench.connect(2, connect)
        let back = bench.taken(2)
        guard case .connAck(let connAck) = back.first, case .publish(let again) = back.dropFirst().first,
            case .publish(let kept) = back.last
        else {
            Issue.record("\(back)")
            return
        }
        #expect(connAck.sessionPresent)
        #expect(again.isDuplicate && String(buffer: again.payload) == "1")
        #expect(!kept.isDuplicate && String(buffer: kept.payload) == "2")
        #expect(back.count == 3)
        bench.lose(2)
        bench.pass(100)
        #expect(bench.core.statistics.sessions == 0)
        #expect(bench.core.statistics.subscriptions == 0)
        bench.connect(3, connect)
        guard case .connAck(let fresh) = bench.taken(3).first else {
            Issue.record("no CONNACK")
            return
        }
        #expect(!fresh.sessionPresent)
    }

    @Test func cleanStartForgets() throws {
        var bench = Bench()
        bench.connect(1, Connect(version: .v311, clientID: "a", cleanStart: false))
        bench.subscribe(1, try subscription("t", .atLeastOnce))
        bench.lose(1)
        #expect(bench.core.statistics.sessions == 1)
        bench.connect(2, Connect(version: .v311, clientID: "a", cleanStart: true))
        #expect(bench.taken(2) == [.connAck(ConnAck())])
        bench.lose(2)
        #expect(bench.core.statistics.sessions == 0)
    }

    @Test func takeover() {
        var bench = Bench()
        bench.connect(1, Connect(clientID: "a"))
        bench.connect(2, Connect(clientID: "a"))
        #expect(bench.effects.closing.map(\.connection) == [1])
        #expect(bench.effects.closing.map(\.reason) == [.sessionTakenOver])
        // The end of the old connection comes later and changes nothing.
        bench.lose(1)
        #expect(bench.core.statistics.connections == 1)
    }

    @Test func wills() throws {
        var bench = Bench()
        bench.connect(9, Connect(clientID: "watcher"))
        bench.subscribe(9, try subscription("#"))
        _ = bench.taken(9)
        let will = Will(topic: "w", payload: text("gone"))
        bench.connect(1, Connect(clientID: "a", will: will))
        bench.lose(1, publishWill: false)
        #expect(bench.payloads(9).isEmpty)
        bench.connect(2, Connect(clientID: "a", will: will))
        bench.lose(2)
        #expect(bench.payloads(9) == ["gone"])

        var late = will
        late.properties = [.willDelayInterval(10)]
        let patient = Connect(
            clientID: "a", cleanStart: false, will: late, properties: [.sessionExpiryInterval(20)])
        bench.connect(3, patient)
        bench.lose(3)
        bench.pass(9)
        #expect(bench.payloads(9).isEmpty)
        bench.connect(4, patient)
        bench.pass(5)
        #expect(bench.payloads(9).isEmpty)
        bench.lose(4)
        bench.pass(10)
        #expect(bench.payloads(9) == ["gone"])
        // The end of the session comes before the delay is over.
        var later = patient
        later.will?.properties = [.willDelayInterval(60)]
        bench.connect(5, later)
        bench.lose(5)
        bench.pass(20)
        #expect(bench.payloads(9) == ["gone"])
    }

    @Test func exactlyOnceIsRoutedOnce() throws {
        var bench = Bench()
        bench.connect(1, Connect(clientID: "a"))
        bench.subscribe(1, try subscription("t", .exactlyOnce))
        _ = bench.taken(1)
        let message = Publish(topic: text("t"), payload: text("m"), qos: .exactlyOnce, packetID: 4)
        bench.serve(1, .publish(message))
        bench.serve(1, .publish(message))
        let sent = bench.taken(1)
        #expect(sent.map(\.type) == [.publish, .pubRec, .pubRec])
        bench.serve(1, .pubRel(Acknowledgement(4)))
        bench.serve(1, .pubRec(Acknowledgement(1)))
        bench.serve(1, .pubComp(Acknowledgement(1)))
        #expect(bench.taken(1) == [.pubComp(Acknowledgement(4)), .pubRel(Acknowledgement(1))])
    }

    @Test func limits() throws {
        var limits = BrokerLimits()
        limits.maximumSessions = 1
        limits.maximumSubscriptionsPerClient = 1
        var bench = Bench(limits)
        #expect(bench.connect(1, Connect(clientID: "a")) == true)
        #expect(bench.connect(2, Connect(clientID: "b")) == false)
        #expect(bench.taken(2) == [.connAck(ConnAck(reason: .quotaExceeded))])
        _ = bench.taken(1)
        bench.subscribe(1, try subscription("a"))
        bench.subscribe(1, try subscription("b"))
        bench.subscribe(1, try subscription("a", .atLeastOnce))
        bench.subscribe(1, try subscription("$share/g/a"))
        let reasons = bench.taken(1).flatMap { packet -> [ReasonCode] in
            if case .subAck(let it) = packet { it.reasons } else { [] }
        }
        #expect(reasons == [.success, .quotaExceeded, .grantedQoS1, .quotaExceeded])
    }

    @Test func nobodySubscribed() {
        var bench = Bench()
        for index in 0..<100 { bench.publish("t", "\(index)") }
        #expect(bench.effects.outgoing.isEmpty)
        #expect(bench.core.statistics.messagesReceived == 100)
        #expect(bench.core.statistics.messagesQueued == 0)
    }
}
