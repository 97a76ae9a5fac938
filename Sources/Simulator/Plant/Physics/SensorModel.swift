/// The numbers behind one sensor of the catalogue under one step length, worked out once.
///
/// The room between nominal and limit is shared out beforehand: noise is bounded, drift is bounded, the
/// signal gets a part of what remains. So a healthy sensor never touches a limit.
struct SensorModel {
    private let driver: SensorResponse.Driver
    private let sign: Double
    private let nominal: Double
    private let up: Double
    private let down: Double
    private let noise: Double
    private let driftSize: Double
    private let driftPace: Wander.Pace
    private let lagKeep: Double
    private let resolution: Double
    private let minimum: Double
    private let maximum: Double
    private let perStep: Double
    private let start: Double
    private let phase: (sine: Double, cosine: Double)

    /// What a sensor remembers from tick to tick.
    struct State {
        /// The lagged signal; the sum of a counter; 0 or 1 of a state.
        var followed = 0.0
        /// Drift in standard deviations; of a sensor that follows nothing else, where it has wandered to.
        var drift = 0.0
    }

    init(_ definition: SensorDefinition, step: Double) {
        let response = definition.response
        let span = definition.maximum - definition.minimum
        driver = response.driver
        sign = response.inverse ? -1 : 1
        minimum = definition.minimum
        maximum = definition.maximum
        noise = min(definition.noise, span / (5 * Randomness.bound))
        let wanders = response.driver == .own
        driftSize = wanders ? 0 : min(response.drift, span / 20)
        driftPace = Wander.Pace(timeConstant: wanders ? max(1, response.lag) : 7200, step: step)
        lagKeep = response.lag > 0 ? Arithmetic.decay(step / response.lag) : 0
        resolution = response.step.map { 1 / $0 } ?? SensorModel.stepsPerUnit(noise: noise, span: span)
        phase = (Arithmetic.sine(turns: response.phase), Arithmetic.sine(turns: response.phase + 0.25))
        start = max(response.start, max(0, minimum.rounded(.up)))
        let margin = noise * Randomness.bound + 3 * driftSize + 1 / resolution
        nominal = max(minimum + margin, min(maximum - margin, definition.nominal))
        up = max(0, maximum - margin - nominal) * response.reach
        down = max(0, nominal - margin - minimum) * response.reach
        perStep = definition.nominal * step
    }

    /// The state at tick 0: at rest under the machine's first load.
    func initialState(_ machine: MachineState, weather: Weather, drift: Randomness) -> State {
        switch driver {
        case .own: wandered(to: drift.noise(at: 0))
        case .total: State(followed: start)
        case .running: State(followed: machine.load > -0.5 ? 1 : 0)
        case .alarm: State()
        default: State(followed: sign * signal(machine, weather))
        }
    }

    /// Moves the state on by one step, to `tick`.
    func advance(_ state: inout State, machine: MachineState, weather: Weather, drift: Randomness, tick: UInt64) {
        switch driver {
        case .own:
            state = wandered(to: driftPace.next(after: state.drift, noise: drift.noise(at: tick)))
        case .total:
            state.followed = min(maximum, state.followed + perStep * (1 + machine.load))
        case .running:
            // Hysteresis, or it would flicker around the threshold.
            if machine.load > -0.45 { state.followed = 1 } else if machine.load < -0.55 { state.followed = 0 }
        case .alarm: break
        default:
            let signal = sign * signal(machine, weather)
            state.followed = signal + (state.followed - signal) * lagKeep
            if driftSize > 0 { state.drift = driftPace.next(after: state.drift, noise: drift.noise(at: tick)) }
        }
    }

    private func wandered(to drift: Double) -> State {
        State(followed: Arithmetic.saturate(drift * 0.6), drift: drift)
    }

    private func signal(_ machine: MachineState, _ weather: Weather) -> Double {
        switch driver {
        case .speed: machine.speed
        case .cube: machine.cube
        case .swing: machine.wave.sine * phase.cosine + machine.wave.cosine * phase.sine
        case .batch: machine.batch
        case .fill: machine.fill
        case .setpoint: machine.setpoint
        case .sun: weather.sun
        case .air: weather.air
        case .hour: weather.hour
        case .load, .own, .total, .running, .alarm: machine.load
        }
    }

    /// The value shown at `tick`.
    func value(_ state: State, noise stream: Randomness, tick: UInt64) -> Double {
        switch driver.kind {
        case .measurement:
            let signal = state.followed * (state.followed > 0 ? up : down)
            let drift = driftSize > 0 ? 3 * driftSize * Arithmetic.saturate(state.drift / 3) : 0
            let exact = nominal + signal + drift + noise * stream.noise(at: tick)
            return rounded(max(minimum, min(maximum, exact)))
        case .count: return state.followed.rounded(.down)
        case .state: return state.followed
        }
    }

    /// A value that is not the model's own, as the instrument shows it: of its kind, and unless it may lie anywhere
    /// within its range.
    func limited(_ value: Double, toRange: Bool) -> Double {
        switch driver.kind {
        case .measurement: rounded(toRange ? max(minimum, min(maximum, value)) : value)
        case .count: max(0, min(maximum, value.rounded(.down)))
        case .state: value >= 0.5 ? 1 : 0
        }
    }

    /// A value as the instrument shows it: in whole steps of its resolution.
    func rounded(_ value: Double) -> Double { (value * resolution).rounded() / resolution }

    /// The instrument's resolution: the power of ten that lies well below its noise.
    ///
    /// Readings are whole multiples of it, as those of real instruments are, and short in decimal.
    private static func stepsPerUnit(noise: Double, span: Double) -> Double {
        let wanted = noise > 0 ? noise / 20 : span / 10_000
        var steps = 1.0
        while 1 / steps > wanted, steps < 1e9 { steps *= 10 }
        return steps
    }
}
