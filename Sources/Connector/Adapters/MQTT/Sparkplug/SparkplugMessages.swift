import ConnectorModel
import MQTTCore
import NIOCore
import SparkplugB

/// What a host application publishes: requests for births, and whether it is there.
enum SparkplugMessages {
    /// NCMD with `Node Control/Rebirth`: QoS 0, not retained (Sparkplug 3.0, 6.4.13).
    static func rebirth(_ node: EdgeNodeID) -> Publish {
        Publish(
            topic: SparkplugTopic.message(.nodeCommand, node, device: nil).text,
            payload: HostApplication.rebirthRequest(timestamp: milliseconds()).encoded())
    }

    /// STATE: QoS 1, retained (6.4.26).
    static func state(_ topic: String, isOnline: Bool, timestamp: UInt64) -> Publish {
        Publish(
            topic: topic,
            payload: ByteBuffer(string: HostState(isOnline: isOnline, timestamp: timestamp).text),
            qos: .atLeastOnce, retain: true)
    }

    static func will(_ topic: String, timestamp: UInt64) -> Will {
        Will(
            topic: topic, payload: ByteBuffer(string: HostState(isOnline: false, timestamp: timestamp).text),
            qos: .atLeastOnce, retain: true)
    }

    /// Milliseconds of UTC since 1970.
    static func milliseconds() -> UInt64 { UInt64(clamping: Timestamp.now().milliseconds) }
}
