package import SimulatorPlant

/// The lines of the truth log: one JSON object per value served.
///
///     {"tick":7,"timestamp":1700000000123456,"path":"mining/crusher_1_motor_power","value":451.0,"quality":"good","int16":4510,"scale":0.1}
///
/// `timestamp` is in microseconds of UTC; `value` is the shortest decimal that reads back as the same
/// number, `null` while a sensor drops out; `int16` × `scale` is what the Modbus holding register shows.
package struct TruthLine: Sendable {
    /// All of the line that does not change from tick to tick, worked out once per sensor.
    private let head: [UInt8]
    private let tail: [UInt8]
    private let scaling: RegisterScaling
    private let kind: ValueKind

    /// The line of one sensor.
    package init(_ sensor: Sensor) {
        scaling = RegisterScaling(sensor.definition)
        kind = sensor.definition.kind
        head = Array(",\"path\":\"\(sensor.path)\",\"value\":".utf8)
        tail = Array(",\"scale\":\(scaling.text)}\n".utf8)
    }

    /// What the lines of one tick begin with.
    package static func start(_ tick: Tick) -> [UInt8] {
        Array("{\"tick\":\(tick.number),\"timestamp\":\(tick.timestamp)".utf8)
    }

    /// Appends the line for a value.
    package func append(start: [UInt8], value: Double, quality: Quality, to bytes: inout [UInt8]) {
        bytes += start
        bytes += head
        bytes += ValueText.json(value, kind: kind, quality: quality).utf8
        bytes += ",\"quality\":\"".utf8
        bytes += quality.word.utf8
        bytes += "\",\"int16\":".utf8
        bytes += String(scaling.raw(value)).utf8
        bytes += tail
    }
}
