/// What a fault does to one sensor.
struct FaultEffect {
    enum Action: Equatable {
        case fixed(Double)
        case drift(by: Double)
        /// `chance` is that of one tick.
        case spike(height: Double, chance: Double)
        case noise(Double)
        /// `period` in seconds.
        case oscillation(amplitude: Double, period: Double)
        case quality(Quality)
        /// An alarm that goes on when the fault has half its size.
        case alarm
    }

    /// The place of the sensor in the plant.
    let sensor: Int
    let action: Action
    let stream: Randomness

    /// Where a fault stands at a tick.
    struct Moment {
        let tick: UInt64
        /// Whether this is the first tick of the fault.
        let isFirst: Bool
        /// Seconds of plant time since it began.
        let age: Double
        /// How much of its size it has, above 0 and up to 1.
        let weight: Double
    }

    /// Changes a value and its quality.
    func apply(_ value: inout Double, _ quality: inout Quality, _ moment: Moment) {
        switch action {
        case .fixed(let fixed): value += (fixed - value) * moment.weight
        case .drift(let amount): value += amount * moment.weight
        case .spike(let height, let chance):
            // The first tick shows it, so that who injects a spike sees one.
            if moment.isFirst || stream.fraction(at: moment.tick) < chance {
                value += (stream.bits(at: moment.tick) & 1 == 0 ? height : -height) * moment.weight
            }
        case .noise(let deviation): value += deviation * moment.weight * stream.noise(at: moment.tick)
        case .oscillation(let amplitude, let period):
            value += amplitude * moment.weight * Arithmetic.sine(turns: moment.age / period + 0.25)
        case .quality(let worse):
            guard moment.weight >= 1 || stream.fraction(at: moment.tick) < moment.weight else { return }
            if worse.rank > quality.rank { quality = worse }
        case .alarm:
            if moment.weight >= 0.5 { value = 1 }
        }
    }
}

extension FaultEffect {
    /// What a fault of a sensor does to it. `shown` is the value that it shows now, `step` seconds per tick.
    static func action(
        _ fault: Fault, _ definition: SensorDefinition, shown: Double, step: Double
    ) throws(PlantCommandError) -> Action {
        if !fault.kind.fitsAnyKind, definition.kind != .measurement {
            throw .impossible("'\(fault.kind.rawValue)' makes no sense for a counter or a state")
        }
        let span = definition.maximum - definition.minimum
        let value = fault.value
        switch fault.kind {
        case .fixed: return .fixed(try fixed(value ?? shown, definition))
        case .stuck: return .fixed(shown)
        case .drift: return .drift(by: value ?? span / 5)
        case .spike: return .spike(height: value ?? span / 2, chance: step / (fault.period ?? 30))
        case .noise: return .noise(abs(value ?? span / 20))
        case .oscillation: return .oscillation(amplitude: value ?? span / 5, period: fault.period ?? 20)
        case .dropout: return .quality(.missing)
        case .badQuality: return .quality(.bad)
        case .uncertainQuality: return .quality(.uncertain)
        case .bearingWear, .cavitation, .overheating:
            throw .impossible("'\(fault.kind.rawValue)' befalls a machine, not a sensor")
        }
    }

    private static func fixed(_ value: Double, _ definition: SensorDefinition) throws(PlantCommandError) -> Double {
        switch definition.kind {
        case .measurement: return value
        case .count:
            guard value >= 0, value <= definition.maximum else {
                throw .impossible("a count must lie between 0 and \(definition.maximum), not \(value)")
            }
            return value.rounded(.down)
        case .state:
            guard value == 0 || value == 1 else { throw .impossible("a state is 0 or 1, not \(value)") }
            return value
        }
    }
}
