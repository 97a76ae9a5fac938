import MQTTClient
import MQTTCore
import MQTTTransport
import NIOCore

/// What may be set of an MQTT source beyond the broker and its topics.
package struct MQTTSourceOptions: Equatable, Sendable {
    /// Brokers that are tried, in this order, when the endpoint is not to be had. The key `endpoints`.
    package var endpoints: [String] = []
    /// How payloads are read where a topic says nothing else.
    package var payload = PayloadOptions()
    /// How topics are read where a topic says nothing else. The key `topic_template`.
    package var template: TopicTemplate?
    package var tls = MQTTTLSKeys()
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

    func check() throws(MQTTConfigurationError) {
        try Self.check(sessionExpirySeconds, in: 0...Int(UInt32.max), key: "session_expiry_seconds")
        try Self.check(receiveMaximum, in: 1...65_535, key: "receive_maximum")
        try Self.check(topicAliasMaximum, in: 0...65_535, key: "topic_alias_maximum")
        if let maximumAgeSeconds { try Self.check(maximumAgeSeconds, in: 1...1_000_000_000, key: "max_age_s") }
        try will?.check()
    }

    private static func check(
        _ number: Int, in range: ClosedRange<Int>, key: String
    ) throws(MQTTConfigurationError) {
        guard range.contains(number) else {
            throw MQTTConfigurationError(
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

    fileprivate func check() throws(MQTTConfigurationError) {
        do throws(TopicError) {
            try TopicName.validate(topic)
        } catch {
            throw MQTTConfigurationError(key: "will.topic", problem: error.description)
        }
        guard payload.utf8.count <= 65_535 else {
            throw MQTTConfigurationError(key: "will.payload", problem: "is longer than 65535 bytes")
        }
        guard (0...2).contains(qos) else {
            throw MQTTConfigurationError(
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

/// The keys of the block `tls`; nil where one was left out.
package struct MQTTTLSKeys: Hashable, Sendable {
    package var enabled: Bool?
    package var ca: String?
    package var certificate: String?
    package var privateKey: String?
    package var minVersion: String?
    package var verify: Bool?

    package init(
        enabled: Bool? = nil, ca: String? = nil, certificate: String? = nil, privateKey: String? = nil,
        minVersion: String? = nil, verify: Bool? = nil
    ) {
        self.enabled = enabled
        self.ca = ca
        self.certificate = certificate
        self.privateKey = privateKey
        self.minVersion = minVersion
        self.verify = verify
    }

    /// Nil when no endpoint uses TLS.
    func settings(endpoints: [MQTTEndpoint]) throws(MQTTConfigurationError) -> MQTTTLS? {
        guard enabled != false || !endpoints.contains(where: \.usesTLS) else {
            throw MQTTConfigurationError(
                key: "tls.enabled", problem: "is false, and the endpoint begins with mqtts:// or wss://")
        }
        guard (certificate == nil) == (privateKey == nil) else {
            throw MQTTConfigurationError(
                key: certificate == nil ? "tls.certificate" : "tls.private_key",
                problem: "is missing; certificate and private_key go together")
        }
        let word = minVersion ?? MQTTTLS.Version.tls12.rawValue
        guard let version = MQTTTLS.Version(rawValue: word) else {
            throw MQTTConfigurationError(
                key: "tls.min_version", problem: "'\(word)' is not possible; one of: 1.2, 1.3")
        }
        guard enabled == true || endpoints.contains(where: \.usesTLS) else {
            // Keys without effect are a mistake that would leave a connection open to everybody.
            guard self == MQTTTLSKeys() || enabled == false else {
                throw MQTTConfigurationError(
                    key: "tls",
                    problem: "has no effect on \(endpoints.first.map(\.host) ?? ""): write mqtts:// or wss:// "
                        + "in the endpoint, or tls.enabled: true")
            }
            return nil
        }
        return MQTTTLS(
            ca: ca, certificate: certificate, privateKey: privateKey, minVersion: version, verify: verify ?? true)
    }
}
