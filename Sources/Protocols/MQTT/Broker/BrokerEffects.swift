import MQTTCore

/// The number of one connection, never used again.
typealias ConnectionID = UInt64
/// The number of one client and its session, never used again.
typealias ClientKey = UInt64

/// What a step of the broker's core wants done outside.
struct BrokerEffects {
    /// Packets to write, in order.
    var outgoing: [ConnectionID: [Packet]] = [:]
    /// Connections to close, with the reason for a DISCONNECT, after their packets.
    var closing: [(connection: ConnectionID, reason: ReasonCode)] = []

    mutating func send(_ packet: Packet, to connection: ConnectionID) {
        outgoing[connection, default: []].append(packet)
    }
}
