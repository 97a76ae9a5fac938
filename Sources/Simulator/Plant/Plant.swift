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

    /// All machines, in the order of their sensors.
    package let machines: [Machine]

    let seed: UInt64
    let index: PlantIndex
    /// Faults, scenarios and replays: what was done to the plant and is not over.
    var book = FaultBook()
    var runs: [ScenarioRun] = []
    var deck = ReplayDeck()

    private let paces: MachineState.Paces
    let kinds: [MachineModel]
    /// Of each machine its sensors and its place in `kinds`: `machines` without the texts.
    let spans: [(sensors: Range<Int>, kind: Int)]
    private let models: [SensorModel]
    private let streams: [Streams]
    private var sky: Weather.Sky
    private var signals: [MachineState]
    private let allGood: [Quality]
    private var states: [SensorModel.State]

    /// One machine of the plant.
    package struct Machine: Sendable {
        /// Its address: `mining/crusher_1`, in further copies `mining.2/crusher_1`.
        package let path: String
        /// The places of its sensors.
        package let sensors: Range<Int>
        /// The bearing that its vibration sensors listen to.
        package let bearing: Bearing?
    }

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
        let sky = Weather.Sky(seed: settings.seed, step: settings.step)
        let first = MachineState.Surroundings(tick: 0, step: settings.step, sky: sky)
        let kinds = catalogue.industries.flatMap { $0.machines.map(MachineModel.init) }
        let models = catalogue.industries.flatMap { industry in
            industry.machines.flatMap { $0.sensors.map { SensorModel($0, step: settings.step) } }
        }

        var sensors: [Sensor] = []
        var streams: [Streams] = []
        var machines: [Machine] = []
        var spans: [(sensors: Range<Int>, kind: Int)] = []
        var signals: [MachineState] = []
        var states: [SensorModel.State] = []
        sensors.reserveCapacity(count)
        streams.reserveCapacity(count)
        states.reserveCapacity(count)
        copies: for copy in 1... {
            var kind = 0
            var model = 0
            for industry in catalogue.industries {
                let prefix = copy == 1 ? industry.name : "\(industry.name).\(copy)"
                for machine in industry.machines {
                    guard sensors.count < count else { break copies }
                    let path = prefix + "/" + machine.name
                    let signal = MachineState(
                        kinds[kind], path: path, seed: settings.seed, paces: paces, surroundings: first)
                    let start = sensors.count
                    for definition in machine.sensors.prefix(count - start) {
                        let path = prefix + "/" + definition.name
                        let drift = Randomness(seed: settings.seed, name: path, purpose: 5)
                        sensors.append(Sensor(path: path, industry: prefix, definition: definition))
                        streams.append(
                            Streams(
                                model: model, noise: Randomness(seed: settings.seed, name: path, purpose: 4),
                                drift: drift))
                        states.append(models[model].initialState(signal, weather: first.weather, drift: drift))
                        model += 1
                    }
                    machines.append(
                        Machine(path: path, sensors: start..<sensors.count, bearing: machine.bearing))
                    spans.append((start..<sensors.count, kind))
                    signals.append(signal)
                    kind += 1
                }
            }
        }

        seed = settings.seed
        index = PlantIndex(catalogue)
        allGood = Array(repeating: .good, count: count)
        self.sensors = sensors
        self.machines = machines
        self.schedule = TickSchedule(start: start, interval: settings.interval)
        self.paces = paces
        self.kinds = kinds
        self.models = models
        self.streams = streams
        self.sky = sky
        self.spans = spans
        self.signals = signals
        self.states = states
        tick = Tick(number: 0, timestamp: start, values: [], qualities: allGood)
        show(
            sensors.indices.map { models[streams[$0].model].value(states[$0], noise: streams[$0].noise, tick: 0) }, 0)
    }

    /// Seconds of plant time per tick.
    package var step: Double { paces.step }

    /// The place of a sensor; nil when no sensor has the path.
    package func place(of path: String) -> Int? { index.sensor(path, count: sensors.count) }

    /// The place of a machine; nil when no machine has the path.
    package func machine(at path: String) -> Int? { index.machine(path, count: machines.count) }

    /// How hard a machine works now, -1 to +1.
    package func load(ofMachine place: Int) -> Double { signals[place].load }

    /// Moves on to a later tick; ticks that are left out happen, but nobody sees them.
    package mutating func advance(to number: UInt64) {
        guard number > tick.number else { return }
        let gap = number - tick.number
        var values: [Double] = []
        for step in (number - min(gap, Self.catchUpMax) + 1)...number {
            values = move(to: step, showing: step == number)
        }
        if !runs.isEmpty || !book.isEmpty { advanceScenarios(to: number) }
        if !deck.isEmpty { deck.advance(to: number, step: step) }
        show(values, number)
    }

    /// Moves on by one step; returns what the healthy sensors show, if that is asked for.
    ///
    /// One pass over all sensors, because what they remember of a large plant does not fit into a cache.
    private mutating func move(to number: UInt64, showing: Bool) -> [Double] {
        var values: [Double] = []
        if showing { values.reserveCapacity(sensors.count) }
        sky.advance(to: number)
        let surroundings = MachineState.Surroundings(tick: number, step: paces.step, sky: sky)
        for (machine, span) in spans.enumerated() {
            signals[machine].advance(kinds[span.kind], paces: paces, surroundings: surroundings)
            let signal = signals[machine]
            for sensor in span.sensors {
                let stream = streams[sensor]
                models[stream.model].advance(
                    &states[sensor], machine: signal, weather: surroundings.weather, drift: stream.drift, tick: number)
                if showing {
                    values.append(models[stream.model].value(states[sensor], noise: stream.noise, tick: number))
                }
            }
        }
        return values
    }

    private mutating func show(_ healthy: [Double], _ number: UInt64) {
        var values = healthy
        var qualities = allGood
        if !deck.isEmpty {
            deck.forEach { sensor, value, quality in
                values[sensor] = models[streams[sensor].model].limited(value, toRange: false)
                qualities[sensor] = quality
            }
        }
        if !book.isEmpty { applyFaults(number, &values, &qualities) }
        tick = Tick(number: number, timestamp: schedule.timestamp(of: number), values: values, qualities: qualities)
    }

    private func applyFaults(_ number: UInt64, _ values: inout [Double], _ qualities: inout [Quality]) {
        var silent: [Int] = []
        book.apply(at: number, step: step) { effect, moment in
            let place = effect.sensor
            effect.apply(&values[place], &qualities[place], moment)
            if case .fixed = effect.action, moment.weight >= 1 { return }
            if case .quality = effect.action {
                if qualities[place] == .missing { silent.append(place) }
                return
            }
            var isFixed = false
            if case .fixed = effect.action { isFixed = true }
            values[place] = models[streams[place].model].limited(values[place], toRange: !isFixed)
        }
        // Where no value comes, the last one stands.
        for place in silent where place < tick.values.count { values[place] = tick.values[place] }
    }
}
