/// What can be done to the plant between two ticks. Everything shows from the next tick on.
extension Plant {
    // MARK: Faults

    /// The faults that are not over, in the order in which they came.
    package var faults: [ActiveFault] { book.active }

    /// Begins a fault; returns its number. Throws when the target is unknown or the fault not possible.
    @discardableResult
    package mutating func inject(_ fault: Fault) throws(PlantCommandError) -> UInt64 {
        try inject(fault, from: tick.number + 1, scenario: nil)
    }

    /// Ends a fault.
    package mutating func clear(_ id: UInt64) throws(PlantCommandError) { try book.remove(id) }

    /// Ends all faults; returns how many there were. Scenarios go on.
    @discardableResult
    package mutating func clearAllFaults() -> Int { book.removeAll { _ in true } }

    private mutating func inject(
        _ fault: Fault, from start: UInt64, scenario: String?
    ) throws(PlantCommandError) -> UInt64 {
        try book.checkRoom()
        let (effects, wear) = try effects(of: fault)
        return book.add(fault, start: start, step: step, scenario: scenario, effects: effects, wear: wear)
    }

    /// What a fault would do, without doing it.
    private func effects(
        of fault: Fault
    ) throws(PlantCommandError) -> (effects: [FaultEffect], wear: (machine: Int, severity: Double)?) {
        try fault.check()
        guard fault.kind.isOfMachine else {
            guard let place = place(of: fault.target) else { throw .unknownSensor(fault.target) }
            let action = try FaultEffect.action(
                fault, sensors[place].definition, shown: tick.values[place], step: step)
            return ([FaultEffect(sensor: place, action: action, stream: stream(place))], nil)
        }
        guard let machine = machine(at: fault.target) else {
            // Who names a sensor means its machine.
            let hint = place(of: fault.target).flatMap { place in machines.first { $0.sensors.contains(place) }?.path }
            throw .unknownMachine(fault.target, hint: hint)
        }
        let needs = MachineFailure.needs(fault.kind)
        guard machines[machine].sensors.contains(where: { needs.contains(sensors[$0].definition.type) }) else {
            throw .impossible(
                "'\(fault.kind.rawValue)' does not show at '\(fault.target)': it has no sensor of "
                    + needs.joined(separator: " or "))
        }
        let severity = fault.value ?? 0.8
        let effects = machines[machine].sensors.flatMap { place in
            MachineFailure.actions(fault.kind, severity: severity, on: sensors[place].definition).map {
                FaultEffect(sensor: place, action: $0, stream: stream(place))
            }
        }
        return (effects, fault.kind == .bearingWear ? (machine, severity) : nil)
    }

    /// The random numbers of a sensor's next fault.
    private func stream(_ place: Int) -> Randomness {
        Randomness(seed: seed, name: sensors[place].path, purpose: 1000 + UInt64(book.active.count))
    }

    // MARK: Scenarios

    /// The scenarios that run, in the order in which they were started.
    package var scenarios: [ScenarioRun] { runs }

    /// Starts a scenario; its second 0 is the next tick. Throws when one of its faults is not possible in this plant.
    package mutating func runScenario(_ scenario: Scenario) throws(PlantCommandError) {
        guard !runs.contains(where: { $0.scenario.name == scenario.name }) else {
            throw .conflict("scenario '\(scenario.name)' runs already")
        }
        guard runs.count < ScenarioRun.runsMax else {
            throw .conflict("there are \(ScenarioRun.runsMax) scenarios already, which is the most; stop one")
        }
        for event in scenario.events { _ = try effects(of: event.fault) }
        runs.append(ScenarioRun(scenario: scenario, start: tick.number + 1))
    }

    /// Stops a scenario and ends its faults.
    package mutating func stopScenario(_ name: String) throws(PlantCommandError) {
        guard let index = runs.firstIndex(where: { $0.scenario.name == name }) else {
            throw .notThere("running scenario '\(name)'")
        }
        runs.remove(at: index)
        _ = book.removeAll { $0.scenario == name }
    }

    /// Does the events that are due at a tick, and forgets the scenarios that are over.
    mutating func advanceScenarios(to number: UInt64) {
        for index in runs.indices {
            while let due = runs[index].nextTick(step: step), due <= number {
                let event = runs[index].scenario.events[runs[index].done]
                runs[index].done += 1
                do {
                    _ = try inject(event.fault, from: due, scenario: runs[index].scenario.name)
                } catch {
                    runs[index].refused += 1
                }
            }
        }
        book.expire(at: number)
        let (step, busy) = (step, Set(book.active.compactMap(\.scenario)))
        runs.removeAll { $0.nextTick(step: step) == nil && !busy.contains($0.scenario.name) }
    }

    // MARK: Replays

    /// The replays that run, in the order in which they were started.
    package var replays: [ReplayRun] { deck.runs }

    /// Starts a replay; its first row is the next tick. `speed` is recorded seconds per second of plant time.
    ///
    /// A sensor shows its last recorded value until the next one is due; the replay ends one tick after the last row.
    package mutating func startReplay(_ replay: Replay, speed: Double = 1) throws(PlantCommandError) {
        let (index, count) = (index, sensors.count)
        try deck.start(replay, at: tick.number + 1, speed: speed) { index.sensor($0, count: count) }
    }

    /// Stops a replay; its sensors show the model again.
    package mutating func stopReplay(_ name: String) throws(PlantCommandError) { try deck.stop(name) }
}
