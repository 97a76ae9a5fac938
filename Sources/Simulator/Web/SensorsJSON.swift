import SimulatorExposures
import SimulatorPlant

/// The sensors with their values as JSON, written straight into bytes: a plant can have a million of them.
struct SensorsJSON: Sendable {
    let index: SensorIndex

    /// `{"count":n,"sensors":[{path,industry,machine,type,unit,min,max,value,quality,timestamp}]}`.
    ///
    /// `count` is the number of sensors that fit, listed or not.
    func list(_ tick: Tick, _ filter: SensorFilter) -> [UInt8] {
        var bytes: [UInt8] = Array("{\"sensors\":[".utf8)
        var isFirst = true
        let count = filter.forEach(in: index.sensors) { place in
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            append(place, tick, to: &bytes)
        }
        bytes += "],\"count\":\(count)}".utf8
        return bytes
    }

    /// One sensor of that list.
    func one(_ tick: Tick, _ place: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        append(place, tick, to: &bytes)
        return bytes
    }

    private func append(_ place: Int, _ tick: Tick, to bytes: inout [UInt8]) {
        let sensor = index.sensors[place]
        let definition = sensor.definition
        bytes += "{\"path\":".utf8
        JSONText.append(sensor.path, to: &bytes)
        bytes += ",\"industry\":".utf8
        JSONText.append(sensor.industry, to: &bytes)
        bytes += ",\"machine\":".utf8
        JSONText.append(definition.machine, to: &bytes)
        bytes += ",\"type\":".utf8
        JSONText.append(definition.type, to: &bytes)
        bytes += ",\"unit\":".utf8
        JSONText.append(definition.unit, to: &bytes)
        bytes += ",\"min\":\(definition.minimum),\"max\":\(definition.maximum)".utf8
        bytes += ",\"value\":".utf8
        bytes += ValueText.json(tick.values[place], kind: definition.kind, quality: tick.qualities[place]).utf8
        bytes += ",\"quality\":\"\(tick.qualities[place].word)\",\"timestamp\":\(tick.timestamp)}".utf8
    }
}
