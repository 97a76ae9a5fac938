/// Something wrong with a sensor or with a machine, as it is asked for.
package struct Fault: Sendable, Equatable {
    /// What is wrong.
    package enum Kind: String, Sendable, Equatable, CaseIterable {
        /// The sensor shows `value`.
        case fixed
        /// The sensor shows what it showed last.
        case stuck
        /// The value moves away by `value` while the ramp lasts (without a ramp: over the whole duration).
        case drift
        /// Now and then one value is off by `value`, once per `period` on average.
        case spike
        /// Noise of standard deviation `value` on top.
        case noise
        /// A swing of amplitude `value` on top, once around per `period`.
        case oscillation
        /// No value comes at all.
        case dropout
        /// Values come and are bad.
        case badQuality = "bad_quality"
        /// Values come and are uncertain.
        case uncertainQuality = "uncertain_quality"
        /// A machine's bearing is worn: vibration with the bearing's lines, heat, some power.
        case bearingWear = "bearing_wear"
        /// A pump draws vapour: flow and pressure break down and flutter, vibration.
        case cavitation
        /// A machine is not cooled: heat, some power.
        case overheating

        /// Whether it befalls a machine and moves several of its sensors.
        package var isOfMachine: Bool {
            switch self {
            case .bearingWear, .cavitation, .overheating: true
            default: false
            }
        }

        /// Whether it makes sense for a counter or a state.
        var fitsAnyKind: Bool {
            switch self {
            case .fixed, .stuck, .dropout, .badQuality, .uncertainQuality: true
            default: false
            }
        }
    }

    /// The sensor's path; for failures of machines the machine's, for instance `mining/crusher_1`.
    package var target: String
    package var kind: Kind
    /// In the sensor's unit, with the meaning that the kind gives it; of machine failures the severity, 0 to 1.
    /// Nil: a fifth of the sensor's range (spike: half, noise: a twentieth); severity 0.8.
    package var value: Double?
    /// How long it lasts, in seconds of plant time; nil until it is cleared.
    package var duration: Double?
    /// How long it grows before it has its full size, in seconds of plant time. Dropouts and bad qualities come
    /// and go meanwhile, more and more often.
    package var ramp: Double
    /// Seconds of plant time, of spikes (nil: 30) and oscillations (nil: 20).
    package var period: Double?

    package init(
        _ kind: Kind, at target: String, value: Double? = nil, duration: Double? = nil, ramp: Double = 0,
        period: Double? = nil
    ) {
        self.target = target
        self.kind = kind
        self.value = value
        self.duration = duration
        self.ramp = ramp
        self.period = period
    }

    /// The longest duration, ramp and period, in seconds: ten years.
    package static let secondsMax = 315_576_000.0

    /// Checks what needs no plant.
    func check() throws(PlantCommandError) {
        for (name, seconds) in [("duration", duration), ("period", period)] {
            if let seconds, !(seconds > 0 && seconds <= Self.secondsMax) {
                throw .impossible("the \(name) must lie above 0 and up to \(Int(Self.secondsMax)) s, not \(seconds)")
            }
        }
        guard ramp >= 0, ramp <= Self.secondsMax else {
            throw .impossible("the ramp must lie between 0 and \(Int(Self.secondsMax)) s, not \(ramp)")
        }
        guard let value else {
            if kind == .fixed { throw .impossible("a fixed value needs 'value'") }
            return
        }
        guard value.isFinite, abs(value) <= 1e15 else {
            throw .impossible("the value must be a number up to 1e15, not \(value)")
        }
        switch kind {
        case .stuck, .dropout, .badQuality, .uncertainQuality:
            throw .impossible("'\(kind.rawValue)' takes no value")
        case .spike, .noise, .oscillation:
            guard value != 0 else { throw .impossible("'\(kind.rawValue)' needs a value other than 0") }
        case .bearingWear, .cavitation, .overheating:
            guard value > 0, value <= 1 else {
                throw .impossible("the severity must lie above 0 and up to 1, not \(value)")
            }
        case .fixed, .drift: break
        }
    }
}

/// A fault of the plant: asked for, and not yet over.
package struct ActiveFault: Sendable, Equatable {
    /// Its number, from 1, never used twice.
    package let id: UInt64
    package let fault: Fault
    /// The first tick that shows it.
    package let start: UInt64
    /// The first tick that does not show it any more; nil until it is cleared.
    package let end: UInt64?
    /// The scenario that brought it.
    package let scenario: String?
}
