import FuzzKit
import MQTTCore
import NIOCore

/// Sends what a peer may send through the machines of both ends; nothing it sends may trap them.
enum MachineFuzz {
    private static let start = NIODeadline.uptimeNanoseconds(1)

    /// The first byte says whose end the bytes reach, and in which version.
    @Sendable static func connection(_ input: ByteBuffer) {
        var input = input
        guard let kind: UInt8 = input.readInteger() else { return }
        if kind & 1 == 0 { broker(input) } else { client(input, kind & 2 == 0 ? .v311 : .v5) }
    }

    private static func client(_ input: ByteBuffer, _ version: MQTTVersion) {
        var input = input
        var decoder = PacketDecoder(version: version, limits: PacketLimits(maximumPacketSize: 65_536))
        var machine = ClientConnection(
            Connect(version: version, clientID: "c", properties: version == .v5 ? [.topicAliasMaximum(4)] : []))
        var session = ClientSession(maximumWaiting: 8)
        _ = machine.transportConnected()
        var open: [DeliveryToken] = []
        while let packet = try? decoder.next(&input) {
            switch packet {
            case .connAck(let connAck):
                guard case .connected(let negotiated) = machine.connAckReceived(connAck, now: start) else { return }
                _ = session.connected(negotiated, generation: 1)
                for qos in [QoS.atLeastOnce, .exactlyOnce] {
                    _ = session.publish(Publish(topic: "own", payload: ByteBuffer(), qos: qos), request: 1)
                }
                while let publish = session.nextToSend() {
                    PacketFuzz.check(.publish(machine.publishLeaving(publish)), version)
                }
                if let id = session.reservePacketID() {
                    _ = machine.subscriptionRequested(id, request: 2, filters: 1, isSubscribe: true)
                }
            case .publish(let publish):
                guard case .receive(let resolved) = machine.publishReceived(publish) else { return }
                demand(resolved.topic.readableBytes > 0 && resolved.properties.topicAlias == nil, "an open alias")
                switch session.publishReceived(resolved) {
                case .deliver(let token?): open.append(token)
                case .deliver(nil), .ignore, .repeatPubRec: break
                case .violation: return
                }
            case .pubAck(let it): _ = session.pubAckReceived(it)
            case .pubRec(let it): _ = session.pubRecReceived(it)
            case .pubComp(let it): _ = session.pubCompReceived(it)
            case .pubRel(let it): _ = session.pubRelReceived(it.packetID)
            case .subAck(let it): if case .violation = machine.subAckReceived(it) { return }
            case .unsubAck(let it): if case .violation = machine.unsubAckReceived(it) { return }
            case .pingResp: machine.bytesReceived(now: start)
            default: return
            }
            if open.count > 2, let last = open.last {
                if open.count % 2 == 0 {
                    session.acknowledge(through: last)
                } else {
                    session.refuse(from: open[0], through: last, .quotaExceeded)
                }
                open.removeAll()
                while session.nextAnswer() != nil {}
            }
        }
        demand(session.unacknowledged <= Int(UInt16.max))
        _ = machine.deadlineReached(now: start + .hours(1))
        _ = machine.ended()
    }

    private static func broker(_ input: ByteBuffer) {
        var input = input
        var decoder = PacketDecoder(version: nil, limits: PacketLimits(maximumPacketSize: 65_536))
        var machine = BrokerConnection(now: start, connectTimeout: .seconds(1), topicAliasMaximum: 4)
        var session = BrokerSession(limits: .init(maximumQueuedMessages: 8, maximumInFlight: 4))
        while let packet = try? decoder.next(&input) {
            var packet = packet
            switch machine.packetReceived(packet, now: start) {
            case .admit(let connect):
                for again in session.connected(connect) { PacketFuzz.check(again, connect.version) }
                for qos in QoS.allCases {
                    _ = session.deliver(Publish(topic: "to", payload: ByteBuffer(), qos: qos), expiry: nil)
                }
            case .serve: break
            case .serveResolved(let publish): packet = .publish(publish)
            case .leave, .refuse, .violation: return
            }
            switch packet {
            case .publish(let publish):
                demand(publish.topic.readableBytes > 0 && publish.properties.topicAlias == nil, "an open alias")
                if publish.qos == .exactlyOnce { _ = session.exactlyOnceReceived(publish.packetID, limit: 4) }
                _ = session.deliver(publish, expiry: start + .seconds(1))
            case .pubAck(let it), .pubComp(let it): session.deliveryFinished(it.packetID)
            case .pubRec(let it): _ = session.pubRecReceived(it)
            case .pubRel(let it): _ = session.pubRelReceived(it.packetID)
            default: break
            }
            while session.nextToSend(now: start) != nil { session.bytesWritten(1 << 20) }
            demand(session.queuedMessages <= 8 && session.inFlight <= 4, "more than the limits allow")
        }
    }

    /// A whole conversation from each end's view.
    static var seeds: [[UInt8]] {
        MQTTVersion.allCases.flatMap { version in
            let packets = everyPacket(version)
            func wire(_ kind: UInt8, _ packets: [Packet]) -> [UInt8] {
                var wire = ByteBuffer(bytes: [kind])
                for packet in packets {
                    do {
                        try wire.writeMQTT(packet, version: version)
                    } catch {
                        unexpected("no seed of \(packet): \(error)")
                    }
                }
                return Array(wire.readableBytesView)
            }
            let fromBroker = packets.filter {
                [.connAck, .publish, .pubAck, .pubRec, .pubRel, .pubComp].contains($0.type)
            }
            let connect = Packet.connect(Connect(version: version, clientID: "c", cleanStart: false))
            let fromClient = packets.filter {
                [.publish, .pubAck, .pubRec, .pubRel, .pubComp, .subscribe, .unsubscribe, .pingReq].contains($0.type)
            }
            return [
                wire(version == .v311 ? 1 : 3, [.connAck(ConnAck())] + fromBroker.dropFirst()),
                wire(version == .v311 ? 1 : 3, fromBroker), wire(0, [connect] + fromClient),
            ]
        }
    }
}
