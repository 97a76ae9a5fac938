public import NIOCore

/// The host side of Sparkplug B: follows births, deaths and sequence numbers, and gives values back their names
/// (Sparkplug 3.0, 5.4 and 6.4).
///
/// A pure value: time is an argument, and what comes of a message is added to `HostEvents`. What it costs to take a
/// value: the lookup of its alias.
public struct HostApplication: Sendable {
    enum Route {
        case message(SparkplugTopic.Kind, scope: Int)
        case command
        case state(isOwn: Bool)
    }

    let settings: HostSettings
    public internal(set) var counts = HostCounts()
    var table = MetricTable()
    var nodes: [HostNode] = []
    var scopes: [HostScope] = []
    /// Nodes with messages that wait.
    var waiting: Set<Int> = []
    var heldBytes = 0
    var births: UInt64 = 0
    private var routes: [ByteBuffer: Route] = [:]
    private var nodeNumbers: [EdgeNodeID: Int] = [:]

    public init(_ settings: HostSettings) { self.settings = settings }

    /// How many metrics there are.
    public var metricCount: Int { table.entries.count }

    /// What a metric is; `metric` is a number from `HostEvents`.
    public func definition(of metric: Int) -> MetricDefinition { table[metric].definition }

    /// Edge nodes that are alive.
    public var nodesOnline: Int { nodes.count { $0.session != .unknown } }

    /// A connection to the broker begins: messages may have been missed, births among them.
    public mutating func connected() {
        for node in nodes.indices { nodes[node].following = .afterPause }
    }

    /// Messages come again: nodes that are known from before are asked for their births, as a metric that did not
    /// change meanwhile would say nothing for long.
    public mutating func subscribed(now: UInt64, into events: inout HostEvents) {
        for node in nodes.indices where nodes[node].session != .unknown && nodes[node].following == .afterPause {
            wantRebirth(node, now: now, &events)
        }
    }

    /// One message came.
    ///
    /// - Parameters:
    ///   - isRetained: whether the broker kept the message: it then has no place in a sequence.
    ///   - isRepeated: whether the broker says that it may have sent the message before, on another connection.
    ///   - message: a number of the caller's choice, which comes back when the message is done with.
    ///   - now: milliseconds of a clock that never jumps.
    public mutating func received(
        topic: ByteBuffer, payload: ByteBuffer, isRetained: Bool = false, isRepeated: Bool = false, message: UInt64,
        now: UInt64,
        into events: inout HostEvents
    ) {
        let route: Route
        switch self.route(of: topic) {
        case .success(let known): route = known
        case .failure(let refused):
            counts.refused += 1
            events.refused.append(
                .init(message: message, topic: String(buffer: topic), payload: payload, reason: refused.reason))
            events.settled.append(message)
            return
        }
        switch route {
        case .command: events.settled.append(message)
        case .state(let isOwn):
            // What the broker kept is from before this connection, which says that the host is there.
            if isOwn, !isRetained, let state = payload.withUnsafeReadableBytes({ HostState($0) }), !state.isOnline {
                events.republishesState = true
            }
            events.settled.append(message)
        case .message(let kind, let scope):
            let arrival = Arrival(
                kind: kind, scope: scope, node: scopes[scope].node, isRetained: isRetained,
                isRepeated: isRepeated, message: message, now: now)
            payload.withUnsafeReadableBytes { bytes in take(arrival, bytes, payload, &events) }
        }
    }

    /// What is known of a message before its payload is read.
    struct Arrival {
        var kind: SparkplugTopic.Kind
        var scope: Int
        var node: Int
        var isRetained = false
        var isRepeated = false
        var message: UInt64
        var now: UInt64
    }

    private mutating func take(
        _ arrival: Arrival, _ bytes: UnsafeRawBufferPointer, _ payload: ByteBuffer, _ events: inout HostEvents
    ) {
        do throws(PayloadError) {
            let reader = try PayloadReader(bytes, limits: settings.limits)
            switch arrival.kind {
            case .nodeBirth: try nodeBorn(arrival, reader, &events)
            case .nodeDeath: try nodeDied(arrival, reader, &events)
            case _ where arrival.isRetained: apply(arrival, reader, payload, &events)
            default: sequenced(arrival, reader, payload, &events)
            }
        } catch {
            refuse(arrival, payload, .payload(error), &events)
        }
    }

    /// The message is done with, and not understood.
    mutating func refuse(
        _ arrival: Arrival, _ payload: ByteBuffer, _ reason: HostEvents.Reason, _ events: inout HostEvents
    ) {
        counts.refused += 1
        let topic = SparkplugTopic.message(
            arrival.kind, nodes[arrival.node].id, device: scopes[arrival.scope].device)
        events.refused.append(
            .init(message: arrival.message, topic: topic.text, payload: payload, reason: reason))
        events.settled.append(arrival.message)
    }

    // MARK: Topics

    private struct RefusedTopic: Error {
        var reason: HostEvents.Reason
    }

    private mutating func route(of topic: ByteBuffer) -> Result<Route, RefusedTopic> {
        if let known = routes[topic] { return .success(known) }
        switch SparkplugTopic(String(buffer: topic)) {
        case .none: return .failure(RefusedTopic(reason: .topic))
        case .state(let host, _): return .success(remember(topic, .state(isOwn: host == settings.hostID)))
        case .message(let kind, let id, let device):
            if kind == .nodeCommand || kind == .deviceCommand { return .success(remember(topic, .command)) }
            guard let scope = scope(of: id, device: device) else {
                return .failure(RefusedTopic(reason: .tooManyScopes(limit: settings.scopesMax)))
            }
            return .success(remember(topic, .message(kind, scope: scope)))
        }
    }

    private mutating func remember(_ topic: ByteBuffer, _ route: Route) -> Route {
        // Three topics for each scope, and a few hosts.
        guard routes.count < 4 * settings.scopesMax else { return route }
        // A copy: the topic is a slice of all that was read from the socket.
        routes[ByteBuffer(bytes: topic.readableBytesView)] = route
        return route
    }

    private mutating func scope(of id: EdgeNodeID, device: String?) -> Int? {
        var number = nodeNumbers[id]
        if number == nil {
            guard scopes.count < settings.scopesMax else { return nil }
            number = nodes.count
            nodeNumbers[id] = nodes.count
            scopes.append(HostScope(node: nodes.count))
            nodes.append(HostNode(id: id, scope: scopes.count - 1))
        }
        guard let number else { return nil }
        guard let device else { return nodes[number].scope }
        if let known = nodes[number].devices[device] { return known }
        guard scopes.count < settings.scopesMax else { return nil }
        scopes.append(HostScope(node: number, device: device))
        nodes[number].devices[device] = scopes.count - 1
        return scopes.count - 1
    }

    // MARK: Rebirth

    /// Births are missing: the node is asked for them, not too often.
    mutating func wantRebirth(_ node: Int, now: UInt64, _ events: inout HostEvents) {
        nodes[node].needsRebirth = true
        guard settings.requestsRebirth else { return }
        if let last = nodes[node].lastRequest, now < last &+ settings.rebirthIntervalMilliseconds { return }
        nodes[node].lastRequest = now
        counts.rebirthRequests += 1
        events.rebirths.append(nodes[node].id)
    }

    /// The payload of a request for births (Sparkplug 3.0, 6.4.13): `Node Control/Rebirth` is true.
    public static func rebirthRequest(timestamp: UInt64) -> Payload {
        Payload(
            timestamp: timestamp,
            metrics: [Metric(rebirthMetric, timestamp: timestamp, .boolean, .boolean(true))])
    }

    /// The metric that asks a node for its births.
    public static let rebirthMetric = "Node Control/Rebirth"
    /// The metric that counts a node's sessions.
    public static let bdSeqMetric = "bdSeq"
}
