public import NIOCore

/// One connection from the broker's side: which packets may come when, and how long it may be silent
/// (MQTT 5.0 sections 3.1 and 4.13).
public struct BrokerConnection: ~Copyable {
    /// What to do with a packet.
    public enum Action: Equatable, Sendable {
        /// The client wants to connect.
        case admit(Connect)
        /// Serve the packet.
        case serve
        /// Serve this message in place of the one with a topic alias.
        case serveResolved(Publish)
        /// The client says goodbye; without its will unless it asks for it.
        case leave(publishWill: Bool, sessionExpirySeconds: UInt32?)
        /// Answer CONNECT with this code and close.
        case refuse(ReasonCode, MQTTVersion)
        /// Close, in 5.0 after a DISCONNECT with this code.
        case violation(ReasonCode)
    }

    /// What to do at a deadline.
    public enum DeadlineAction: Equatable, Sendable {
        case wait(until: NIODeadline)
        /// No deadline any more.
        case off
        /// The client was silent for too long.
        case lapsed
    }

    private enum State: Equatable {
        case awaitingConnect(until: NIODeadline)
        case open(version: MQTTVersion, silence: TimeAmount?, sessionExpirySeconds: UInt32)
        case ended
    }

    private var state: State
    private var aliases: IncomingTopicAliases
    private var lastReceived: NIODeadline

    /// - Parameters:
    ///   - connectTimeout: how long CONNECT may take.
    ///   - topicAliasMaximum: what CONNACK offers.
    public init(now: NIODeadline, connectTimeout: TimeAmount, topicAliasMaximum: UInt16 = 0) {
        aliases = IncomingTopicAliases(maximum: topicAliasMaximum)
        state = .awaitingConnect(until: now + connectTimeout)
        lastReceived = now
    }

    /// Whether CONNECT was accepted once, so that a DISCONNECT makes sense.
    public private(set) var hasServed = false

    public mutating func packetReceived(_ packet: Packet, now: NIODeadline) -> Action {
        lastReceived = now
        switch (state, packet) {
        case (.awaitingConnect, .connect(let connect)): return connectReceived(connect)
        case (.awaitingConnect, _), (.ended, _): return end(.protocolError)
        case (.open(_, _, let expiry), .disconnect(let disconnect)):
            let newExpiry = disconnect.properties.sessionExpiryInterval
            if expiry == 0, let newExpiry, newExpiry > 0 { return end(.protocolError) }
            state = .ended
            return .leave(
                publishWill: disconnect.reason == .disconnectWithWill, sessionExpirySeconds: newExpiry)
        case (.open, .publish(let publish)):
            if publish.properties.isEmpty { return .serve }
            if !publish.properties.subscriptionIdentifiers.isEmpty { return end(.protocolError) }
            switch aliases.resolve(publish) {
            case .unchanged: return .serve
            case .resolved(let resolved): return .serveResolved(resolved)
            case .violation(let reason): return end(reason)
            }
        case (.open, .pubAck), (.open, .pubRec), (.open, .pubRel), (.open, .pubComp), (.open, .subscribe),
            (.open, .unsubscribe), (.open, .pingReq):
            return .serve
        case (.open, .connect), (.open, .connAck), (.open, .subAck), (.open, .unsubAck), (.open, .pingResp),
            (.open, .auth):
            return end(.protocolError)
        }
    }

    private mutating func connectReceived(_ connect: Connect) -> Action {
        if connect.properties.authenticationMethod != nil { return refuse(.badAuthenticationMethod, connect.version) }
        // 3.1.1 gives an empty client id no session to come back to (section 3.1.3.1).
        if connect.clientID.isEmpty && connect.version == .v311 && !connect.cleanStart {
            return refuse(.clientIdentifierNotValid, connect.version)
        }
        let seconds = Int64(connect.keepAliveSeconds)
        hasServed = true
        state = .open(
            version: connect.version, silence: seconds == 0 ? nil : .milliseconds(seconds * 1500),
            sessionExpirySeconds: connect.sessionExpirySeconds)
        return .admit(connect)
    }

    private mutating func refuse(_ reason: ReasonCode, _ version: MQTTVersion) -> Action {
        state = .ended
        return .refuse(reason, version)
    }

    private mutating func end(_ reason: ReasonCode) -> Action {
        state = .ended
        return .violation(reason)
    }

    public mutating func deadlineReached(now: NIODeadline) -> DeadlineAction {
        switch state {
        case .awaitingConnect(let until):
            if now < until { return .wait(until: until) }
        case .open(_, let silence?, _):
            if now < lastReceived + silence { return .wait(until: lastReceived + silence) }
        case .open(_, nil, _), .ended: return .off
        }
        state = .ended
        return .lapsed
    }
}

extension Connect {
    /// How long the broker keeps the session after the connection, in seconds; `UInt32.max` is for ever.
    public var sessionExpirySeconds: UInt32 {
        switch version {
        case .v311: cleanStart ? 0 : .max
        case .v5: properties.sessionExpiryInterval ?? 0
        }
    }
}
