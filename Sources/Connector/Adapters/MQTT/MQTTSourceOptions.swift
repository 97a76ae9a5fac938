package import ConnectorModel
import MQTTClient
import MQTTCore
import NIOCore
import TLSSupport

/// What may be set of an MQTT source beyond the broker and its topics.
package struct MQTTSourceOptions: Equatable, Sendable {
    /// Brokers that are tried, in this order, when the endpoint is not to be had. The key `endpoints`.
    package var endpoints: [String] = []
    /// How payloads are read where a topic says nothing else.
    package var payload = PayloadOptions()
    /// How topics are read where a topic says nothing else. The key `topic_template`.
    package var template: TopicTemplate?
    package var tls = TLSKeys()
    /// What the broker publishes when the source goes without a goodbye; nil publishes nothing.
    package var will: MQTTWill?
    /// Seconds for which the broker keeps the session of a source that is away: a week.
    package var sessionExpirySeconds = 7 * 24 * 3600
    /// Messages that may wait for the journal: commit delay times rate, with room to spare.
    package var receiveMaximum = 4096
    /// Topics that the broker may replace by numbers.
    package var topicAliasMaximum = 256
    /// Values whose own time lies further back are uncertain; nil believes them. The key `max_age_s`.
    package var maximumAgeSeconds: Int?

    package init() {}

    func check() throws(SettingError) {
        try Self.check(sessionExpirySeconds, in: 0...Int(UInt32.max), key: "session_expiry_seconds")
        try Self.check(receiveMaximum, in: 1...65_535, key: "receive_maximum")
        try Self.check(topicAliasMaximum, in: 0...65_535, key: "topic_alias_maximum")
        if let maximumAgeSeconds { try Self.check(maximumAgeSeconds, in: 1...1_000_000_000, key: "max_age_s") }
        try will?.check()
    }

    private static func check(
        _ number: Int, in range: ClosedRange<Int>, key: String
    ) throws(SettingError) {
        guard range.contains(number) else {
            throw SettingError(
                key: key, problem: "\(number) is out of range; \(range.lowerBound) to \(range.upperBound) is possible")
        }
    }
}

/// The keys of the block `will`.
package struct MQTTWill: Hashable, Sendable {
    package var topic: String
    package var payload: String
    /// 0 to 2.
    package var qos: Int
    package var retain: Bool
    /// How long the broker waits with it; 5.0 only.
    package var delaySeconds: Int

    package init(topic: String, payload: String = "", qos: Int = 0, retain: Bool = false, delaySeconds: Int = 0) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.retain = retain
        self.delaySeconds = delaySeconds
    }

    fileprivate func check() throws(SettingError) {
        do throws(TopicError) {
            try TopicName.validate(topic)
        } catch {
            throw SettingError(key: "will.topic", problem: error.description)
        }
        guard payload.utf8.count <= 65_535 else {
            throw SettingError(key: "will.payload", problem: "is longer than 65535 bytes")
        }
        guard (0...2).contains(qos) else {
            throw SettingError(
                key: "will.qos", problem: "\(qos) is no quality of service; 0, 1 or 2 is possible")
        }
    }

    /// The will as it stands in CONNECT.
    var message: Will {
        Will(
            topic: topic, payload: ByteBuffer(string: payload),
            qos: QoS(rawValue: UInt8(clamping: qos)) ?? .atMostOnce, retain: retain,
            properties: delaySeconds > 0 ? [.willDelayInterval(UInt32(clamping: delaySeconds))] : [])
    }
}

extension TLSKeys {
    /// Nil when no endpoint uses TLS.
    func settings(endpoints: [MQTTEndpoint]) throws(SettingError) -> ClientTLS? {
        guard enabled != false || !endpoints.contains(where: \.usesTLS) else {
            throw SettingError(
                key: "tls.enabled", problem: "is false, and the endpoint begins with mqtts:// or wss://")
        }
        let version = try checkedVersion(ClientTLS.Version.self)
        guard enabled == true || endpoints.contains(where: \.usesTLS) else {
            // Keys without effect are a mistake that would leave a connection open to everybody.
            guard self == TLSKeys() || enabled == false else {
                throw SettingError(
                    key: "tls",
                    problem: "has no effect on \(endpoints.first.map(\.host) ?? ""): write mqtts:// or wss:// "
                        + "in the endpoint, or tls.enabled: true")
            }
            return nil
        }
        return ClientTLS(
            ca: ca, certificate: certificate, privateKey: privateKey, minVersion: version, verify: verify ?? true)
    }
}
