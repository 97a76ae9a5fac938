import DequeModule
import Logging
import NIOCore
import OPCUACore
import OPCUATypes

extension ServerCore {
    /// A Publish request came: its acknowledgements count at once, the request waits for something to say.
    func publish(_ call: Call, _ session: SessionState, _ request: PublishRequest) throws(ServiceError) {
        guard !session.subscriptions.isEmpty || !session.statusChanges.isEmpty else {
            throw ServiceError(.badNoSubscription)
        }
        let results = request.subscriptionAcknowledgements.map { acknowledgement -> StatusCode in
            guard let subscription = subscriptions[acknowledgement.subscriptionId], subscription.session === session
            else { return .badSubscriptionIdInvalid }
            return subscription.machine.acknowledge(acknowledgement.sequenceNumber)
        }
        if session.publishRequests.count >= configuration.limits.maxPublishRequestsPerSession,
            let oldest = session.publishRequests.popFirst()
        {
            fault(oldest.call, .badTooManyPublishRequests, requestHandle: oldest.requestHandle)
        }
        let hint = request.requestHeader.timeoutHint
        session.publishRequests.append(
            PublishSlot(
                call: call, requestHandle: request.requestHeader.requestHandle, results: results,
                expires: hint == 0 ? nil : .now() + .milliseconds(Int64(hint))))
        sendStatusChanges(session)
        refusePublishingWithoutSubscriptions(session)
        let waiting = session.subscriptions.compactMap { subscriptions[$0] }
            .sorted { ($1.machine.priority, $0.lastPublished) < ($0.machine.priority, $1.lastPublished) }
        for subscription in waiting where !session.publishRequests.isEmpty {
            perform(subscription.machine.requestArrived(hasNotifications: hasNotifications(subscription)), subscription)
        }
    }

    /// Without subscriptions there is nothing to wait for.
    func refusePublishingWithoutSubscriptions(_ session: SessionState) {
        guard session.subscriptions.isEmpty else { return }
        for slot in session.publishRequests {
            fault(slot.call, .badNoSubscription, requestHandle: slot.requestHandle)
            slot.call.connection.flush()
        }
        session.publishRequests = []
    }

    /// Publish requests whose client waits no longer (Part 4, 7.33).
    func refuseOverduePublishing(_ session: SessionState) {
        let now = NIODeadline.now()
        let overdue = session.publishRequests.filter { slot in slot.expires.map { $0 <= now } ?? false }
        guard !overdue.isEmpty else { return }
        session.publishRequests.removeAll { slot in slot.expires.map { $0 <= now } ?? false }
        for slot in overdue {
            fault(slot.call, .badTimeout, requestHandle: slot.requestHandle)
            slot.call.connection.flush()
        }
    }

    /// Waits for the end of the publishing interval. Intervals are counted from the start, so they do not drift.
    func armInterval(_ subscription: SubscriptionState) {
        subscription.timer?.cancel()
        subscription.timer = loop.assumeIsolated().scheduleTask(deadline: subscription.nextInterval) {
            self.intervalElapsed(subscription)
        }
    }

    private func intervalElapsed(_ subscription: SubscriptionState) {
        let interval = subscription.machine.publishingInterval
        subscription.nextInterval = subscription.nextInterval + interval
        // After a stall the missed intervals are left out.
        let now = NIODeadline.now()
        if subscription.nextInterval < now { subscription.nextInterval = now + interval }
        sampleComputed(subscription)
        let action = subscription.machine.intervalElapsed(
            hasNotifications: hasNotifications(subscription),
            hasRequest: subscription.session?.publishRequests.isEmpty == false)
        if action == .expire {
            logger.info("subscription expired", metadata: ["subscription": "\(subscription.machine.id)"])
            let session = subscription.session
            remove(subscription)
            if let session { tell(session, .badTimeout, of: subscription) }
            return
        }
        perform(action, subscription)
        armInterval(subscription)
    }

    private func hasNotifications(_ subscription: SubscriptionState) -> Bool {
        if subscription.events.values.contains(where: \.isDue) { return true }
        let queue = Int32(bitPattern: subscription.machine.id)
        return store.withValues { values in
            values.now = SystemClock.nanoseconds
            values.release(queue)
            return values.hasDue(queue)
        }
    }

    private func sampleComputed(_ subscription: SubscriptionState) {
        guard !subscription.computed.isEmpty else { return }
        let now = SystemClock.utc
        for (id, computed) in subscription.computed {
            guard let item = subscription.items[id] else { continue }
            let variable = Node.Variable(
                dataType: .null, valueRank: -1, isWritable: false, slot: 0, computed: computed)
            let value = value(variable, now: now)
            store.withValues { $0.sample(item.monitor, value) }
        }
    }

    private func perform(_ action: ServerSubscription.PublishAction, _ subscription: SubscriptionState) {
        guard action == .notify || action == .keepAlive,
            let session = subscription.session, let slot = session.publishRequests.popFirst()
        else { return }
        subscription.lastPublished = .now()
        guard action == .notify else { return keepAlive(slot, subscription) }
        let (message, more) = takeNotifications(subscription, for: slot)
        guard let message else { return keepAlive(slot, subscription) }
        subscription.machine.sent(message, more: more)
        respond(slot, subscription.machine, message, more: more)
        // What is left over goes out at once while there are requests to answer.
        guard more, !session.publishRequests.isEmpty else { return }
        perform(subscription.machine.requestArrived(hasNotifications: true), subscription)
    }

    private func keepAlive(_ slot: PublishSlot, _ subscription: SubscriptionState) {
        var writer = BinaryWriter()
        NotificationMessage(
            sequenceNumber: subscription.machine.upcomingSequenceNumber, publishTime: SystemClock.utc
        ).encode(to: &writer)
        respond(slot, subscription.machine, writer.buffer, more: false)
    }

    private func respond(_ slot: PublishSlot, _ machine: ServerSubscription, _ message: ByteBuffer, more: Bool) {
        respond(slot, machine.id, available: machine.availableSequenceNumbers, message, more: more)
    }

    func respond(
        _ slot: PublishSlot, _ subscription: UInt32, available: [UInt32], _ message: ByteBuffer, more: Bool
    ) {
        let response = OutgoingMessage(
            typeId: PublishResponse.binaryEncodingId, capacity: message.readableBytes + 512
        ) { writer in
            ResponseHeader(timestamp: SystemClock.utc, requestHandle: slot.requestHandle).encode(to: &writer)
            writer.write(subscription)
            writer.write(array: available)
            more.encode(to: &writer)
            writer.buffer.writeImmutableBuffer(message)
            writer.write(array: slot.results)
            writer.write(-1 as Int32)
        }
        slot.call.respond(response, requestHandle: slot.requestHandle)
        slot.call.connection.flush()
    }

    /// What a Publish response may hold beside its NotificationMessage, and that beside its notifications, in bytes:
    /// 4 type, 24 header, 4 subscription, 1 flag, 12 lengths; 4 number, 8 time, 4 length; 17 and 13 around the lists.
    private static let publishOverhead = 91

    /// The next notification message of a subscription, encoded once for sending and for Republish. It is no larger than
    /// what the client takes: the rest goes with its next Publish request.
    private func takeNotifications(
        _ subscription: SubscriptionState, for slot: PublishSlot
    ) -> (message: ByteBuffer?, more: Bool) {
        let queue = Int32(bitPattern: subscription.machine.id)
        // Of this message too the response names the number.
        let numbers = subscription.machine.availableSequenceNumbers.count + 1 + slot.results.count
        var room = ResponseRoom(
            count: Int(subscription.machine.maxNotificationsPerPublish), bytes: slot.call.connection.responseCapacity,
            overhead: Self.publishOverhead + 4 * numbers)
        var message = NotificationComposer(number: subscription.machine.upcomingSequenceNumber, at: SystemClock.utc)
        let more = store.withValues { values in
            message.reserve(values: min(values.dueCount(queue), room.count))
            return values.take(queue, &room) { message.append($0, $1) }
        }
        var events: [EventFieldList] = []
        let moreEvents = takeEvents(subscription, &room) { events.append($0) }
        subscription.diagnostics.dataChangeNotificationsCount &+= UInt32(clamping: message.count)
        subscription.diagnostics.eventNotificationsCount &+= UInt32(clamping: events.count)
        subscription.diagnostics.notificationsCount &+= UInt32(clamping: message.count + events.count)
        guard message.count > 0 || !events.isEmpty else { return (nil, more || moreEvents) }
        return (message.finish(events), more || moreEvents)
    }
}
