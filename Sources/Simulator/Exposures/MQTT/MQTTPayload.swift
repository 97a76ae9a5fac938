package import SimulatorPlant

/// The MQTT messages of one sensor: topics and JSON payloads. Made when they are needed: a plant can have a million sensors.
package struct MQTTPayload: Sendable {
    private let sensor: Sensor

    /// The messages of a sensor.
    package init(_ sensor: Sensor) { self.sensor = sensor }

    /// `sensors/{industry}/{sensor}/value`.
    package var valueTopic: String { "sensors/\(sensor.path)/value" }

    /// `sensors/{industry}/{sensor}/metadata`.
    package var metadataTopic: String { "sensors/\(sensor.path)/metadata" }

    /// What the sensor is, as JSON; published once and retained.
    package var metadata: [UInt8] {
        let definition = sensor.definition
        return Array(
            ("{\"path\":\"\(sensor.path)\",\"industry\":\"\(sensor.industry)\",\"machine\":\"\(definition.machine)\","
                + "\"sensor\":\"\(definition.name)\",\"type\":\"\(definition.type)\",\"unit\":\"\(definition.unit)\","
                + "\"min\":\(definition.minimum),\"max\":\(definition.maximum),\"nominal\":\(definition.nominal)}").utf8
        )
    }

    /// Appends the payload for a value:
    /// `{"value":451.0,"unit":"kW","quality":"good","timestamp":1700000000123456}`, microseconds of UTC.
    /// A dropout has the value `null`.
    package func appendValue(
        _ value: Double, quality: Quality, timestamp: Int64, to bytes: inout [UInt8]
    ) {
        bytes += "{\"value\":".utf8
        bytes += ValueText.json(value, kind: sensor.definition.kind, quality: quality).utf8
        bytes += ",\"unit\":\"".utf8
        bytes += sensor.definition.unit.utf8
        bytes += "\",\"quality\":\"".utf8
        bytes += quality.word.utf8
        bytes += "\",\"timestamp\":".utf8
        bytes += String(timestamp).utf8
        bytes.append(UInt8(ascii: "}"))
    }
}
