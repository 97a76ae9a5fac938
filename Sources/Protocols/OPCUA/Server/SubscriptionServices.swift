import DequeModule
import Logging
import NIOCore
import OPCUACore
import OPCUATypes

extension ServiceTable {
    /// CreateSubscription, ModifySubscription, SetPublishingMode, DeleteSubscriptions, Publish, Republish (Part 4, 5.14).
    mutating func addSubscriptions() {
        add(CreateSubscriptionRequest.self) { core, session, request throws(ServiceError) in
            guard session.subscriptions.count < core.configuration.limits.maxSubscriptionsPerSession else {
                throw ServiceError(.badTooManySubscriptions)
            }
            let machine = ServerSubscription(
                id: core.nextSubscriptionId(), request, settings: core.configuration.subscription)
            let subscription = SubscriptionState(machine, session: session, now: .now())
            core.subscriptions[machine.id] = subscription
            session.subscriptions.append(machine.id)
            core.armInterval(subscription)
            return CreateSubscriptionResponse(
                subscriptionId: machine.id, revisedPublishingInterval: machine.publishingIntervalMilliseconds,
                revisedLifetimeCount: machine.lifetimeCount, revisedMaxKeepAliveCount: machine.keepAliveCount)
        }
        add(ModifySubscriptionRequest.self) { core, session, request throws(ServiceError) in
            let subscription = try core.subscription(request.subscriptionId, of: session)
            subscription.machine.modify(request)
            subscription.nextInterval = .now() + subscription.machine.publishingInterval
            core.armInterval(subscription)
            return ModifySubscriptionResponse(
                revisedPublishingInterval: subscription.machine.publishingIntervalMilliseconds,
                revisedLifetimeCount: subscription.machine.lifetimeCount,
                revisedMaxKeepAliveCount: subscription.machine.keepAliveCount)
        }
        add(SetPublishingModeRequest.self) { core, session, request throws(ServiceError) in
            try core.check(operations: request.subscriptionIds.count)
            return SetPublishingModeResponse(
                results: request.subscriptionIds.map { id in
                    guard let subscription = try? core.subscription(id, of: session) else {
                        return .badSubscriptionIdInvalid
                    }
                    subscription.machine.setPublishing(request.publishingEnabled)
                    return .good
                })
        }
        add(DeleteSubscriptionsRequest.self) { core, session, request throws(ServiceError) in
            try core.check(operations: request.subscriptionIds.count)
            let results = request.subscriptionIds.map { id -> StatusCode in
                guard let subscription = try? core.subscription(id, of: session) else {
                    return .badSubscriptionIdInvalid
                }
                core.remove(subscription)
                return .good
            }
            core.refusePublishingWithoutSubscriptions(session)
            return DeleteSubscriptionsResponse(results: results)
        }
        add(later: PublishRequest.self) { core, call, session, request throws(ServiceError) in
            try core.publish(call, session, request)
        }
        add(RepublishRequest.self) { core, session, request throws(ServiceError) in
            let subscription = try core.subscription(request.subscriptionId, of: session)
            guard let message = subscription.machine.republish(request.retransmitSequenceNumber) else {
                throw ServiceError(.badMessageNotAvailable)
            }
            guard let decoded = try? NotificationMessage(decoding: message) else {
                throw ServiceError(.badInternalError)
            }
            return RepublishResponse(notificationMessage: decoded)
        }
    }
}

extension ServerCore {
    /// A Publish request came: its acknowledgements count at once, the request waits for something to say.
    func publish(_ call: Call, _ session: SessionState, _ request: PublishRequest) throws(ServiceError) {
        guard !session.subscriptions.isEmpty else { throw ServiceError(.badNoSubscription) }
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
        session.publishRequests.append(
            PublishSlot(call: call, requestHandle: request.requestHeader.requestHandle, results: results))
        let waiting = session.subscriptions.compactMap { subscriptions[$0] }
            .sorted { $0.machine.priority > $1.machine.priority }
        for subscription in waiting where !session.publishRequests.isEmpty {
            perform(subscription.machine.requestArrived(hasNotifications: hasNotifications(subscription)), subscription)
        }
    }

    func refusePublishingWithoutSubscriptions(_ session: SessionState) {
        guard session.subscriptions.isEmpty else { return }
        for slot in session.publishRequests { fault(slot.call, .badNoSubscription, requestHandle: slot.requestHandle) }
        session.publishRequests = []
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
            return remove(subscription)
        }
        perform(action, subscription)
        armInterval(subscription)
    }

    private func hasNotifications(_ subscription: SubscriptionState) -> Bool {
        store.withValues { $0.hasDue(Int32(bitPattern: subscription.machine.id)) }
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
        guard action == .notify else { return keepAlive(slot, subscription) }
        let (message, more) = takeNotifications(subscription)
        guard let message else { return keepAlive(slot, subscription) }
        subscription.machine.sent(message, more: more)
        respond(slot, subscription, message, more: more)
        // What is left over goes out at once while there are requests to answer.
        guard more, !session.publishRequests.isEmpty else { return }
        perform(subscription.machine.requestArrived(hasNotifications: true), subscription)
    }

    private func keepAlive(_ slot: PublishSlot, _ subscription: SubscriptionState) {
        var writer = BinaryWriter()
        NotificationMessage(
            sequenceNumber: subscription.machine.upcomingSequenceNumber, publishTime: SystemClock.utc
        ).encode(to: &writer)
        respond(slot, subscription, writer.buffer, more: false)
    }

    private func respond(
        _ slot: PublishSlot, _ subscription: SubscriptionState, _ message: ByteBuffer, more: Bool
    ) {
        let response = OutgoingMessage(
            typeId: PublishResponse.binaryEncodingId, capacity: message.readableBytes + 512
        ) { writer in
            ResponseHeader(timestamp: SystemClock.utc, requestHandle: slot.requestHandle).encode(to: &writer)
            writer.write(subscription.machine.id)
            writer.write(array: subscription.machine.availableSequenceNumbers)
            more.encode(to: &writer)
            writer.buffer.writeImmutableBuffer(message)
            writer.write(array: slot.results)
            writer.write(-1 as Int32)
        }
        slot.call.respond(response, requestHandle: slot.requestHandle)
        slot.call.connection.flush()
    }

    /// The next notification message of a subscription, encoded once for sending and for Republish.
    private func takeNotifications(_ subscription: SubscriptionState) -> (message: ByteBuffer?, more: Bool) {
        var taken: [(monitor: Monitor, value: DataValue)] = []
        let queue = Int32(bitPattern: subscription.machine.id)
        let limit = Int(subscription.machine.maxNotificationsPerPublish)
        let more = store.withValues { values in values.take(queue, limit: limit) { taken.append(($0, $1)) } }
        guard !taken.isEmpty else { return (nil, more) }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(64 + taken.count * 40)
        var writer = BinaryWriter(buffer)
        buffer = ByteBuffer()
        writer.write(subscription.machine.upcomingSequenceNumber)
        SystemClock.utc.encode(to: &writer)
        writer.write(1 as Int32)
        NodeId(DataChangeNotification.binaryEncodingId).encode(to: &writer)
        writer.write(1 as UInt8)
        let lengthAt = writer.buffer.writerIndex
        writer.write(0 as Int32)
        writer.write(Int32(clamping: taken.count))
        for (monitor, value) in taken {
            writer.writeNotification(
                clientHandle: monitor.clientHandle, value: value, sourceTime: monitor.sourceTime,
                serverTime: monitor.serverTime)
        }
        writer.write(-1 as Int32)
        let length = writer.buffer.writerIndex - lengthAt - 4
        writer.buffer.setInteger(Int32(clamping: length), at: lengthAt, endianness: .little)
        return (writer.buffer, more)
    }
}
