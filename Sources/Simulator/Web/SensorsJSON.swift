import SimulatorExposures
import SimulatorPlant

/// The sensors with their values as JSON, written straight into bytes: a plant can have a million of them.
struct SensorsJSON: Sendable {
    private let sensors: [Sensor]
    private let industries: [Substring]

    init(_ sensors: [Sensor]) {
        self.sensors = sensors
        industries = sensors.map { $0.industry.prefix { $0 != "." } }
    }

    /// `{"count":n,"sensors":[{path,industry,machine,type,unit,min,max,value,quality,timestamp}]}`.
    ///
    /// Only sensors of `industry` when it is given (all its copies, or one), `limit` of them at most.
    /// `count` is the number of sensors that fit, listed or not.
    func list(_ tick: Tick, industry: String?, limit: Int) -> [UInt8] {
        var bytes: [UInt8] = Array("{\"sensors\":[".utf8)
        var count = 0
        for (index, sensor) in sensors.enumerated() {
            if let industry, sensor.industry != industry, industries[index] != industry { continue }
            count += 1
            guard count <= limit else { continue }
            if count > 1 { bytes.append(UInt8(ascii: ",")) }
            append(sensor, value: tick.values[index], quality: tick.qualities[index], tick.timestamp, to: &bytes)
        }
        bytes += "],\"count\":\(count)}".utf8
        return bytes
    }

    /// One sensor of that list; nil when no sensor has the path.
    func one(_ tick: Tick, path: String) -> [UInt8]? {
        guard let index = sensors.firstIndex(where: { $0.path == path }) else { return nil }
        var bytes: [UInt8] = []
        append(sensors[index], value: tick.values[index], quality: tick.qualities[index], tick.timestamp, to: &bytes)
        return bytes
    }

    private func append(
        _ sensor: Sensor, value: Double, quality: Quality, _ timestamp: Int64, to bytes: inout [UInt8]
    ) {
        let definition = sensor.definition
        bytes += "{\"path\":\"\(sensor.path)\",\"industry\":\"\(sensor.industry)\"".utf8
        bytes += ",\"machine\":\"\(definition.machine)\",\"type\":\"\(definition.type)\"".utf8
        bytes += ",\"unit\":\"\(definition.unit)\",\"min\":\(definition.minimum),\"max\":\(definition.maximum)".utf8
        bytes += ",\"value\":".utf8
        bytes += ValueText.json(value, kind: definition.kind, quality: quality).utf8
        bytes += ",\"quality\":\"\(quality.word)\",\"timestamp\":\(timestamp)}".utf8
    }
}
