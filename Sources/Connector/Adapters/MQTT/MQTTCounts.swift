import Synchronization

/// What an MQTT source has received over all its connections.
package struct MQTTCounts: Hashable, Sendable {
    package var messages = 0
    /// Messages that the broker marked as sent before.
    package var redelivered = 0
    /// Messages whose payload could not be decoded.
    package var undecodable = 0

    package init(messages: Int = 0, redelivered: Int = 0, undecodable: Int = 0) {
        self.messages = messages
        self.redelivered = redelivered
        self.undecodable = undecodable
    }
}

/// Counts shared by the connections of a source.
final class MQTTCounters: Sendable {
    private let counts = Mutex(MQTTCounts())

    var now: MQTTCounts { counts.withLock { $0 } }

    func add(_ more: MQTTCounts) {
        counts.withLock { counts in
            counts.messages += more.messages
            counts.redelivered += more.redelivered
            counts.undecodable += more.undecodable
        }
    }
}
