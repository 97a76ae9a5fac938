package import SimulatorPlant

/// Values as text, the same in every payload and log.
package enum ValueText {
    /// The JSON form of a value, `null` where none comes.
    package static func json(_ value: Double, kind: ValueKind, quality: Quality) -> String {
        quality == .missing ? "null" : json(value, kind: kind)
    }

    /// The JSON form of a value: the shortest decimal that reads back exactly, a whole number for counts,
    /// `true` or `false` for states.
    package static func json(_ value: Double, kind: ValueKind) -> String {
        switch kind {
        case .measurement: value.description
        // A count beyond 2^53 would not be exact as a Double and does not occur (PlantSettings, catalogue).
        case .count: String(Int64(exactly: value.rounded()) ?? .max)
        case .state: value == 0 ? "false" : "true"
        }
    }
}
