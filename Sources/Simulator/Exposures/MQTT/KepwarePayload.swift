package import SimulatorPlant

/// The message of one machine as Kepware's IoT Gateway writes it: several values in one payload.
package struct KepwarePayload: Sendable {
    /// `iotgateway/{industry}/{machine}`.
    package let topic: String
    /// The numbers of its sensors in the plant.
    package let sensors: [Int]
    private var starts: [[UInt8]]
    private var kinds: [ValueKind]

    /// The messages of a plant, in the order in which machines come first.
    package static func all(_ sensors: [Sensor]) -> [KepwarePayload] {
        var numbers: [(topic: String, sensors: [Int])] = []
        var places: [String: Int] = [:]
        for (number, sensor) in sensors.enumerated() {
            let topic = "iotgateway/\(sensor.industry)/\(sensor.definition.machine)"
            if let place = places[topic] {
                numbers[place].sensors.append(number)
            } else {
                places[topic] = numbers.count
                numbers.append((topic, [number]))
            }
        }
        return numbers.map { KepwarePayload(topic: $0.topic, numbers: $0.sensors, of: sensors) }
    }

    private init(topic: String, numbers: [Int], of sensors: [Sensor]) {
        self.topic = topic
        self.sensors = numbers
        kinds = numbers.map { sensors[$0].definition.kind }
        starts = numbers.map {
            let sensor = sensors[$0]
            // Channel, device and tag.
            return Array(
                "{\"id\":\"\(sensor.industry).\(sensor.definition.machine).\(sensor.definition.name)\",\"v\":".utf8)
        }
    }

    /// Appends the payload for a tick: `{"timestamp":ms,"values":[{"id":…,"v":451.0,"q":true,"t":ms},…]}`. A value of
    /// bad or uncertain quality has `q` false.
    package func append(_ tick: Tick, to bytes: inout [UInt8]) {
        let time = Array(String(tick.timestamp / 1000).utf8)
        bytes += "{\"timestamp\":".utf8
        bytes += time
        bytes += ",\"values\":[".utf8
        for (place, sensor) in sensors.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += starts[place]
            bytes += ValueText.json(tick.values[sensor], kind: kinds[place], quality: tick.qualities[sensor]).utf8
            bytes += (tick.qualities[sensor] == .good ? ",\"q\":true,\"t\":" : ",\"q\":false,\"t\":").utf8
            bytes += time
            bytes.append(UInt8(ascii: "}"))
        }
        bytes += "]}".utf8
    }
}
