/// Names one received message of QoS 1 or 2 until it is acknowledged.
///
/// It is bound to the connection on which the message came: after a reconnect it has no effect, because the broker
/// sends the message again.
public struct DeliveryToken: Hashable, Sendable {
    /// Which connection of this process.
    public let generation: UInt32
    /// Which message of that connection, in order of arrival.
    public let sequence: UInt64

    package init(generation: UInt32, sequence: UInt64) {
        self.generation = generation
        self.sequence = sequence
    }
}
