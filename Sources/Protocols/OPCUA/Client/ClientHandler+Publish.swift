import NIOCore
import OPCUACore
import OPCUATypes

/// Publishing: keeps Publish requests at the server and hands on what they bring.
extension ClientHandler {
    /// The receiver has taken a message for good: the server may forget it.
    func acknowledge(_ messages: [(subscription: UInt32, number: UInt32)]) {
        let now = NIODeadline.now()
        var isMeasured = false
        for (subscription, number) in messages {
            pool.acknowledge(subscriptionId: subscription, sequenceNumber: number)
            if latency.acknowledged(number, of: subscription, now: now) { isMeasured = true }
        }
        if isMeasured { sizePool() }
    }

    /// The receiver wants more, or nothing for now: Publish requests are withheld, the subscriptions stay.
    func demand(_ wanted: Bool) {
        guard wanted != pool.isDemanded else { return }
        pool.demand(wanted)
        for id in subscriptions.keys { subscriptions[id]?.state.heard(now: .now()) }
        fillPublish()
        flush()
    }

    func fillPublish() {
        let hasSubscriptions =
            !subscriptions.isEmpty && !subscriptions.values.contains { $0.state.isCatchingUp }
        while let publish = pool.nextPublish(hasSubscriptions: hasSubscriptions, now: .now()) {
            guard send(publish.request, .publish(publish.number)) == nil else { return }
        }
    }

    /// As many Publish requests as the delays of the present ask for.
    func sizePool() {
        guard let interval = subscriptions.values.map(\.remembered.publishingInterval).min() else { return }
        pool.measured(
            roundTrip: latency.roundTrip, commitDelay: latency.commitDelay, interval: interval,
            subscriptions: subscriptions.count)
    }

    func publishAnswered(_ number: UInt64, _ message: ByteBuffer) {
        do throws(BinaryDecodingError) {
            let incoming = try IncomingMessage(message)
            if incoming.typeId == ServiceFault.binaryEncodingId {
                let fault = try ServiceFault(decoding: incoming.body, limits: configuration.decoding)
                return publishFailed(number, fault.responseHeader.serviceResult)
            }
            guard incoming.typeId == PublishResponse.binaryEncodingId else {
                return fail(OPCUAError(.badUnknownResponse, "a Publish was answered with something else"))
            }
            let response = try PublishResponseReader(incoming.body, limits: configuration.decoding)
            guard response.responseHeader.serviceResult.isGood else {
                return publishFailed(number, response.responseHeader.serviceResult)
            }
            let unknown = pool.answered(number, results: response.results)
            proved()
            received(response.notification, of: response.subscriptionId)
            // An old subscription's acknowledgement is refused without harm; a living one is lost to the server.
            if let id = unknown.first(where: { subscriptions[$0] != nil }) {
                return subscriptionEnded(id, .badSubscriptionIdInvalid)
            }
        } catch {
            return fail(OPCUAError(error, in: "a Publish response"))
        }
        fillPublish()
    }

    func publishFailed(_ number: UInt64, _ status: StatusCode) {
        // The last subscription is gone on purpose; nothing is to be published then.
        if status.base == .badNoSubscription, subscriptions.isEmpty {
            _ = pool.answered(number)
            return
        }
        switch pool.failed(number, status, now: .now()) {
        case .wait: fillPublish()
        case .fail(let error): fail(error)
        }
    }

    private func received(_ message: NotificationReader, of id: UInt32) {
        // A message of a subscription of an earlier connection: nobody here waits for it.
        guard var subscription = subscriptions[id] else { return }
        let action = subscription.state.received(
            number: message.sequenceNumber, message: message.isKeepAlive ? nil : message, now: .now())
        subscriptions[id] = subscription
        switch action {
        case .deliver: deliver(message, of: id)
        case .duplicate, .alive, .wait: break
        case .republish(let number): republish(number, of: id)
        case .fail(let error): fail(error)
        }
    }

    private func deliver(_ message: NotificationReader, of id: UInt32) {
        do {
            latency.delivered(message.sequenceNumber, of: id, now: .now())
            try receiver.notifications(message, of: id)
        } catch let error as BinaryDecodingError {
            return fail(OPCUAError(error, in: "a notification"))
        } catch {
            return fail(OPCUAError(.badUnexpectedError, "a notification could not be taken: \(error)"))
        }
        if let status = message.statusChange { statusChanged(id, status) }
    }

    /// The server says that a subscription ended or moved (Part 4, 5.14.1, StatusChangeNotification).
    private func statusChanged(_ id: UInt32, _ status: StatusCode) {
        guard !status.isGood || status.base == .goodSubscriptionTransferred else { return }
        subscriptionEnded(id, status)
    }

    /// A subscription is gone though nobody here deleted it. The connection ends; the next one takes up the session and
    /// whatever else is left, and creates the subscription again.
    func subscriptionEnded(_ id: UInt32, _ status: StatusCode) {
        unsubscribed(id)
        fail(
            OPCUAError(
                status,
                status.base == .goodSubscriptionTransferred
                    ? "another client has taken over the subscription; does a second connector run with this state?"
                    : "the server ended the subscription"))
    }

    // MARK: Republish

    func republish(_ number: UInt32, of id: UInt32) {
        send(
            RepublishRequest(subscriptionId: id, retransmitSequenceNumber: number),
            .republish(subscription: id, number: number, deadline: .now() + configuration.requestTimeout))
    }

    func republishAnswered(_ id: UInt32, _ number: UInt32, _ message: ByteBuffer) {
        guard var subscription = subscriptions[id] else { return }
        var recovered: NotificationReader?
        do throws(BinaryDecodingError) {
            let incoming = try IncomingMessage(message)
            if incoming.typeId == RepublishResponse.binaryEncodingId {
                recovered = try Self.republished(incoming.body, limits: configuration.decoding)
            } else if incoming.typeId == ServiceFault.binaryEncodingId {
                let fault = try ServiceFault(decoding: incoming.body, limits: configuration.decoding)
                guard republishRefused(id, fault.responseHeader.serviceResult) else { return }
            }
        } catch {
            return fail(OPCUAError(error, in: "a Republish response"))
        }
        if let recovered, recovered.sequenceNumber != number {
            return fail(OPCUAError(.badSequenceNumberInvalid, "a Republish was answered with another message"))
        }
        proved()
        let action = subscription.state.republished(recovered)
        subscriptions[id] = subscription
        if action.lost > 0 { receiver.lost(action.lost, of: id) }
        if recovered != nil { receiver.republished(1, of: id) }
        for (_, message) in action.deliver {
            deliver(message, of: id)
            // A message may have ended the subscription.
            if subscriptions[id] == nil { return }
        }
        if let next = action.republish { republish(next, of: id) }
        caughtUp()
        flush()
    }

    /// Republish failed.
    /// - Returns: whether that only means that the message is gone.
    private func republishRefused(_ id: UInt32, _ status: StatusCode) -> Bool {
        switch status.base {
        case .badSubscriptionIdInvalid, .badNoSubscription:
            guard subscriptions[id]?.state.isCatchingUp == true else {
                subscriptionEnded(id, status)
                return false
            }
            // It did not outlive the outage. Whoever resumes sees it missing and creates it again.
            unsubscribed(id)
            caughtUp()
            return false
        case .badSessionIdInvalid, .badSessionClosed, .badSessionNotActivated:
            fail(OPCUAError(status, "the server has dropped the session"))
            return false
        default:
            return true
        }
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
}
