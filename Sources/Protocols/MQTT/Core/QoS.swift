/// The promise with which a message is delivered (MQTT 5.0 section 4.3).
public enum QoS: UInt8, Sendable, Comparable, CaseIterable {
    case atMostOnce = 0
    case atLeastOnce = 1
    case exactlyOnce = 2

    public static func < (left: QoS, right: QoS) -> Bool { left.rawValue < right.rawValue }
}

/// The number that ties a packet to its answers; never 0 on the wire (MQTT 5.0 section 2.2.1).
public typealias PacketID = UInt16
