import MQTTCore
import NIOCore
import TestRandomness
import Testing

private let now = NIODeadline.uptimeNanoseconds(1)

/// Client and broker machines back to back: their packets go through the codec and a link that breaks at random.
private struct Twins {
    var random: SeededRandom
    var client = ClientSession()
    var broker = BrokerSession(limits: .init(maximumInFlight: 8))
    /// Bytes under way.
    var toClient = ByteBuffer()
    var toBroker = ByteBuffer()
    var generation: UInt32 = 0
    /// Received and not yet acknowledged by the application.
    var open: [DeliveryToken] = []
    var atClient: [String] = []
    var atBroker: [String] = []
    var settled: Set<UInt64> = []

    mutating func connect() throws {
        toClient.clear()
        toBroker.clear()
        open.removeAll()
        generation += 1
        broker.disconnected()
        let connect = Connect(clientID: "a", cleanStart: false, properties: [.receiveMaximum(5)])
        let again = broker.connected(connect)
        let negotiated = Negotiated(
            connect, ConnAck(sessionPresent: generation > 1, properties: [.receiveMaximum(4)]))
        for packet in client.connected(negotiated, generation: generation) {
            try toBroker.writeMQTT(packet, version: .v5)
        }
        for packet in again { try toClient.writeMQTT(packet, version: .v5) }
    }

    mutating func step() throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<3: try connect()
        case 3..<40: try clientReads()
        case 40..<75: try brokerReads()
        case 75..<85:
            while let publish = broker.nextToSend(now: now) { try toClient.writeMQTT(.publish(publish), version: .v5) }
            broker.bytesWritten(.max / 2)
        case 85..<90:
            while let publish = client.nextToSend() { try toBroker.writeMQTT(.publish(publish), version: .v5) }
        default: try acknowledge()
        }
    }

    mutating func acknowledge() throws {
        open.shuffle(using: &random)
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            if let token = open.popLast() { client.acknowledge(token) }
        }
        while let answer = client.nextAnswer() {
            switch answer {
            case .pubAck(let id): try toBroker.writeMQTT(.pubAck(Acknowledgement(id)), version: .v5)
            case .pubRec(let id): try toBroker.writeMQTT(.pubRec(Acknowledgement(id)), version: .v5)
            case .refusal(let id, _, _): Issue.record("\(id) was refused")
            }
        }
    }

    private mutating func clientReads() throws {
        for packet in try Self.packets(&toClient, &random) {
            switch packet {
            case .publish(let publish):
                switch client.publishReceived(publish) {
                case .deliver(let token):
                    atClient.append(String(buffer: publish.payload))
                    if let token { open.append(token) }
                case .repeatPubRec(let id): try toBroker.writeMQTT(.pubRec(Acknowledgement(id)), version: .v5)
                case .ignore: break
                case .violation(let reason): Issue.record("\(reason)")
                }
            case .pubRel(let it): try toBroker.writeMQTT(.pubComp(client.pubRelReceived(it.packetID)), version: .v5)
            case .pubAck(let it): try note(client.pubAckReceived(it))
            case .pubRec(let it): try note(client.pubRecReceived(it))
            case .pubComp(let it): try note(client.pubCompReceived(it))
            default: Issue.record("\(packet)")
            }
        }
    }

    private mutating func note(_ sent: ClientSession.Sent) throws {
        switch sent {
        case .finished(let request, _): settled.insert(request)
        case .sendPubRel(let pubRel): try toBroker.writeMQTT(.pubRel(pubRel), version: .v5)
        case .ignore: break
        }
    }

    private mutating func brokerReads() throws {
        for packet in try Self.packets(&toBroker, &random) {
            switch packet {
            case .publish(let publish) where publish.qos == .exactlyOnce:
                if broker.exactlyOnceReceived(publish.packetID, limit: 4) == .new {
                    atBroker.append(String(buffer: publish.payload))
                }
                try toClient.writeMQTT(.pubRec(Acknowledgement(publish.packetID)), version: .v5)
            case .publish(let publish):
                atBroker.append(String(buffer: publish.payload))
                try toClient.writeMQTT(.pubAck(Acknowledgement(publish.packetID)), version: .v5)
            case .pubAck(let it), .pubComp(let it): broker.deliveryFinished(it.packetID)
            case .pubRec(let it):
                if let pubRel = broker.pubRecReceived(it) { try toClient.writeMQTT(.pubRel(pubRel), version: .v5) }
            case .pubRel(let it): try toClient.writeMQTT(.pubComp(broker.pubRelReceived(it.packetID)), version: .v5)
            default: Issue.record("\(packet)")
            }
        }
    }

    /// A random part of what is under way arrives.
    private static func packets(_ wire: inout ByteBuffer, _ random: inout SeededRandom) throws -> [Packet] {
        guard wire.readableBytes > 0 else { return [] }
        var part = wire.readSlice(length: Int.random(in: 1...wire.readableBytes, using: &random)) ?? ByteBuffer()
        var decoder = PacketDecoder(version: .v5)
        var packets: [Packet] = []
        while let packet = try decoder.next(&part) { packets.append(packet) }
        // What is not whole stays in front of the rest.
        part.writeBuffer(&wire)
        wire = part
        return packets
    }
}

extension Sequence<String> {
    /// The order in which different elements came first.
    fileprivate var firsts: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}

@Suite struct TwinTests {
    /// Nothing is lost in either direction, order holds, and QoS 2 comes exactly once, whatever the link does.
    @Test(arguments: 1...40) func deliversThroughBrokenLinks(_ seed: Int) throws {
        for qos in [QoS.atLeastOnce, .exactlyOnce] {
            var twins = Twins(random: SeededRandom(seed: UInt64(seed)))
            try twins.connect()
            let sent = (1...60).map(String.init)
            for name in sent {
                #expect(
                    twins.broker.deliver(Publish(topic: "d", payload: text(name), qos: qos), expiry: nil) == .queued)
                #expect(
                    twins.client.publish(Publish(topic: "u", payload: text(name), qos: qos), request: UInt64(name) ?? 0)
                        == true)
            }
            var steps = 0
            while twins.broker.queuedMessages + twins.broker.inFlight + twins.client.unsettled > 0, steps < 100_000 {
                try twins.step()
                steps += 1
            }
            #expect(twins.atClient.firsts == sent)
            #expect(twins.atBroker.firsts == sent)
            #expect(twins.settled.count == sent.count)
            if qos == .exactlyOnce {
                #expect(twins.atBroker == sent)
                #expect(twins.atClient.count <= sent.count + twins.repeatsAllowed)
            }
        }
    }
}

extension Twins {
    /// A message of QoS 2 comes again when the link broke before its PUBREC: it had not been acknowledged.
    fileprivate var repeatsAllowed: Int { Int(generation) * 5 }
}
