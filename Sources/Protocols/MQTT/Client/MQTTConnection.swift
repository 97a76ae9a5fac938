public import MQTTCore
import NIOCore

/// An open connection to a broker; valid inside the scope that made it, usable from any thread.
public struct MQTTConnection: Sendable {
    /// What the broker said to one of the configured topic filters.
    public struct SubscriptionResult: Sendable, Equatable {
        public var subscription: Subscription
        /// The granted QoS, or why not.
        public var reason: ReasonCode
    }

    /// What was agreed on.
    public let negotiated: Negotiated
    /// The configured topic filters and what the broker said to them; empty while `MQTTReceiver.connected` runs.
    public internal(set) var subscriptions: [SubscriptionResult] = []

    let eventLoop: any EventLoop
    let handler: NIOLoopBound<ClientHandler>
    let address: String

    /// These messages are safe: their acknowledgements leave, in order of arrival and in one write.
    ///
    /// Tokens of other connections have no effect.
    public func acknowledge(_ tokens: some Sequence<DeliveryToken> & Sendable) {
        onLoop { $0.acknowledge(tokens) }
    }

    /// This message and all that came before it on its connection are safe: the cheap way for a whole batch.
    public func acknowledge(through token: DeliveryToken) {
        onLoop { $0.acknowledge(through: token) }
    }

    /// These messages and all between them are not taken: the broker gets the reason in place of a success.
    ///
    /// In 3.1.1, which has no word for that, they are acknowledged. Their answers keep the order of arrival.
    public func refuse(from first: DeliveryToken, through last: DeliveryToken, _ reason: ReasonCode) {
        onLoop { $0.refuse(from: first, through: last, reason) }
    }

    /// Starts or stops reading the socket.
    ///
    /// What was read already is still handed over, one read at most; while reading is stopped the broker has to wait,
    /// and keep-alive does not expect answers.
    public func demand(_ wanted: Bool) {
        onLoop { $0.demand(wanted) }
    }

    /// Subscribes to more topic filters.
    ///
    /// - Returns: one reason for each: the granted QoS or why not.
    public func subscribe(_ subscriptions: [Subscription]) async throws -> [ReasonCode] {
        guard !subscriptions.isEmpty else { return [] }
        return try await request { $0.subscribe(subscriptions, $1) }
    }

    /// Gives topic filters up.
    ///
    /// - Returns: one reason for each.
    public func unsubscribe(_ filters: [TopicFilter]) async throws -> [ReasonCode] {
        guard !filters.isEmpty else { return [] }
        return try await request { $0.unsubscribe(filters, $1) }
    }

    /// Publishes messages in order, in one write as far as the broker's window allows.
    ///
    /// Returns when messages of QoS 0 are with the operating system and the others are acknowledged.
    ///
    /// - Throws: `MQTTClientError`; some of the messages may have been published then.
    public func publish(_ messages: [Publish]) async throws {
        guard !messages.isEmpty else { return }
        for message in messages { try check(message) }
        _ = try await request { $0.publish(messages, $1) }
    }

    private func check(_ message: Publish) throws(MQTTClientError) {
        do {
            try TopicName.validate(message.topicText)
        } catch {
            throw MQTTClientError(.invalidConfiguration, error.description, cause: error)
        }
        guard message.qos <= negotiated.maximumQoS else {
            throw MQTTClientError(
                .publishRefused,
                "the MQTT broker \(address) takes messages up to QoS \(negotiated.maximumQoS.rawValue)",
                reason: .qosNotSupported)
        }
        guard negotiated.retainAvailable || !message.retain else {
            throw MQTTClientError(
                .publishRefused, "the MQTT broker \(address) does not keep retained messages",
                reason: .retainNotSupported)
        }
        let size = message.size(negotiated.version)
        if let limit = negotiated.brokerMaximumPacketSize, size > limit {
            throw MQTTClientError(
                .publishRefused, "a message of \(size) bytes is larger than the \(limit) that the broker takes",
                reason: .packetTooLarge)
        }
    }

    private func request(
        _ start: @escaping @Sendable (ClientHandler, EventLoopPromise<[ReasonCode]>) -> Void
    ) async throws -> [ReasonCode] {
        let promise = eventLoop.makePromise(of: [ReasonCode].self)
        onLoop { start($0, promise) }
        return try await promise.futureResult.get()
    }

    private func onLoop(_ work: @escaping @Sendable (ClientHandler) -> Void) {
        if eventLoop.inEventLoop {
            work(handler.value)
        } else {
            eventLoop.execute { [handler] in work(handler.value) }
        }
    }
}
