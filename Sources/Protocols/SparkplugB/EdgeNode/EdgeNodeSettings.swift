/// What an edge node shows (Sparkplug 3.0, 5.1 to 5.3).
public struct EdgeNodeSettings: Hashable, Sendable {
    /// One metric, whose alias follows from its place.
    public struct Metric: Hashable, Sendable {
        public var name: String
        public var type: DataType
        /// The property `engUnit`; nil for none.
        public var unit: String?

        public init(_ name: String, _ type: DataType, unit: String? = nil) {
            self.name = name
            self.type = type
            self.unit = unit
        }
    }

    public struct Device: Hashable, Sendable {
        public var name: String
        public var metrics: [Metric]

        public init(_ name: String, _ metrics: [Metric]) {
            self.name = name
            self.metrics = metrics
        }
    }

    public var id: EdgeNodeID
    /// The host whose STATE is awaited before anything is published; nil awaits none.
    public var primaryHost: String?
    public var metrics: [Metric]
    public var devices: [Device]

    public init(id: EdgeNodeID, primaryHost: String? = nil, metrics: [Metric] = [], devices: [Device] = []) {
        self.id = id
        self.primaryHost = primaryHost
        self.metrics = metrics
        self.devices = devices
    }

    /// Topic filters of commands and of the primary host's state.
    public var filters: [String] {
        [
            SparkplugTopic.message(.nodeCommand, id, device: nil).text,
            "\(SparkplugTopic.namespace)/\(id.group)/\(SparkplugTopic.Kind.deviceCommand.rawValue)/\(id.node)/+",
        ] + (primaryHost.map { [SparkplugTopic.state(host: $0, isOld: false).text] } ?? [])
    }
}

/// A value of a metric at a time.
public struct EdgeValue: Hashable, Sendable {
    public var value: MetricValue
    public var quality: QualityCode
    /// Milliseconds of UTC since 1970.
    public var timestamp: UInt64

    public init(_ value: MetricValue, quality: QualityCode = .good, timestamp: UInt64) {
        self.value = value
        self.quality = quality
        self.timestamp = timestamp
    }
}

/// A message to publish: QoS 0 and not retained, but a will has QoS 1 (Sparkplug 3.0, 6.4).
public struct EdgeMessage: Hashable, Sendable {
    public var topic: SparkplugTopic
    public var payload: Payload
}
