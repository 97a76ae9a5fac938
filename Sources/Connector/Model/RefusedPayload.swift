/// Bytes from the wire of which no reading could be made, and why: a dead letter of its source.
package struct RefusedPayload: Hashable, Sendable {
    /// The topic or address that they came under.
    package var topic: String
    /// Why, in a sentence.
    package var reason: String
    package var time: Timestamp
    package var bytes: [UInt8]

    package init(topic: String, reason: String, time: Timestamp = .now(), bytes: [UInt8]) {
        self.topic = topic
        self.reason = reason
        self.time = time
        self.bytes = bytes
    }
}
