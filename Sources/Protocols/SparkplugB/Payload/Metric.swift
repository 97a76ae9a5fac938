import ProtobufWire

/// One metric with everything that belongs to it, apart from the payload's bytes.
public struct Metric: Hashable, Sendable {
    public var name: String?
    public var alias: UInt64?
    /// Milliseconds of UTC since 1970.
    public var timestamp: UInt64?
    public var type: DataType?
    public var value: MetricValue
    public var isHistorical: Bool
    public var isTransient: Bool
    public var metadata: MetricMetadata?
    public var properties: PropertySet?

    public init(
        _ name: String? = nil, alias: UInt64? = nil, timestamp: UInt64? = nil, _ type: DataType? = nil,
        _ value: MetricValue, isHistorical: Bool = false, isTransient: Bool = false, metadata: MetricMetadata? = nil,
        properties: PropertySet? = nil
    ) {
        self.name = name
        self.alias = alias
        self.timestamp = timestamp
        self.type = type
        self.value = value
        self.isHistorical = isHistorical
        self.isTransient = isTransient
        self.metadata = metadata
        self.properties = properties
    }

    init(_ view: MetricView, _ budget: inout DecodingBudget) throws(PayloadError) {
        var type = view.type
        // Only the vendor knows what it means.
        if case .vendor = view.value { type = nil }
        let value =
            try MetricValue.decodeAny(view.value, type, isNull: view.isNull, &budget)
        self.init(
            view.nameText, alias: view.alias, timestamp: view.timestamp, type, value,
            isHistorical: view.isHistorical, isTransient: view.isTransient)
        if let bytes = view.metadata { metadata = try MetricMetadata(bytes) }
        if let bytes = view.properties { properties = try PropertySet(bytes, &budget) }
    }

    func write(to writer: inout WireWriter) {
        if let name { writer.field(1, string: name) }
        if let alias { writer.field(2, unsigned: alias) }
        if let timestamp { writer.field(3, unsigned: timestamp) }
        if let type { writer.field(4, unsigned: UInt64(type.rawValue)) }
        if isHistorical { writer.field(5, bool: true) }
        if isTransient { writer.field(6, bool: true) }
        if value == .null { writer.field(7, bool: true) }
        if let metadata {
            let open = writer.beginNested(8)
            metadata.write(to: &writer)
            writer.endNested(open)
        }
        if let properties {
            let open = writer.beginNested(9)
            properties.write(to: &writer)
            writer.endNested(open)
        }
        writer.value(value, type, .metric)
    }
}
