import MQTTCore
import NIOCore
import Testing

private func message(_ topic: String, alias: UInt16? = nil) -> Publish {
    Publish(
        topic: topic, payload: text("x"),
        properties: [.contentType("c")] + (alias.map { [.topicAlias($0)] } ?? []))
}

extension Properties {
    fileprivate static func + (left: Properties, right: [Property]) -> Properties { Properties(left.all + right) }
}

@Suite struct TopicAliasTests {
    @Test func incomingNumbersAreLearntAndReplaced() {
        var aliases = IncomingTopicAliases(maximum: 2)
        #expect(aliases.resolve(message("a/b")) == .unchanged)
        #expect(aliases.resolve(message("a/b", alias: 2)) == .resolved(message("a/b")))
        #expect(aliases.resolve(message("", alias: 2)) == .resolved(message("a/b")))
        #expect(aliases.resolve(message("c", alias: 2)) == .resolved(message("c")))
        #expect(aliases.resolve(message("", alias: 2)) == .resolved(message("c")))
    }

    @Test func numbersBeyondTheLimitOrUnexplained() {
        var aliases = IncomingTopicAliases(maximum: 2)
        #expect(aliases.resolve(message("a", alias: 3)) == .violation(.topicAliasInvalid))
        #expect(aliases.resolve(message("", alias: 1)) == .violation(.protocolError))
        var none = IncomingTopicAliases(maximum: 0)
        #expect(none.resolve(message("a", alias: 1)) == .violation(.topicAliasInvalid))
    }

    /// What one end writes the other reads, at the limit and beyond it.
    @Test func bothWays() throws {
        var out = OutgoingTopicAliases(maximum: 3)
        var back = IncomingTopicAliases(maximum: 3)
        var bytes = 0
        for round in 0..<3 {
            for topic in ["plant/one", "plant/two", "plant/three", "plant/four"] {
                let original = message(topic)
                var leaving = original
                out.apply(to: &leaving, maximumPacketSize: nil)
                let wire = try encoded(.publish(leaving))
                #expect(wire.count == leaving.size(.v5))
                if round > 0 { bytes += wire.count }
                guard case .publish(let arrived)? = try decoded(wire).first else {
                    Issue.record("no PUBLISH")
                    return
                }
                switch back.resolve(arrived) {
                case .unchanged: #expect(topic == "plant/four" && arrived == original)
                case .resolved(let resolved): #expect(resolved == original)
                case .violation(let reason): Issue.record("\(reason)")
                }
            }
        }
        // Three topics of 9 to 11 bytes became three bytes each.
        #expect(bytes == 2 * (3 * (2 + 2 + 1 + 4 + 3 + 1) + 2 + 2 + 10 + 1 + 4 + 1))
    }

    @Test func noAliasWhereItBringsNothingOrThePacketWouldGrowTooLarge() {
        var aliases = OutgoingTopicAliases(maximum: 10)
        var short = message("abc")
        aliases.apply(to: &short, maximumPacketSize: nil)
        #expect(short == message("abc"))
        var large = message("plant/one")
        aliases.apply(to: &large, maximumPacketSize: large.size(.v5) + 3)
        #expect(large == message("plant/one"))
    }

    @Test func sizesAreExact() throws {
        for row in packetTable {
            guard case .publish(let publish) = row.packet else { continue }
            #expect(publish.size(row.version) == bytes(row.hex).count)
        }
        for property in PropertyTests.samples where property.id == .userProperty || property.id == .correlationData {
            let publish = Publish(topic: "t", payload: text("p"), properties: [property])
            #expect(try encoded(.publish(publish)).count == publish.size(.v5))
        }
    }

    @Test func machinesOfBothEnds() {
        let now = NIODeadline.uptimeNanoseconds(1)
        var client = ClientConnection(Connect(clientID: "a", properties: [.topicAliasMaximum(1)]))
        _ = client.transportConnected()
        _ = client.connAckReceived(ConnAck(properties: [.topicAliasMaximum(1)]), now: now)
        var broker = BrokerConnection(now: now, connectTimeout: .seconds(1), topicAliasMaximum: 1)
        _ = broker.packetReceived(.connect(Connect(clientID: "a")), now: now)

        let original = message("plant/one")
        for round in 0..<2 {
            let leaving = client.publishLeaving(original)
            #expect(leaving.topic.readableBytes == (round == 0 ? 9 : 0))
            #expect(broker.packetReceived(.publish(leaving), now: now) == .serveResolved(original))
            #expect(client.publishReceived(leaving) == .receive(original))
        }
        #expect(
            client.publishReceived(message("a", alias: 2))
                == .violation("a topic alias that was not offered or not explained", .topicAliasInvalid))
        #expect(broker.packetReceived(.publish(message("a", alias: 2)), now: now) == .violation(.topicAliasInvalid))
    }
}
