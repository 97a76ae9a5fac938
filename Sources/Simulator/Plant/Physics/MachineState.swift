/// The signals of one machine at one tick: what all its sensors follow.
struct MachineState {
    /// How hard it works: −1 is idle, +1 is the most, 0 is half load.
    private(set) var load: Double
    /// How fast it turns, in the same measure.
    private(set) var speed: Double

    private let cycle: Double
    private let swing: Double
    private let phase: Double
    private let slowNoise: Randomness
    private let fastNoise: Randomness
    private var slow: Double
    private var fast: Double

    /// What is the same for all machines under one step length.
    struct Paces {
        /// Ore hardness, weather, demand: minutes.
        let slow: Wander.Pace
        /// Lumps on the belt, gusts: seconds.
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

    /// A machine at tick 0. `path` is its name within the whole plant.
    init(_ machine: Catalogue.Machine, path: String, seed: UInt64, paces: Paces) {
        cycle = machine.cycle
        swing = machine.swing
        phase = Randomness(seed: seed, name: path, purpose: 1).fraction(at: 0)
        slowNoise = Randomness(seed: seed, name: path, purpose: 2)
        fastNoise = Randomness(seed: seed, name: path, purpose: 3)
        slow = slowNoise.noise(at: 0)
        fast = fastNoise.noise(at: 0)
        load = 0
        speed = 0
        load = demand(at: 0, paces: paces, shift: ShiftPattern.level(at: 0))
        speed = load
    }

    /// Moves on by one step, to `tick`.
    mutating func advance(to tick: UInt64, paces: Paces, shift: Double) {
        slow = paces.slow.next(after: slow, noise: slowNoise.noise(at: tick))
        fast = paces.fast.next(after: fast, noise: fastNoise.noise(at: tick))
        load = demand(at: tick, paces: paces, shift: shift)
        speed = load + (speed - load) * paces.inertia
    }

    /// The signal that a sensor follows, −1 to +1.
    func signal(_ driver: SensorResponse.Driver) -> Double {
        switch driver {
        case .load, .total, .running: return load
        case .speed: return speed
        case .cube:
            // Half to one and a half times the nominal speed; scaled so that the top is +1.
            let ratio = 1 + 0.5 * speed
            return (ratio * ratio * ratio - 1) / 2.375
        }
    }

    private func demand(at tick: UInt64, paces: Paces, shift: Double) -> Double {
        let turns = phase + Double(tick) * paces.step / cycle
        let sum = 0.55 * shift + swing * Arithmetic.sine(turns: turns) + 0.35 * slow + 0.12 * fast
        return Arithmetic.saturate(sum)
    }
}
