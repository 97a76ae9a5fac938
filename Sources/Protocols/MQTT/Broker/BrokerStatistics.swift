/// What a broker holds and has done.
public struct BrokerStatistics: Equatable, Sendable {
    /// Clients that are connected now.
    public var connections = 0
    /// Clients known, connected or away.
    public var sessions = 0
    public var subscriptions = 0
    public var retainedMessages = 0
    /// Deliveries of QoS 1 and 2 that clients have not acknowledged.
    public var messagesInFlight = 0
    /// Messages published, by clients and in process.
    public var messagesReceived: UInt64 = 0
    /// Messages put in line for subscribers.
    public var messagesQueued: UInt64 = 0
    /// Messages given up because a queue or the store of retained messages was full.
    public var messagesDropped: UInt64 = 0
    /// Messages of clients that had no right to their topic, or for which there was no room to keep them.
    public var messagesRefused: UInt64 = 0
    public var connectionsRefused: UInt64 = 0
}
