import SimulatorExposures
import SimulatorPlant

/// Where each sensor is published over MQTT, in the payload that was chosen.
struct PlantTopics: Sendable {
    struct Entry: Equatable {
        let topic: String
        /// What of the message is the sensor's.
        let member: String
        /// What is published once and retained.
        let retained: String?
    }

    let payload: MQTTSettings.Payload

    func entry(_ sensor: Sensor) -> Entry {
        let definition = sensor.definition
        switch payload {
        case .json:
            return Entry(
                topic: "sensors/\(sensor.path)/value", member: "value", retained: "sensors/\(sensor.path)/metadata")
        case .kepware:
            return Entry(
                topic: "iotgateway/\(sensor.industry)/\(definition.machine)",
                member: "values[id=\(sensor.industry).\(definition.machine).\(definition.name)].v", retained: nil)
        case .sparkplug(let settings):
            return Entry(
                topic: "spBv1.0/\(settings.group)/DDATA/\(sensor.industry)/\(definition.machine)",
                member: definition.name, retained: nil)
        }
    }
}
