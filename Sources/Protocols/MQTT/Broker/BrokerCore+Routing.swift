import MQTTCore
import NIOCore

/// From publisher to subscribers.
extension BrokerCore {
    /// What all the subscriptions of one client that mean a topic ask for together.
    private struct Match {
        var qos: QoS
        var keepsRetainFlag: Bool
        var identifiers: [Int]
    }

    /// Routes one message; the topic must be a valid topic name. `topic` is its text, where the caller has that.
    mutating func publish(
        _ message: Publish, topic: String? = nil, from publisher: ClientKey?, now: NIODeadline,
        _ effects: inout BrokerEffects
    ) {
        counters.messagesReceived += 1
        if tree.isEmpty && !message.retain { return }
        let topic = topic ?? message.topicText
        let expiry = message.properties.messageExpiryInterval.map { now + .seconds(Int64($0)) }
        var copy: Publish?
        if message.retain {
            let own = message.detached
            copy = own
            if !retained.store(own, topic: topic, expiry: expiry) { counters.messagesDropped += 1 }
        }
        let (matches, groups) = matches(topic, publisher)
        for (key, match) in matches {
            let own = copy ?? message.detached
            copy = own
            deliver(own, to: key, match, retain: own.retain && match.keepsRetainFlag, expiry: expiry)
            flush(key, now: now, &effects)
        }
        for group in groups {
            let own = copy ?? message.detached
            copy = own
            if let member = deliver(own, to: group, expiry: expiry) { flush(member, now: now, &effects) }
        }
    }

    /// Gives a message to one member of a group; nil when none can take it.
    private mutating func deliver(
        _ message: Publish, to group: SubscriptionTree.GroupPlace, expiry: NIODeadline?
    ) -> ClientKey? {
        guard let entry = tree.next(of: group, rank) else { return nil }
        let match = Match(
            qos: entry.subscription.qos, keepsRetainFlag: entry.subscription.retainAsPublished,
            identifiers: entry.identifier.map { [$0] } ?? [])
        deliver(
            message, to: entry.client, match, retain: message.retain && match.keepsRetainFlag, expiry: expiry,
            share: entry.subscription.filter)
        return entry.client
    }

    /// Gives what a member whose session is over did not get to the others of its groups (section 4.8.2).
    mutating func handOver(_ messages: [BrokerSession.Shared], now: NIODeadline, _ effects: inout BrokerEffects) {
        var members: Set<ClientKey> = []
        for message in messages {
            guard let group = tree.group(of: message.filter) else { continue }
            var publish = message.publish.detached
            publish.properties.removeAll(.subscriptionIdentifier)
            if let member = deliver(publish, to: group, expiry: message.expiry) { members.insert(member) }
        }
        for member in members.sorted() { flush(member, now: now, &effects) }
    }

    /// How well a member of a group can take a message: idle before busy before away; nil cannot (section 4.8.2).
    private func rank(_ entry: SubscriptionTree.Entry) -> Int? {
        guard let client = clients[entry.client] else { return nil }
        if client.connection != nil { return client.session.queuedMessages == 0 ? 0 : 1 }
        return entry.subscription.qos == .atMostOnce ? nil : 2
    }

    private func matches(
        _ topic: String, _ publisher: ClientKey?
    ) -> ([(key: ClientKey, match: Match)], [SubscriptionTree.GroupPlace]) {
        var matches: [(key: ClientKey, match: Match)] = []
        // Only where a message goes to several clients are they looked up.
        var places: [ClientKey: Int] = [:]
        let groups = tree.forEachMatch(topic) { entry in
            let subscription = entry.subscription
            if subscription.noLocal && entry.client == publisher { return }
            if matches.count == 1, places.isEmpty { places[matches[0].key] = 0 }
            let place = matches.isEmpty ? 0 : places[entry.client] ?? matches.count
            if place == matches.count {
                matches.append((entry.client, Match(qos: .atMostOnce, keepsRetainFlag: false, identifiers: [])))
                if place > 0 { places[entry.client] = place }
            }
            matches[place].match.qos = max(matches[place].match.qos, subscription.qos)
            if subscription.retainAsPublished { matches[place].match.keepsRetainFlag = true }
            if let identifier = entry.identifier { matches[place].match.identifiers.append(identifier) }
        }
        return (matches, groups)
    }

    private mutating func deliver(
        _ message: Publish, to key: ClientKey, _ match: Match, retain: Bool, expiry: NIODeadline?,
        share: TopicFilter? = nil
    ) {
        var message = message
        message.qos = min(message.qos, match.qos)
        message.retain = retain
        for identifier in match.identifiers { message.properties.append(.subscriptionIdentifier(identifier)) }
        switch clients[key]?.session.deliver(message, expiry: expiry, share: share) {
        case .queued: counters.messagesQueued += 1
        case .dropped: counters.messagesDropped += 1
        case .notKept, nil: break
        }
    }

    /// SUBSCRIBE: answers, then sends the retained messages that belong to the new subscriptions.
    mutating func subscribe(
        _ subscribe: Subscribe, key: ClientKey, connection: ConnectionID, now: NIODeadline,
        _ effects: inout BrokerEffects
    ) {
        var reasons: [ReasonCode] = []
        var wanted: [(subscription: Subscription, identifier: Int?)] = []
        let identifier = subscribe.properties.subscriptionIdentifiers.first
        for subscription in subscribe.subscriptions {
            let filter = subscription.filter
            if let permissions = clients[key]?.permissions, !permissions.allowsSubscribing(filter) {
                reasons.append(.notAuthorized)
                continue
            }
            let isKnown = clients[key]?.subscriptions.contains(filter) ?? false
            let room = (clients[key]?.subscriptions.count ?? 0) < limits.maximumSubscriptionsPerClient
            guard isKnown || room else {
                reasons.append(.quotaExceeded)
                continue
            }
            let isNew = tree.insert(.init(client: key, subscription: subscription, identifier: identifier))
            clients[key]?.subscriptions.insert(filter)
            reasons.append(.granted(subscription.qos))
            // Retained messages do not go to groups (section 4.8.2).
            if filter.shareName != nil { continue }
            switch subscription.retainHandling {
            case .always: wanted.append((subscription, identifier))
            case .ifNew: if isNew { wanted.append((subscription, identifier)) }
            case .never: break
            }
        }
        effects.send(.subAck(SubAck(packetID: subscribe.packetID, reasons: reasons)), to: connection)
        for (subscription, identifier) in wanted {
            let match = Match(
                qos: subscription.qos, keepsRetainFlag: true, identifiers: identifier.map { [$0] } ?? [])
            for message in retained.matching(subscription.filter, now: now) {
                deliver(message.publish, to: key, match, retain: true, expiry: message.expiry)
            }
        }
        flush(key, now: now, &effects)
    }

    /// UNSUBSCRIBE: answers with one reason for each filter.
    mutating func unsubscribe(
        _ unsubscribe: Unsubscribe, key: ClientKey, connection: ConnectionID, _ effects: inout BrokerEffects
    ) {
        let reasons = unsubscribe.filters.map { filter in
            clients[key]?.subscriptions.remove(filter)
            return tree.remove(filter, of: key) ? ReasonCode.success : .noSubscriptionExisted
        }
        effects.send(.unsubAck(UnsubAck(packetID: unsubscribe.packetID, reasons: reasons)), to: connection)
    }
}

extension Publish {
    /// The message with memory of its own, no longer tied to the bytes of a read.
    fileprivate var detached: Publish {
        var copy = self
        var memory = ByteBuffer()
        memory.reserveCapacity(topic.readableBytes + payload.readableBytes)
        memory.writeImmutableBuffer(topic)
        memory.writeImmutableBuffer(payload)
        copy.topic = memory.readSlice(length: topic.readableBytes) ?? topic
        copy.payload = memory.slice()
        copy.packetID = 0
        copy.isDuplicate = false
        return copy
    }
}
