/// The simulated plant: one clock, one source of truth.
///
/// A pure value: the same catalogue, settings and tick number give the same values to the last bit,
/// whoever looks at them and on whatever machine. Only the timestamps depend on when it was started.
package struct Plant: Sendable {
    /// All sensors; position i in `tick.values` belongs to sensor i.
    package let sensors: [Sensor]
    /// When each tick is due.
    package let schedule: TickSchedule
    /// The values of now.
    package private(set) var tick: Tick

    private let paces: MachineState.Paces
    private let models: [SensorModel]
    private let streams: [Streams]
    /// The sensors of each machine, one machine after the other.
    private let spans: [Range<Int>]
    private var machines: [MachineState]
    private var states: [SensorModel.State]

    /// The random numbers of one sensor, and its place in `models`.
    private struct Streams {
        let model: Int
        let noise: Randomness
        let drift: Randomness
    }

    /// Steps made at most for one tick; a plant that slept longer goes on from where it was.
    private static let catchUpMax: UInt64 = 1000

    /// A plant at tick 0, at `start` microseconds of UTC since 1970. Throws when the size is not possible.
    package init(catalogue: Catalogue, settings: PlantSettings, start: Int64) throws(PlantError) {
        let perCopy = catalogue.industries.reduce(0) { $0 + $1.sensorCount }
        guard perCopy > 0 else { throw .impossible("the plant has no sensors") }
        let count = try settings.sensorCount(sensorsPerCopy: perCopy)
        let paces = MachineState.Paces(step: settings.step)
        let definitions = catalogue.industries.flatMap { $0.machines.flatMap(\.sensors) }
        let models = definitions.map { SensorModel($0, step: settings.step) }

        var sensors: [Sensor] = []
        var streams: [Streams] = []
        var spans: [Range<Int>] = []
        var machines: [MachineState] = []
        var states: [SensorModel.State] = []
        sensors.reserveCapacity(count)
        streams.reserveCapacity(count)
        states.reserveCapacity(count)
        copies: for copy in 1... {
            var model = 0
            for industry in catalogue.industries {
                let prefix = copy == 1 ? industry.name : "\(industry.name).\(copy)"
                for machine in industry.machines {
                    guard sensors.count < count else { break copies }
                    let state = MachineState(
                        machine, path: prefix + "/" + machine.name, seed: settings.seed, paces: paces)
                    let first = sensors.count
                    for definition in machine.sensors.prefix(count - first) {
                        let path = prefix + "/" + definition.name
                        sensors.append(Sensor(path: path, industry: prefix, definition: definition))
                        streams.append(
                            Streams(
                                model: model, noise: Randomness(seed: settings.seed, name: path, purpose: 4),
                                drift: Randomness(seed: settings.seed, name: path, purpose: 5)))
                        states.append(models[model].initialState(state))
                        model += 1
                    }
                    spans.append(first..<sensors.count)
                    machines.append(state)
                }
            }
        }

        self.sensors = sensors
        self.schedule = TickSchedule(start: start, interval: settings.interval)
        self.paces = paces
        self.models = models
        self.streams = streams
        self.spans = spans
        self.machines = machines
        self.states = states
        tick = Tick(number: 0, timestamp: start, values: [], qualities: Array(repeating: .good, count: count))
        show(0)
    }

    /// Moves on to a later tick; ticks that are left out happen, but nobody sees them.
    package mutating func advance(to number: UInt64) {
        guard number > tick.number else { return }
        let gap = number - tick.number
        for step in (number - min(gap, Self.catchUpMax) + 1)...number { move(to: step) }
        show(number)
    }

    private mutating func move(to number: UInt64) {
        let shift = ShiftPattern.level(at: Double(number) * paces.step)
        for machine in machines.indices {
            machines[machine].advance(to: number, paces: paces, shift: shift)
            let signals = machines[machine]
            for sensor in spans[machine] {
                let stream = streams[sensor]
                models[stream.model].advance(
                    &states[sensor], machine: signals, drift: stream.drift, tick: number)
            }
        }
    }

    private mutating func show(_ number: UInt64) {
        var values: [Double] = []
        values.reserveCapacity(sensors.count)
        for sensor in sensors.indices {
            let stream = streams[sensor]
            values.append(models[stream.model].value(states[sensor], noise: stream.noise, tick: number))
        }
        tick = Tick(
            number: number, timestamp: schedule.timestamp(of: number), values: values, qualities: tick.qualities)
    }
}
