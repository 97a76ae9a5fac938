import ConnectorModel
import MQTTCore
import SparkplugB

/// The keys of an MQTT source whose payloads are Sparkplug B.
package struct SparkplugOptions: Hashable, Sendable {
    /// `host_id`: the name under which the connector says that it is there; nil says nothing.
    package var hostID: String?
    /// `sparkplug.rebirth`: whether edge nodes are asked for their births when something is missing.
    package var requestsRebirth: Bool
    /// `sparkplug.rebirth_interval_ms`: the least time between two requests to the same edge node.
    package var rebirthIntervalMilliseconds: Int
    /// `sparkplug.reorder_timeout_ms`: how long messages wait for one that was overtaken; 0 waits for none.
    package var reorderTimeoutMilliseconds: Int
    /// `sparkplug.reorder_window`: messages of an edge node that wait at most.
    package var reorderWindow: Int

    package static let reorderWindowRange = 1...127

    package init(
        hostID: String? = nil, requestsRebirth: Bool = false, rebirthIntervalMilliseconds: Int = 30_000,
        reorderTimeoutMilliseconds: Int = 2000, reorderWindow: Int = 64
    ) {
        self.hostID = hostID
        self.requestsRebirth = requestsRebirth
        self.rebirthIntervalMilliseconds = rebirthIntervalMilliseconds
        self.reorderTimeoutMilliseconds = reorderTimeoutMilliseconds
        self.reorderWindow = reorderWindow
    }

    /// The topic filter of a source that names none.
    package static let allTopics = SparkplugTopic.namespace + "/#"

    /// Whether a topic filter can only mean topics of Sparkplug B.
    package static func isSparkplug(_ filter: String) -> Bool { filter.hasPrefix(SparkplugTopic.namespace + "/") }

    /// For a look beside a source that may be running: it says nothing of itself.
    var forALook: SparkplugOptions {
        var options = self
        options.hostID = nil
        return options
    }

    /// What is subscribed to: all of Sparkplug B when nothing is named, and the host's own STATE in any case.
    func topics(_ named: [MQTTSourceConfiguration.Topic]) -> [MQTTSourceConfiguration.Topic] {
        let topics = named.isEmpty ? [.init(filter: Self.allTopics)] : named
        guard let stateTopic else { return topics }
        let covers = topics.contains { (try? TopicFilter($0.filter))?.matches(stateTopic) ?? false }
        return covers ? topics : topics + [.init(filter: stateTopic)]
    }

    /// The topic of the host's own STATE.
    var stateTopic: String? { hostID.map { SparkplugTopic.state(host: $0, isOld: false).text } }

    func hostSettings(metricsMax: Int) -> HostSettings {
        HostSettings(
            hostID: hostID, requestsRebirth: requestsRebirth,
            rebirthIntervalMilliseconds: UInt64(max(0, rebirthIntervalMilliseconds)),
            reorderTimeoutMilliseconds: UInt64(max(0, reorderTimeoutMilliseconds)), reorderWindow: reorderWindow,
            metricsMax: metricsMax)
    }

    /// - Throws: `SettingError`, which names the key at fault.
    func check() throws(SettingError) {
        if let hostID, let fault = SparkplugTopic.fault(inName: hostID) {
            throw SettingError(key: "host_id", problem: fault)
        }
        guard Self.reorderWindowRange.contains(reorderWindow) else {
            throw SettingError(
                key: "sparkplug.reorder_window", problem: "\(reorderWindow) is out of range; 1 to 127 is possible")
        }
        guard rebirthIntervalMilliseconds >= 0 else {
            throw SettingError(key: "sparkplug.rebirth_interval_ms", problem: "must be 0 or more")
        }
        guard reorderTimeoutMilliseconds >= 0 else {
            throw SettingError(key: "sparkplug.reorder_timeout_ms", problem: "must be 0 or more")
        }
    }
}
