import MQTTCore
import NIOCore

/// What the holder of the connection asks for, on the event loop.
extension ClientHandler {
    func acknowledge(_ tokens: some Sequence<DeliveryToken>) {
        guard !isOver else { return }
        for token in tokens { session.acknowledge(token) }
        sendAnswers()
    }

    func acknowledge(through token: DeliveryToken) {
        guard !isOver else { return }
        session.acknowledge(through: token)
        sendAnswers()
    }

    func refuse(from first: DeliveryToken, through last: DeliveryToken, _ reason: ReasonCode) {
        guard !isOver else { return }
        session.refuse(from: first, through: last, reason)
        sendAnswers()
    }

    private func sendAnswers() {
        while let answer = session.nextAnswer() {
            switch answer {
            case .pubAck(let id): write(.pubAck(Acknowledgement(id)))
            case .pubRec(let id): write(.pubRec(Acknowledgement(id)))
            case .refusal(let id, .exactlyOnce, let reason): write(.pubRec(Acknowledgement(id, reason: reason)))
            case .refusal(let id, _, let reason): write(.pubAck(Acknowledgement(id, reason: reason)))
            }
        }
        flushUnlessReading()
    }

    func subscribe(_ subscriptions: [Subscription], _ promise: EventLoopPromise<[ReasonCode]>) {
        request(subscriptions.count, isSubscribe: true, promise) {
            .subscribe(Subscribe(packetID: $0, subscriptions: subscriptions))
        }
    }

    func unsubscribe(_ filters: [TopicFilter], _ promise: EventLoopPromise<[ReasonCode]>) {
        request(filters.count, isSubscribe: false, promise) {
            .unsubscribe(Unsubscribe(packetID: $0, filters: filters))
        }
    }

    private func request(
        _ filters: Int, isSubscribe: Bool, _ promise: EventLoopPromise<[ReasonCode]>,
        _ packet: (PacketID) -> Packet
    ) {
        guard machine.isOpen, let id = session.reservePacketID() else {
            promise.fail(MQTTClientError.closed(address))
            return
        }
        let number = requests.enter(promise)
        _ = machine.subscriptionRequested(id, request: number, filters: filters, isSubscribe: isSubscribe)
        write(packet(id))
        flushUnlessReading()
    }

    func publish(_ messages: [Publish], _ promise: EventLoopPromise<[ReasonCode]>) {
        guard machine.isOpen else {
            promise.fail(MQTTClientError.closed(address))
            return
        }
        let assured = messages.count { $0.qos != .atMostOnce }
        guard assured <= session.room else {
            promise.fail(
                MQTTClientError(
                    .queueFull, "\(session.unsettled) messages wait for the MQTT broker \(address): publish slower"))
            return
        }
        let number = assured > 0 ? requests.enter(promise, open: assured) : 0
        for message in messages {
            if message.qos == .atMostOnce {
                var plain = message
                plain.packetID = 0
                plain.isDuplicate = false
                write(.publish(plain))
            } else {
                _ = session.publish(message, request: number)
                sendWaiting()
            }
        }
        if assured > 0 {
            flushUnlessReading()
        } else {
            let written = promise.futureResult.eventLoop.makePromise(of: Void.self)
            let address = address
            written.futureResult.whenComplete { result in
                switch result {
                case .success: promise.succeed([])
                case .failure(let error): promise.fail(MQTTClientError.lost(address, error))
                }
            }
            flushUnlessReading(written)
        }
    }
}
