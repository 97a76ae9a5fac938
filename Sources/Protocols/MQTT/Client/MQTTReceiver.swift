public import MQTTCore

/// Takes the messages of one connection, on its event loop: it must not block.
///
/// Between two calls of `readComplete` lie the messages of one read from the socket: collect them and hand them over
/// together.
public protocol MQTTReceiver: AnyObject, Sendable {
    /// The connection is open; called before the first message, which may come before anything was subscribed when
    /// the broker kept the session.
    func connected(_ connection: MQTTConnection)

    /// One message came.
    ///
    /// - Parameters:
    ///   - publish: topic and payload are slices of the read: copy what is to live longer.
    ///   - token: what to give to `MQTTConnection.acknowledge` when the message is safe; nil for QoS 0.
    func received(_ publish: Publish, token: DeliveryToken?)

    /// The messages of one read have been handed over.
    func readComplete()
}

extension MQTTReceiver {
    public func connected(_ connection: MQTTConnection) {}
}
