package import ConnectorModel
import MQTTClient
import MQTTCore
import NIOCore
import TLSSupport

/// What an MQTT source listens to, and as whom.
package struct MQTTSourceConfiguration: Equatable, Sendable {
    /// One entry of `topics`.
    package struct Topic: Hashable, Sendable {
        /// A topic filter, with wildcards or as `$share/group/filter`.
        package var filter: String
        /// 0 to 2; nil takes the source's `qos`.
        package var qos: Int?
        /// nil takes the source's.
        package var payload: PayloadOptions?
        /// nil takes the source's.
        package var template: TopicTemplate?

        package init(
            filter: String, qos: Int? = nil, payload: PayloadOptions? = nil, template: TopicTemplate? = nil
        ) {
            self.filter = filter
            self.qos = qos
            self.payload = payload
            self.template = template
        }
    }

    /// The key `version`.
    package enum Version: String, Hashable, Sendable, CaseIterable {
        /// 5.0, and 3.1.1 when the broker does not know 5.0.
        case automatic
        case v5
        case v311
    }

    package let name: String
    /// As configured: `mqtt://host:port`.
    package let endpoint: String
    package let topics: [Topic]
    /// Of topics that have none of their own.
    package let qos: Int
    package let clientID: String
    package let cleanSession: Bool
    /// Seconds; 0 turns keep-alive off.
    package let keepAliveSeconds: Int
    package let username: String?
    package let password: String?
    package let version: Version
    /// Tags that the source may define; readings of further ones share one tag. The key `variable_limit`.
    package let tagLimit: Int
    /// Set when the payloads are those of Sparkplug B.
    package let sparkplug: SparkplugOptions?
    package let options: MQTTSourceOptions
    /// Of the endpoint.
    let address: MQTTEndpoint
    /// Of the endpoint and of those that are tried after it, in order.
    let addresses: [MQTTEndpoint]
    let subscriptions: [Subscription]
    let tls: ClientTLS?

    package static let defaultQoS = 1
    package static let defaultKeepAliveSeconds = 60
    package static let defaultTagLimit = 10_000
    /// The same topics for a look beside a source that may be running: a client id of its own, so that the broker
    /// does not hand over that source's session, and QoS 0, since nobody here acknowledges.
    package func forALook() throws(SettingError) -> MQTTSourceConfiguration {
        var options = options
        options.will = nil
        let topics = topics.map { topic in
            var topic = topic
            topic.qos = 0
            return topic
        }
        return try MQTTSourceConfiguration(
            name: name, endpoint: endpoint, topics: topics, qos: 0,
            clientID: "\(clientID)-look-\(UInt32.random(in: 0 ... .max))", cleanSession: true,
            keepAliveSeconds: keepAliveSeconds, username: username, password: password, version: version,
            tagLimit: tagLimit, options: options, sparkplug: sparkplug?.forALook)
    }

    /// A checked configuration.
    ///
    /// - Parameter clientID: nil takes `penstock-` and the source's name.
    /// - Throws: `SettingError`, which names the key at fault.
    package init(
        name: String, endpoint: String, topics: [Topic], qos: Int = defaultQoS, clientID: String? = nil,
        cleanSession: Bool = false, keepAliveSeconds: Int = defaultKeepAliveSeconds, username: String? = nil,
        password: String? = nil, version: Version = .automatic, tagLimit: Int = defaultTagLimit,
        options: MQTTSourceOptions = MQTTSourceOptions(), sparkplug: SparkplugOptions? = nil
    ) throws(SettingError) {
        address = try Self.address(endpoint, key: "endpoint")
        addresses =
            try [address]
            + options.endpoints.enumerated().map { index, text throws(SettingError) in
                try Self.address(text, key: "endpoints[\(index)]")
            }
        tls = try options.tls.settings(endpoints: addresses)
        try options.check()
        self.options = options
        let clientID = clientID ?? "penstock-\(name)"
        guard !clientID.isEmpty || cleanSession else {
            throw SettingError(
                key: "client_id", problem: "must not be empty, because the broker keeps a session under this name")
        }
        try Self.checkText(clientID, key: "client_id")
        if let username { try Self.checkText(username, key: "username") }
        guard password == nil || username != nil else {
            throw SettingError(key: "password", problem: "needs a username beside it")
        }
        guard (0...65_535).contains(keepAliveSeconds) else {
            throw SettingError(
                key: "keep_alive_seconds", problem: "\(keepAliveSeconds) is out of range; 0 to 65535 is possible")
        }
        guard tagLimit >= 1 else {
            throw SettingError(key: "variable_limit", problem: "must be 1 or more")
        }
        try sparkplug?.check()
        // A host that says that it is there begins anew with each connection (Sparkplug 3.0, 5.1).
        let cleanSession = cleanSession || sparkplug?.hostID != nil
        let topics = sparkplug?.topics(topics) ?? topics
        subscriptions = try Self.subscriptions(topics, qos: qos, keepsSession: !cleanSession)
        self.name = name
        self.endpoint = endpoint
        self.topics = topics
        self.qos = qos
        self.clientID = clientID
        self.cleanSession = cleanSession
        self.keepAliveSeconds = keepAliveSeconds
        self.username = username
        self.password = password
        self.version = version
        self.tagLimit = tagLimit
        self.sparkplug = sparkplug
    }

    /// Whether two endpoints are the same host and port.
    package static func isSameBroker(_ left: String, _ right: String) -> Bool {
        guard let left = try? MQTTEndpoint(left), let right = try? MQTTEndpoint(right) else { return false }
        return left.host.lowercased() == right.host.lowercased() && left.port == right.port
    }

    private static func address(_ text: String, key: String) throws(SettingError) -> MQTTEndpoint {
        // Whatever else is wrong with such an endpoint, it must not be repeated in a sentence.
        guard !text.contains("@") else {
            throw SettingError(
                key: key, problem: "contains a user name; write mqtt://host:port, username and password apart")
        }
        do throws(MQTTClientError) {
            return try MQTTEndpoint(text)
        } catch {
            throw SettingError(key: key, problem: error.message)
        }
    }

    private static func subscriptions(
        _ topics: [Topic], qos: Int, keepsSession: Bool
    ) throws(SettingError) -> [Subscription] {
        let defaultQoS = try checkedQoS(qos, key: "qos")
        guard !topics.isEmpty else {
            throw SettingError(
                key: "topics", problem: "is empty; name at least one topic filter, \"#\" stands for every topic")
        }
        var subscriptions: [Subscription] = []
        for (index, topic) in topics.enumerated() {
            let key = "topics[\(index)]"
            let filter: TopicFilter
            do throws(TopicError) {
                filter = try TopicFilter(topic.filter)
            } catch {
                throw SettingError(key: key, problem: error.description)
            }
            guard !subscriptions.contains(where: { $0.filter == filter }) else {
                throw SettingError(key: key, problem: "names \"\(filter)\" a second time")
            }
            let qos = try topic.qos.map { qos throws(SettingError) in try checkedQoS(qos, key: key + ".qos") }
            // A retained message is wanted once: a session that was kept has had it.
            subscriptions.append(
                Subscription(filter, qos: qos ?? defaultQoS, retainHandling: keepsSession ? .ifNew : .always))
        }
        return subscriptions
    }

    private static func checkedQoS(_ number: Int, key: String) throws(SettingError) -> QoS {
        guard let qos = UInt8(exactly: number).flatMap(QoS.init(rawValue:)) else {
            throw SettingError(key: key, problem: "\(number) is no quality of service; 0, 1 or 2 is possible")
        }
        return qos
    }

    private static func checkText(_ text: String, key: String) throws(SettingError) {
        guard text.utf8.count <= 65_535 else {
            throw SettingError(key: key, problem: "is longer than 65535 bytes")
        }
        guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw SettingError(key: key, problem: "contains a control character")
        }
    }

    /// What is said to the broker at the endpoint.
    var client: MQTTClientConfiguration { client(address) }

    /// What is said to one of the addresses.
    func client(_ address: MQTTEndpoint) -> MQTTClientConfiguration {
        let choice: MQTTClientConfiguration.VersionChoice =
            switch version {
            case .automatic: .automatic
            case .v5: .only(.v5)
            case .v311: .only(.v311)
            }
        var client = MQTTClientConfiguration(
            host: address.host, port: address.port, tls: address.usesTLS || options.tls.enabled == true ? tls : nil,
            webSocketPath: address.webSocketPath, version: choice, clientID: clientID, cleanStart: cleanSession,
            sessionExpirySeconds: cleanSession ? 0 : UInt32(clamping: options.sessionExpirySeconds),
            username: username, password: password, keepAliveSeconds: UInt16(clamping: keepAliveSeconds),
            receiveMaximum: UInt16(clamping: options.receiveMaximum),
            topicAliasMaximum: UInt16(clamping: options.topicAliasMaximum), will: options.will?.message,
            subscriptions: subscriptions)
        // A batch of a millisecond costs little more than a message.
        client.readInterval = .milliseconds(1)
        return client
    }

    /// How the messages of each topic are read, in the order of the topics.
    var rules: TopicRules {
        TopicRules(
            zip(topics, subscriptions).map { topic, subscription in
                TopicRule(
                    filter: subscription.filter, payload: topic.payload ?? options.payload,
                    template: topic.template ?? options.template)
            })
    }
}
