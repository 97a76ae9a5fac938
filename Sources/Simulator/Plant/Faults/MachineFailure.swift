/// What a failure of a machine does to its sensors, by what they measure.
///
/// Sizes are shares of the room between nominal and limit, so that a failing sensor stays within its range.
enum MachineFailure {
    /// The most that each failure may be without being seen: at least one of these types must be there.
    static func needs(_ kind: Fault.Kind) -> [String] {
        switch kind {
        case .bearingWear: ["vibration"]
        case .cavitation: ["flow", "pressure"]
        default: ["temperature"]
        }
    }

    /// The actions on one sensor; none when the failure does not show there.
    static func actions(_ kind: Fault.Kind, severity: Double, on sensor: SensorDefinition) -> [FaultEffect.Action] {
        if sensor.response.driver == .alarm { return [.alarm] }
        guard sensor.kind == .measurement else { return [] }
        let up = severity * (sensor.maximum - sensor.nominal)
        let down = severity * (sensor.nominal - sensor.minimum)
        let span = severity * (sensor.maximum - sensor.minimum)
        switch (kind, sensor.type) {
        case (.bearingWear, "vibration"): return [.drift(by: 0.7 * up)]
        case (.bearingWear, "temperature"): return [.drift(by: (sensor.name.contains("bearing") ? 0.35 : 0.1) * up)]
        case (.bearingWear, "power"), (.bearingWear, "current"): return [.drift(by: 0.1 * up)]
        case (.cavitation, "vibration"): return [.drift(by: 0.4 * up), .noise(0.04 * span)]
        case (.cavitation, "flow"): return [.drift(by: -0.4 * down), .noise(0.03 * span)]
        case (.cavitation, "pressure") where !sensor.name.contains("oil"):
            return [.drift(by: -0.4 * down), .noise(0.05 * span)]
        case (.cavitation, "power"), (.cavitation, "current"): return [.drift(by: -0.2 * down)]
        case (.overheating, "temperature"): return [.drift(by: 0.75 * up)]
        case (.overheating, "power"), (.overheating, "current"): return [.drift(by: 0.15 * up)]
        default: return []
        }
    }
}
