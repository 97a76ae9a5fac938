package import SimulatorPlant
import Synchronization

/// What can be done to the plant while it runs, from any thread. Everything happens between two ticks and shows at
/// the next one, to all consumers at once.
extension PlantRunner {
    // MARK: Faults

    /// The faults that are not over, in the order in which they came.
    package var faults: [ActiveFault] { plant.withLock { $0.faults } }

    /// Begins a fault; returns it with its number.
    @discardableResult
    package func inject(_ fault: Fault) throws(PlantCommandError) -> ActiveFault {
        try plant.withLock { plant throws(PlantCommandError) in
            let id = try plant.inject(fault)
            guard let active = plant.faults.last(where: { $0.id == id }) else { throw .notThere("fault \(id)") }
            return active
        }
    }

    /// Ends a fault.
    package func clear(_ id: UInt64) throws(PlantCommandError) {
        try plant.withLock { plant throws(PlantCommandError) in try plant.clear(id) }
    }

    /// Ends all faults; returns how many there were.
    @discardableResult
    package func clearAllFaults() -> Int { plant.withLock { $0.clearAllFaults() } }

    // MARK: Scenarios

    /// The scenarios that run, in the order in which they were started.
    package var scenarios: [ScenarioRun] { plant.withLock { $0.scenarios } }

    /// Starts a scenario of the library.
    package func runScenario(named name: String) throws(PlantCommandError) {
        guard let scenario = library.first(where: { $0.name == name }) else { throw .notThere("scenario '\(name)'") }
        try run(scenario)
    }

    /// Starts a scenario that need not be in the library.
    package func run(_ scenario: Scenario) throws(PlantCommandError) {
        try plant.withLock { plant throws(PlantCommandError) in try plant.runScenario(scenario) }
    }

    /// Stops a scenario and ends its faults.
    package func stopScenario(_ name: String) throws(PlantCommandError) {
        try plant.withLock { plant throws(PlantCommandError) in try plant.stopScenario(name) }
    }

    // MARK: Replays

    /// The replays that run, in the order in which they were started.
    package var replays: [ReplayRun] { plant.withLock { $0.replays } }

    /// Starts a replay; `speed` is recorded seconds per second of plant time.
    package func start(_ replay: Replay, speed: Double = 1) throws(PlantCommandError) {
        try plant.withLock { plant throws(PlantCommandError) in try plant.startReplay(replay, speed: speed) }
    }

    /// Stops a replay; its sensors show the model again.
    package func stopReplay(_ name: String) throws(PlantCommandError) {
        try plant.withLock { plant throws(PlantCommandError) in try plant.stopReplay(name) }
    }

    // MARK: Looking closer

    /// The machines, in the order of their sensors.
    package var machines: [Plant.Machine] { plant.withLock { $0.machines } }

    /// What a vibration sensor hears now, sampled fast.
    package func waveform(
        of path: String, count: Int = 4096, rate: Double = 8192
    ) throws(PlantCommandError) -> Waveform {
        // The plant goes on while the samples are made. Of a copy of it, it would have to leave a whole one behind.
        let source = try plant.withLock { plant throws(PlantCommandError) in
            try plant.waveformSource(of: path, count: count, rate: rate)
        }
        return source.waveform()
    }

    /// What a sensor shows while nothing is done to it (`Plant.twin`).
    package func twin(of place: Int, number: UInt64, step: Double, from seconds: Double) -> SensorTwin {
        plant.withLock { $0.twin(of: place, number: number, step: step, from: seconds) }
    }
}
