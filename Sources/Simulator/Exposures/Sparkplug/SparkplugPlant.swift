package import SimulatorPlant
package import SparkplugB

/// The plant as edge nodes: one for each industry, with a device for each machine and a metric for each sensor.
package struct SparkplugPlant: Sendable {
    /// One edge node.
    package struct Node: Sendable {
        package var settings: EdgeNodeSettings
        /// The numbers of its sensors in the plant, in the order of the node's values.
        package var sensors: [Int]
        private let kinds: [ValueKind]

        fileprivate init(_ settings: EdgeNodeSettings, _ sensors: [Int], _ kinds: [ValueKind]) {
            self.settings = settings
            self.sensors = sensors
            self.kinds = kinds
        }

        /// The values of a tick, with its time in milliseconds.
        package func values(_ tick: Tick) -> [EdgeValue] {
            let time = UInt64(clamping: tick.timestamp / 1000)
            return zip(sensors, kinds).map { sensor, kind in
                let value: MetricValue =
                    switch kind {
                    case .measurement: .double(tick.values[sensor])
                    case .count: .int(Int64(exactly: tick.values[sensor].rounded()) ?? .max)
                    case .state: .boolean(tick.values[sensor] != 0)
                    }
                let isMissing = tick.qualities[sensor] == .missing
                return EdgeValue(
                    isMissing ? .null : value, quality: Self.quality(tick.qualities[sensor]), timestamp: time)
            }
        }

        private static func quality(_ quality: Quality) -> QualityCode {
            switch quality {
            case .good: .good
            case .uncertain: .uncertain
            case .bad, .missing: .bad
            }
        }
    }

    package let nodes: [Node]

    package init(_ sensors: [Sensor], _ settings: SparkplugSettings) {
        var industries: [(name: String, sensors: [Int])] = []
        for (index, sensor) in sensors.enumerated() {
            if industries.last?.name != sensor.industry { industries.append((sensor.industry, [])) }
            industries[industries.count - 1].sensors.append(index)
        }
        nodes = industries.map { Self.node($0.name, $0.sensors, of: sensors, settings) }
    }

    private static func node(
        _ name: String, _ numbers: [Int], of sensors: [Sensor], _ settings: SparkplugSettings
    ) -> Node {
        var devices: [EdgeNodeSettings.Device] = []
        for number in numbers {
            let definition = sensors[number].definition
            if devices.last?.name != definition.machine { devices.append(.init(definition.machine, [])) }
            let type: DataType =
                switch definition.kind {
                case .measurement: .double
                case .count: .int64
                case .state: .boolean
                }
            devices[devices.count - 1].metrics.append(
                .init(definition.name, type, unit: definition.unit.isEmpty ? nil : definition.unit))
        }
        return Node(
            EdgeNodeSettings(
                id: EdgeNodeID(group: settings.group, node: name), primaryHost: settings.primaryHost,
                devices: devices), numbers, numbers.map { sensors[$0].definition.kind })
    }
}
