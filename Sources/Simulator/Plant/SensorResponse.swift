/// What moves a sensor: a signal of its machine, how far, and how fast.
package struct SensorResponse: Sendable, Equatable {
    /// The signal of the machine that a sensor follows.
    package enum Driver: String, Sendable, Equatable, CaseIterable {
        /// How hard the machine works: power, current, torque, throughput.
        case load
        /// How fast it turns; follows the load as fast as the mass of the machine allows.
        case speed
        /// The third power of speed: the power of a fan or of a centrifugal pump (affinity law).
        case cube
        /// The sum of `nominal` per second at half load: a counter.
        case total
        /// On while the load is above a quarter, with hysteresis: a state.
        case running

        /// What values it makes.
        package var kind: ValueKind {
            switch self {
            case .load, .speed, .cube: .measurement
            case .total: .count
            case .running: .state
            }
        }
    }

    /// The signal followed.
    package var driver: Driver
    /// Whether the value falls when the signal rises, as the pressure of a pump does with its flow.
    package var inverse = false
    /// Time constant of the first-order lag behind the signal, in seconds; 0 follows at once.
    package var lag = 0.0
    /// The share of the room between nominal and limit that the signal may use, 0 to 1.
    package var reach = 0.6
    /// Standard deviation of the slow drift of the instrument, in the sensor's unit.
    package var drift = 0.0
}
