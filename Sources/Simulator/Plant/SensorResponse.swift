/// What moves a sensor: a signal, how far, and how fast.
package struct SensorResponse: Sendable, Equatable {
    /// The signal that a sensor follows.
    package enum Driver: String, Sendable, Equatable, CaseIterable {
        /// How hard the machine works: power, current, torque, throughput.
        case load
        /// How fast it turns; follows the load as fast as the mass of the machine allows.
        case speed
        /// The third power of speed: the power of a fan or of a centrifugal pump (affinity law).
        case cube
        /// The work cycle as a sine, at `phase` turns of it: joints, rams, surfaces, orbits.
        case swing
        /// The work cycle as a batch: heat up, hold, cool down, wait.
        case batch
        /// The work cycle as a vessel that fills slowly and is emptied faster.
        case fill
        /// A value that changes from cycle to cycle and holds in between.
        case setpoint
        /// Sunshine, with day, year and clouds.
        case sun
        /// The temperature outdoors, over day and year.
        case air
        /// The hours of daylight from sunrise to sunset.
        case hour
        /// Nothing but itself: wanders with the time constant `lag`.
        case own
        /// The sum of `nominal` per second at half load: a counter.
        case total
        /// On while the load is above a quarter, with hysteresis: a state.
        case running
        /// Off until the machine fails: a state.
        case alarm

        /// What values it makes.
        package var kind: ValueKind {
            switch self {
            case .load, .speed, .cube, .swing, .batch, .fill, .setpoint, .sun, .air, .hour, .own: .measurement
            case .total: .count
            case .running, .alarm: .state
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
    /// How much later in the work cycle a `swing` is, in turns.
    package var phase = 0.0
    /// The resolution of the instrument, in the sensor's unit; nil follows from the noise.
    package var step: Double?
    /// Where a counter starts.
    package var start = 0.0
}
