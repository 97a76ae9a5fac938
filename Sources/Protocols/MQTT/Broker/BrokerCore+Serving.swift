import MQTTCore
import NIOCore

/// The packets of a connected client.
extension BrokerCore {
    /// Serves one packet that the connection's machine let through.
    mutating func serve(
        _ packet: Packet, from connection: ConnectionID, now: NIODeadline, _ effects: inout BrokerEffects
    ) {
        guard let key = connections[connection] else { return }
        switch packet {
        case .publish(let publish): serve(publish, key: key, connection: connection, now: now, &effects)
        case .pubAck(let answer), .pubComp(let answer):
            clients[key]?.session.deliveryFinished(answer.packetID)
            flush(key, now: now, &effects)
        case .pubRec(let answer):
            if let pubRel = clients[key]?.session.pubRecReceived(answer) {
                effects.send(.pubRel(pubRel), to: connection)
            } else {
                flush(key, now: now, &effects)
            }
        case .pubRel(let answer):
            if let pubComp = clients[key]?.session.pubRelReceived(answer.packetID) {
                effects.send(.pubComp(pubComp), to: connection)
            }
        case .subscribe(let it): subscribe(it, key: key, connection: connection, now: now, &effects)
        case .unsubscribe(let it): unsubscribe(it, key: key, connection: connection, &effects)
        case .pingReq: effects.send(.pingResp, to: connection)
        case .connect, .connAck, .subAck, .unsubAck, .pingResp, .disconnect, .auth: break
        }
    }

    private mutating func serve(
        _ publish: Publish, key: ClientKey, connection: ConnectionID, now: NIODeadline,
        _ effects: inout BrokerEffects
    ) {
        if let reason = refusal(of: publish, from: key, now: now) {
            counters.messagesRefused += 1
            // 3.1.1 has no word for a refusal: the message is acknowledged and forgotten.
            let answer = Acknowledgement(publish.packetID, reason: clients[key]?.version == .v5 ? reason : .success)
            switch publish.qos {
            case .atMostOnce: break
            case .atLeastOnce: effects.send(.pubAck(answer), to: connection)
            case .exactlyOnce: effects.send(.pubRec(answer), to: connection)
            }
            return
        }
        switch publish.qos {
        case .atMostOnce: self.publish(publish, from: key, now: now, &effects)
        case .atLeastOnce:
            self.publish(publish, from: key, now: now, &effects)
            effects.send(.pubAck(Acknowledgement(publish.packetID)), to: connection)
        case .exactlyOnce:
            let limit = receiveLimit(key)
            guard let reception = clients[key]?.session.exactlyOnceReceived(publish.packetID, limit: limit)
            else { return }
            switch reception {
            case .new: self.publish(publish, from: key, now: now, &effects)
            case .known: break
            case .tooMany:
                effects.closing.append((connection, .receiveMaximumExceeded))
                return
            }
            effects.send(.pubRec(Acknowledgement(publish.packetID)), to: connection)
        }
    }

    /// Why a message is not taken: the client has no right to its topic, or there is no room to keep it.
    private func refusal(of publish: Publish, from key: ClientKey, now: NIODeadline) -> ReasonCode? {
        if let permissions = clients[key]?.permissions, !permissions.allowsPublishing(publish.topicText) {
            return .notAuthorized
        }
        if publish.retain, !retained.hasRoom(for: publish) { return .quotaExceeded }
        return nil
    }

    /// 3.1.1 has no receive maximum: only the packet identifiers limit it.
    private func receiveLimit(_ key: ClientKey) -> Int {
        clients[key]?.version == .v5 ? Int(limits.receiveMaximum) : Int(UInt16.max)
    }
}
