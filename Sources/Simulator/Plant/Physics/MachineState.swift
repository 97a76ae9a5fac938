/// What all copies of a machine have in common: its demand, and which signals its sensors ask for.
struct MachineModel {
    let demand: MachineDemand
    /// Whether a sensor follows the position in the work cycle itself.
    let showsCycle: Bool
    /// Whether a sensor follows a setpoint that changes from cycle to cycle.
    let showsSetpoint: Bool

    init(_ machine: Catalogue.Machine) {
        demand = machine.demand
        let drivers = machine.sensors.map(\.response.driver)
        showsCycle = drivers.contains { $0 == .swing || $0 == .batch || $0 == .fill }
        showsSetpoint = drivers.contains(.setpoint)
    }
}

/// The signals of one machine at one tick: what all its sensors follow, each from −1 to +1.
struct MachineState {
    /// How hard it works: −1 is idle, +1 is the most, 0 is half load.
    private(set) var load = 0.0
    /// How fast it turns, in the same measure.
    private(set) var speed = 0.0
    /// The sine and the cosine of the position in the work cycle.
    private(set) var wave = (sine: 0.0, cosine: 1.0)
    private(set) var batch = 0.0
    private(set) var fill = 0.0
    private(set) var setpoint = 0.0

    private let phase: Double
    private let slowNoise: Randomness
    private let fastNoise: Randomness
    private var slow: Double
    private var fast: Double

    /// What is the same for all machines under one step length.
    struct Paces {
        /// Minutes.
        let slow: Wander.Pace
        /// Seconds.
        let fast: Wander.Pace
        /// What the mass of a machine keeps of its speed over one step.
        let inertia: Double
        /// Seconds of plant time per tick.
        let step: Double

        init(step: Double) {
            slow = Wander.Pace(timeConstant: 900, step: step)
            fast = Wander.Pace(timeConstant: 20, step: step)
            inertia = Arithmetic.decay(step / 6)
            self.step = step
        }
    }

    /// What is the same for all machines at one tick.
    struct Surroundings {
        let tick: UInt64
        /// The pattern of shifts.
        let shift: Double
        let weather: Weather

        init(tick: UInt64, step: Double, sky: Weather.Sky) {
            self.tick = tick
            let seconds = Double(tick) * step
            shift = ShiftPattern.level(at: seconds)
            weather = Weather(at: seconds, sky: sky)
        }
    }

    /// A machine at tick 0. `path` is its name within the whole plant.
    init(_ model: MachineModel, path: String, seed: UInt64, paces: Paces, surroundings: Surroundings) {
        phase = Randomness(seed: seed, name: path, purpose: 1).fraction(at: 0)
        slowNoise = Randomness(seed: seed, name: path, purpose: 2)
        fastNoise = Randomness(seed: seed, name: path, purpose: 3)
        slow = slowNoise.noise(at: 0)
        fast = fastNoise.noise(at: 0)
        follow(model, paces: paces, surroundings: surroundings)
        speed = load
    }

    /// Moves on by one step, to the tick of the surroundings.
    mutating func advance(_ model: MachineModel, paces: Paces, surroundings: Surroundings) {
        slow = paces.slow.next(after: slow, noise: slowNoise.noise(at: surroundings.tick))
        fast = paces.fast.next(after: fast, noise: fastNoise.noise(at: surroundings.tick))
        follow(model, paces: paces, surroundings: surroundings)
        speed = load + (speed - load) * paces.inertia
    }

    /// The third power of speed, half to one and a half times the nominal one, scaled so that the top is +1.
    var cube: Double {
        let ratio = 1 + 0.5 * speed
        return (ratio * ratio * ratio - 1) / 2.375
    }

    private mutating func follow(_ model: MachineModel, paces: Paces, surroundings: Surroundings) {
        let demand = model.demand
        let turns = phase + Double(surroundings.tick) * paces.step / demand.cycle
        let sine = Arithmetic.sine(turns: turns)
        var sum = demand.shift * surroundings.shift + demand.swing * sine + demand.slow * slow + demand.fast * fast
        if demand.sun != 0 { sum += demand.sun * surroundings.weather.sun }
        if demand.air != 0 { sum += demand.air * surroundings.weather.air }
        load = Arithmetic.saturate(sum)
        if model.showsCycle {
            wave = (sine, Arithmetic.sine(turns: turns + 0.25))
            let position = turns - turns.rounded(.down)
            batch = CycleShape.batch(position)
            fill = CycleShape.fill(position)
        }
        if model.showsSetpoint {
            // The fast stream at numbers far beyond any tick: a machine of many copies pays for two streams, not three.
            let cycle = UInt64(max(0, turns)) &+ 1 << 62
            setpoint = 2 * fastNoise.fraction(at: cycle) - 1
        }
    }
}
