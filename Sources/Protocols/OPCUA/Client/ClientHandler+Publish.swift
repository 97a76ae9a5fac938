import NIOCore
import OPCUACore
import OPCUATypes

/// Publishing: keeps Publish requests at the server and hands on what they bring.
extension ClientHandler {
    /// The server created a subscription.
    func subscriptionCreated(_ response: CreateSubscriptionResponse, asked request: CreateSubscriptionRequest) {
        let keepAlive = Self.keepAliveInterval(
            publishingMilliseconds: response.revisedPublishingInterval, count: response.revisedMaxKeepAliveCount)
        let refresh = ModifySubscriptionRequest(
            subscriptionId: response.subscriptionId,
            requestedPublishingInterval: response.revisedPublishingInterval,
            requestedLifetimeCount: response.revisedLifetimeCount,
            requestedMaxKeepAliveCount: response.revisedMaxKeepAliveCount,
            maxNotificationsPerPublish: request.maxNotificationsPerPublish, priority: request.priority)
        subscriptions[response.subscriptionId] = Subscription(
            state: ClientSubscription(id: response.subscriptionId, keepAliveInterval: keepAlive, now: .now()),
            refresh: refresh, refreshAt: .now() + keepAlive)
        fillPublish()
    }

    /// The longest silence that a server announces; bounded, since the server may revise to any bits.
    static func keepAliveInterval(publishingMilliseconds: Double, count: UInt32) -> TimeAmount {
        guard publishingMilliseconds.isFinite else { return .seconds(10) }
        let milliseconds = max(publishingMilliseconds, 1) * Double(max(count, 1))
        return .milliseconds(Int64(min(milliseconds, 86_400_000)))
    }

    /// The receiver has taken a message for good: the server may forget it.
    func acknowledge(_ messages: [(subscription: UInt32, number: UInt32)]) {
        for (subscription, number) in messages {
            pool.acknowledge(subscriptionId: subscription, sequenceNumber: number)
        }
    }

    /// The receiver wants more, or nothing for now: Publish requests are withheld, the subscriptions stay.
    func demand(_ wanted: Bool) {
        guard wanted != pool.isDemanded else { return }
        pool.demand(wanted)
        for id in subscriptions.keys { subscriptions[id]?.state.heard(now: .now()) }
        fillPublish()
        flush()
    }

    private func fillPublish() {
        while let request = pool.nextPublish(hasSubscriptions: !subscriptions.isEmpty) {
            guard send(request, .publish) == nil else { return }
        }
    }

    func publishAnswered(_ message: ByteBuffer) {
        do throws(BinaryDecodingError) {
            let incoming = try IncomingMessage(message)
            if incoming.typeId == ServiceFault.binaryEncodingId {
                let fault = try ServiceFault(decoding: incoming.body, limits: configuration.decoding)
                return publishFailed(fault.responseHeader.serviceResult)
            }
            guard incoming.typeId == PublishResponse.binaryEncodingId else {
                return fail(OPCUAError(.badUnknownResponse, "a Publish was answered with something else"))
            }
            let response = try PublishResponseReader(incoming.body, limits: configuration.decoding)
            guard response.responseHeader.serviceResult.isGood else {
                return publishFailed(response.responseHeader.serviceResult)
            }
            pool.answered()
            received(response.notification, of: response.subscriptionId)
        } catch {
            return fail(OPCUAError(error, in: "a Publish response"))
        }
        fillPublish()
    }

    private func publishFailed(_ status: StatusCode) {
        // The last subscription is gone on purpose; nothing is to be published then.
        if status.base == .badNoSubscription, subscriptions.isEmpty { return pool.answered() }
        switch pool.failed(status) {
        case .wait: fillPublish()
        case .fail(let error): fail(error)
        }
    }

    private func received(_ message: NotificationReader, of id: UInt32) {
        // A message of a subscription of an earlier connection: nobody here waits for it.
        guard var subscription = subscriptions[id] else { return }
        if let status = message.statusChange, !status.isGood {
            return fail(OPCUAError(status, "the server ended the subscription"))
        }
        let action = subscription.state.received(
            number: message.sequenceNumber, message: message.isKeepAlive ? nil : message, now: .now())
        subscriptions[id] = subscription
        switch action {
        case .deliver: deliver(message, of: id)
        case .duplicate: pool.acknowledge(subscriptionId: id, sequenceNumber: message.sequenceNumber)
        case .alive, .wait: break
        case .republish(let number): republish(number, of: id)
        case .fail(let error): fail(error)
        }
    }

    private func deliver(_ message: NotificationReader, of id: UInt32) {
        do {
            try receiver.notifications(message, of: id)
        } catch let error as BinaryDecodingError {
            fail(OPCUAError(error, in: "a notification"))
        } catch {
            fail(OPCUAError(.badUnexpectedError, "a notification could not be taken: \(error)"))
        }
    }

    private func republish(_ number: UInt32, of id: UInt32) {
        send(RepublishRequest(subscriptionId: id, retransmitSequenceNumber: number), .republish(subscription: id))
    }

    func republishAnswered(_ id: UInt32, _ message: ByteBuffer) {
        guard var subscription = subscriptions[id] else { return }
        var recovered: NotificationReader?
        do throws(BinaryDecodingError) {
            let incoming = try IncomingMessage(message)
            if incoming.typeId == RepublishResponse.binaryEncodingId {
                recovered = try Self.republished(incoming.body, limits: configuration.decoding)
            }
        } catch {
            return fail(OPCUAError(error, in: "a Republish response"))
        }
        let action = subscription.state.republished(recovered)
        subscriptions[id] = subscription
        if action.lost > 0 { receiver.lost(action.lost, of: id) }
        for (_, message) in action.deliver { deliver(message, of: id) }
        if let next = action.republish { republish(next, of: id) }
        flush()
    }

    /// The notification message in a Republish response (Part 4, 5.14.6), read in place.
    private static func republished(
        _ body: ByteBuffer, limits: DecodingLimits
    ) throws(BinaryDecodingError) -> NotificationReader? {
        let response = try RepublishResponse(decoding: body, limits: limits)
        guard response.responseHeader.serviceResult.isGood else { return nil }
        var writer = BinaryWriter(ByteBuffer())
        response.notificationMessage.encode(to: &writer)
        var end = 0
        return try NotificationReader(writer.buffer, limits: limits, end: &end)
    }

    func subscriptionDeadlinesReached(_ now: NIODeadline) {
        for (id, subscription) in subscriptions {
            if pool.isDemanded {
                if subscription.state.deadline(grace: pool.grace) <= now {
                    return fail(OPCUAError(.badTimeout, "the server published nothing for too long"))
                }
            } else if subscription.refreshAt <= now {
                // Without a Publish the server would drop the subscription at the end of its lifetime.
                send(subscription.refresh, .nobody)
                subscriptions[id]?.refreshAt = now + subscription.state.keepAliveInterval
            }
        }
    }
}
