public import OPCUATypes

/// Who takes the notifications of a connection. Calls come on the connection's event loop, in order, and must
/// return soon.
public protocol OPCUAReceiver: Sendable {
    /// One notification message, whole: a batch of values to visit in place.
    ///
    /// It is acknowledged when `OPCUAConnection.acknowledge` is told its sequence number. An error ends the
    /// connection: the message stays unacknowledged and is not lost.
    func notifications(_ message: NotificationReader, of subscription: UInt32) throws

    /// The server no longer has messages that did not arrive.
    func lost(_ messages: Int, of subscription: UInt32)

    /// The server has sent messages again, which follow; what an earlier connection took of them is not known here.
    func republished(_ messages: Int, of subscription: UInt32)
}

extension OPCUAReceiver {
    /// Not of interest to whoever says nothing else.
    public func republished(_ messages: Int, of subscription: UInt32) {}
}
