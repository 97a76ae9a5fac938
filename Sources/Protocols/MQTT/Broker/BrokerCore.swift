import MQTTCore
import NIOCore

/// The routing state of a broker: clients, subscriptions, retained messages and wills. Pure: time is an argument,
/// effects are collected for the shell.
struct BrokerCore: Sendable {
    /// A client with its session, connected or away.
    struct Client: Sendable {
        var name: String
        var session: BrokerSession
        var connection: ConnectionID?
        var version: MQTTVersion
        var will: Will?
        /// nil allows everything.
        var permissions: BrokerPermissions?
        var expirySeconds: UInt32
        var subscriptions: Set<TopicFilter> = []
        /// When the session of an absent client ends; nil while connected.
        var endsAt: NIODeadline?
        var delayedWill: (message: Publish, due: NIODeadline)?
    }

    let limits: BrokerLimits
    var clients: [ClientKey: Client] = [:]
    var keys: [String: ClientKey] = [:]
    var connections: [ConnectionID: ClientKey] = [:]
    var tree = SubscriptionTree()
    var retained: RetainedMessages
    var counters = BrokerStatistics()
    private var lastKey: ClientKey = 0

    init(limits: BrokerLimits) {
        self.limits = limits
        retained = RetainedMessages(
            maximumMessages: limits.maximumRetainedMessages, maximumBytes: limits.maximumRetainedBytes)
    }

    var statistics: BrokerStatistics {
        var result = counters
        result.connections = connections.count
        result.sessions = clients.count
        result.subscriptions = tree.count
        result.retainedMessages = retained.count
        result.messagesInFlight = clients.values.reduce(0) { $0 + $1.session.inFlight }
        return result
    }

    /// A client connects: answers with CONNACK, takes over its session and sends what waited.
    ///
    /// - Parameters:
    ///   - permissions: nil allows everything.
    ///   - assignedID: the client id to give when the client brings none.
    /// - Returns: whether it was accepted; otherwise the connection is to be closed after the CONNACK.
    mutating func connect(
        _ connect: Connect, _ permissions: BrokerPermissions? = nil, connection: ConnectionID, assignedID: String,
        now: NIODeadline, _ effects: inout BrokerEffects
    ) -> Bool {
        if let will = connect.will, permissions.map({ !$0.allowsPublishing(will.topic) }) ?? false {
            counters.connectionsRefused += 1
            effects.send(.connAck(ConnAck(reason: .notAuthorized)), to: connection)
            return false
        }
        let name = connect.clientID.isEmpty ? assignedID : connect.clientID
        if let old = keys[name].flatMap({ clients[$0]?.connection }) {
            effects.closing.append((old, .sessionTakenOver))
            disconnected(old, publishWill: true, sessionExpirySeconds: nil, now: now, &effects)
        }
        guard keys[name] != nil || clients.count < limits.maximumSessions else {
            counters.connectionsRefused += 1
            effects.send(.connAck(ConnAck(reason: .quotaExceeded)), to: connection)
            return false
        }
        if connect.cleanStart, let key = keys[name] { end(key, now: now, &effects) }
        let sessionPresent = keys[name] != nil
        let key = keys[name] ?? newClient(name)
        connections[connection] = key
        effects.send(.connAck(connAck(connect, name: name, sessionPresent: sessionPresent)), to: connection)
        clients[key]?.connection = connection
        clients[key]?.version = connect.version
        clients[key]?.will = connect.will
        clients[key]?.permissions = permissions
        clients[key]?.expirySeconds = min(connect.sessionExpirySeconds, limits.maximumSessionExpirySeconds)
        clients[key]?.endsAt = nil
        clients[key]?.delayedWill = nil
        for packet in clients[key]?.session.connected(connect) ?? [] { effects.send(packet, to: connection) }
        flush(key, now: now, &effects)
        return true
    }

    private mutating func newClient(_ name: String) -> ClientKey {
        lastKey += 1
        keys[name] = lastKey
        clients[lastKey] = Client(
            name: name, session: BrokerSession(limits: limits.session), version: .v5, expirySeconds: 0)
        return lastKey
    }

    private func connAck(_ connect: Connect, name: String, sessionPresent: Bool) -> ConnAck {
        guard connect.version == .v5 else { return ConnAck(sessionPresent: sessionPresent) }
        var properties: Properties = [
            .receiveMaximum(limits.receiveMaximum),
            .maximumPacketSize(UInt32(clamping: limits.packet.maximumPacketSize)),
        ]
        if limits.topicAliasMaximum > 0 { properties.append(.topicAliasMaximum(limits.topicAliasMaximum)) }
        if connect.clientID.isEmpty { properties.append(.assignedClientIdentifier(name)) }
        if connect.sessionExpirySeconds > limits.maximumSessionExpirySeconds {
            properties.append(.sessionExpiryInterval(limits.maximumSessionExpirySeconds))
        }
        return ConnAck(sessionPresent: sessionPresent, properties: properties)
    }

    /// A connection is over.
    ///
    /// - Parameters:
    ///   - publishWill: false after a regular DISCONNECT.
    ///   - sessionExpirySeconds: a new value from DISCONNECT.
    mutating func disconnected(
        _ connection: ConnectionID, publishWill: Bool, sessionExpirySeconds: UInt32?, now: NIODeadline,
        _ effects: inout BrokerEffects
    ) {
        guard let key = connections.removeValue(forKey: connection), let client = clients[key] else { return }
        let expiry = min(sessionExpirySeconds ?? client.expirySeconds, limits.maximumSessionExpirySeconds)
        let will = publishWill ? client.will : nil
        clients[key]?.connection = nil
        clients[key]?.will = nil
        clients[key]?.session.disconnected()
        let delay = min(will?.properties.willDelayInterval ?? 0, expiry)
        if let will, delay > 0 {
            clients[key]?.delayedWill = (will.message, now + .seconds(Int64(delay)))
        }
        if expiry == 0 {
            end(key, now: now, &effects)
        } else {
            clients[key]?.endsAt = now + .seconds(Int64(expiry))
        }
        if let will, delay == 0 { publish(will.message, from: nil, now: now, &effects) }
    }

    /// Forgets a client; a will that was delayed is due now (MQTT 5.0 section 3.1.3.2.2).
    private mutating func end(_ key: ClientKey, now: NIODeadline, _ effects: inout BrokerEffects) {
        guard let client = clients.removeValue(forKey: key) else { return }
        keys[client.name] = nil
        for filter in client.subscriptions { _ = tree.remove(filter, of: key) }
        counters.messagesDropped += UInt64(client.session.droppedMessages)
        handOver(client.session.handedBack(), now: now, &effects)
        if let will = client.delayedWill { publish(will.message, from: nil, now: now, &effects) }
    }

    /// Time passed: ends sessions, publishes delayed wills, forgets expired messages. Call it every second.
    mutating func timePassed(now: NIODeadline, _ effects: inout BrokerEffects) {
        for (key, client) in clients {
            if let endsAt = client.endsAt, endsAt <= now {
                end(key, now: now, &effects)
            } else if let will = client.delayedWill, will.due <= now {
                clients[key]?.delayedWill = nil
                publish(will.message, from: nil, now: now, &effects)
            }
        }
        retained.removeExpired(now: now)
    }

    /// Hands out what may be written to a client now.
    mutating func flush(_ key: ClientKey, now: NIODeadline, _ effects: inout BrokerEffects) {
        guard let connection = clients[key]?.connection else { return }
        while let publish = clients[key]?.session.nextToSend(now: now) {
            effects.outgoing[connection, default: []].append(.publish(publish))
        }
    }

    /// Bytes of messages reached the socket of a connection.
    mutating func written(
        _ bytes: Int, on connection: ConnectionID, now: NIODeadline, _ effects: inout BrokerEffects
    ) {
        guard let key = connections[connection] else { return }
        clients[key]?.session.bytesWritten(bytes)
        flush(key, now: now, &effects)
    }
}
