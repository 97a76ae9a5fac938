public import NIOCore

/// The edge-node side of Sparkplug B: numbers its sessions and messages, and gives births when they are due
/// (Sparkplug 3.0, 5.5 to 5.12).
///
/// A pure value. Values are those of all metrics in order: of the node itself, then of each device.
public struct EdgeNode: Sendable {
    /// What to do after a message of a host.
    public enum Action: Equatable, Sendable {
        case none
        /// Publish `births`: the primary host is there, or somebody asked for them.
        case giveBirth
        /// The primary host is gone: publish `death`, disconnect, and connect anew.
        case leave
    }

    private enum State: Sendable {
        case disconnected
        /// Until the primary host is online.
        case awaitingHost
        case ready
        /// Its births are out.
        case born
    }

    public let settings: EdgeNodeSettings
    private var state = State.disconnected
    private var bdSeq: UInt64 = 255
    private var seq: UInt8 = 0
    /// The time of the latest state of the primary host.
    private var hostTimestamp: UInt64 = 0
    private var lastQualities: [QualityCode]
    /// Where the values of each device begin.
    private let starts: [Int]
    private let count: Int

    public init(_ settings: EdgeNodeSettings) {
        self.settings = settings
        var starts: [Int] = []
        var count = settings.metrics.count
        for device in settings.devices {
            starts.append(count)
            count += device.metrics.count
        }
        self.starts = starts
        self.count = count
        lastQualities = Array(repeating: .good, count: count)
    }

    /// A connection is about to be made: a new session begins.
    ///
    /// - Returns: the will to connect with, NDEATH with the number of the session.
    public mutating func connecting(now: UInt64) -> EdgeMessage {
        bdSeq = (bdSeq + 1) & 0xFF
        state = .disconnected
        return death(now: now)
    }

    /// The connection is open and commands are subscribed to.
    public mutating func connected() -> Action {
        state = settings.primaryHost == nil ? .ready : .awaitingHost
        return settings.primaryHost == nil ? .giveBirth : .none
    }

    public mutating func disconnected() { state = .disconnected }

    /// Whether values are to be published.
    public var isBorn: Bool { if case .born = state { true } else { false } }

    /// One message came.
    public mutating func received(topic: String, payload: ByteBuffer) -> Action {
        switch SparkplugTopic(topic) {
        case .state(let host, let isOld) where host == settings.primaryHost && !isOld:
            payload.withUnsafeReadableBytes { HostState($0) }.map { stateReceived($0) } ?? .none
        case .message(.nodeCommand, settings.id, device: nil): commandReceived(payload)
        default: .none
        }
    }

    private mutating func stateReceived(_ host: HostState) -> Action {
        // A state that is older than what is known was overtaken (5.5).
        let timestamp = host.timestamp ?? 0
        guard timestamp >= hostTimestamp else { return .none }
        hostTimestamp = timestamp
        switch (state, host.isOnline) {
        case (.awaitingHost, true):
            state = .ready
            return .giveBirth
        case (.ready, false), (.born, false):
            state = .disconnected
            return .leave
        default: return .none
        }
    }

    private func commandReceived(_ bytes: ByteBuffer) -> Action {
        guard isBorn, let payload = try? Payload(bytes) else { return .none }
        let wants = payload.metrics.contains {
            $0.name == HostApplication.rebirthMetric && $0.value == .boolean(true)
        }
        return wants ? .giveBirth : .none
    }

    /// NBIRTH and a DBIRTH for each device, with all values; none while there is no connection, or no host.
    public mutating func births(_ values: [EdgeValue], now: UInt64) -> [EdgeMessage] {
        guard values.count == count else { return [] }
        switch state {
        case .disconnected, .awaitingHost: return []
        case .ready, .born: state = .born
        }
        seq = 0
        var own = [
            Metric(HostApplication.bdSeqMetric, timestamp: now, .int64, .int(Int64(bdSeq))),
            Metric(HostApplication.rebirthMetric, timestamp: now, .boolean, .boolean(false)),
        ]
        own += birthMetrics(settings.metrics, from: 0, values)
        var messages = [message(.nodeBirth, device: nil, own, now: now)]
        for (device, start) in zip(settings.devices, starts) {
            messages.append(
                message(.deviceBirth, device: device.name, birthMetrics(device.metrics, from: start, values), now: now))
        }
        return messages
    }

    private mutating func birthMetrics(
        _ metrics: [EdgeNodeSettings.Metric], from start: Int, _ values: [EdgeValue]
    ) -> [Metric] {
        metrics.enumerated().map { index, metric in
            let value = values[start + index]
            lastQualities[start + index] = value.quality
            var properties = [
                PropertySet.Property("Quality", .int32, .int(Int64(value.quality.rawValue)))
            ]
            if let unit = metric.unit { properties.append(.init("engUnit", .string, .string(unit))) }
            return Metric(
                metric.name, alias: UInt64(start + index + 1), timestamp: value.timestamp, metric.type, value.value,
                properties: PropertySet(properties))
        }
    }

    /// NDATA and DDATA with values by alias; none before the births.
    ///
    /// - Parameter changed: which of the values to send; nil sends all.
    public mutating func data(_ values: [EdgeValue], changed: Set<Int>? = nil, now: UInt64) -> [EdgeMessage] {
        guard isBorn, values.count == count else { return [] }
        var messages: [EdgeMessage] = []
        let own = dataMetrics(0..<settings.metrics.count, values, changed)
        if !own.isEmpty { messages.append(message(.nodeData, device: nil, own, now: now)) }
        for (device, start) in zip(settings.devices, starts) {
            let metrics = dataMetrics(start..<start + device.metrics.count, values, changed)
            if !metrics.isEmpty { messages.append(message(.deviceData, device: device.name, metrics, now: now)) }
        }
        return messages
    }

    private mutating func dataMetrics(_ range: Range<Int>, _ values: [EdgeValue], _ changed: Set<Int>?) -> [Metric] {
        var metrics: [Metric] = []
        for index in range where changed?.contains(index) ?? true {
            let value = values[index]
            var metric = Metric(alias: UInt64(index + 1), timestamp: value.timestamp, nil, value.value)
            metric.type = type(of: index)
            if value.quality != .good || lastQualities[index] != value.quality {
                metric.properties = PropertySet([.init("Quality", .int32, .int(Int64(value.quality.rawValue)))])
                lastQualities[index] = value.quality
            }
            metrics.append(metric)
        }
        return metrics
    }

    private func type(of index: Int) -> DataType? {
        if index < settings.metrics.count { return settings.metrics[index].type }
        guard let device = starts.lastIndex(where: { $0 <= index }) else { return nil }
        return settings.devices[device].metrics[index - starts[device]].type
    }

    /// NDEATH of the present session; published before a connection is ended in good order.
    public func death(now: UInt64) -> EdgeMessage {
        EdgeMessage(
            topic: .message(.nodeDeath, settings.id, device: nil),
            payload: Payload(
                timestamp: now,
                metrics: [Metric(HostApplication.bdSeqMetric, timestamp: now, .int64, .int(Int64(bdSeq)))]))
    }

    private mutating func message(
        _ kind: SparkplugTopic.Kind, device: String?, _ metrics: [Metric], now: UInt64
    ) -> EdgeMessage {
        defer { seq &+= 1 }
        return EdgeMessage(
            topic: .message(kind, settings.id, device: device),
            payload: Payload(timestamp: now, metrics: metrics, seq: UInt64(seq)))
    }
}
