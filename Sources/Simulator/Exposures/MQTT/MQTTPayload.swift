package import SimulatorPlant

/// The MQTT messages of one sensor: topics and JSON payloads, with all that does not change made once.
package struct MQTTPayload: Sendable {
    /// `sensors/{industry}/{sensor}/value`.
    package let valueTopic: String
    /// `sensors/{industry}/{sensor}/metadata`.
    package let metadataTopic: String
    /// What the sensor is, as JSON; published once and retained.
    package let metadata: [UInt8]
    private let unit: [UInt8]
    private let kind: ValueKind

    /// The messages of a sensor.
    package init(_ sensor: Sensor) {
        let definition = sensor.definition
        valueTopic = "sensors/\(sensor.path)/value"
        metadataTopic = "sensors/\(sensor.path)/metadata"
        kind = definition.kind
        unit = Array(",\"unit\":\"\(definition.unit)\",\"quality\":\"".utf8)
        metadata = Array(
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
        bytes += ValueText.json(value, kind: kind, quality: quality).utf8
        bytes += unit
        bytes += quality.word.utf8
        bytes += "\",\"timestamp\":".utf8
        bytes += String(timestamp).utf8
        bytes.append(UInt8(ascii: "}"))
    }
}
