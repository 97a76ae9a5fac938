/// One sensor of a plant to which nothing is done, computed apart from the plant: with the plant's own seed it shows
/// what the sensor would show, with another one what it might have shown on another day as healthy.
package struct SensorTwin: Sendable {
    /// Seconds of plant time from value to value.
    package let step: Double
    private let kind: MachineModel
    private let paces: MachineState.Paces
    private let model: SensorModel
    private let noise: Randomness
    private let drift: Randomness
    private var sky: Weather.Sky
    private var signal: MachineState
    private var state: SensorModel.State
    private var number: UInt64

    /// A sensor of a machine whose path is `machine`, at rest at step `from`.
    fileprivate init(
        _ sensor: Sensor, kind: MachineModel, machine: String, seed: UInt64, step: Double, from number: UInt64
    ) {
        self.step = step
        self.kind = kind
        self.number = number
        paces = MachineState.Paces(step: step)
        model = SensorModel(sensor.definition, step: step)
        noise = Randomness(seed: seed, name: sensor.path, purpose: 4)
        drift = Randomness(seed: seed, name: sensor.path, purpose: 5)
        sky = Weather.Sky(seed: seed, step: step)
        let surroundings = MachineState.Surroundings(tick: number, step: step, sky: sky)
        signal = MachineState(kind, path: machine, seed: seed, paces: paces, surroundings: surroundings)
        state = model.initialState(signal, weather: surroundings.weather, drift: drift)
    }

    /// Moves on by one step and shows the value there.
    package mutating func next() -> Double {
        number &+= 1
        sky.advance(to: number)
        let surroundings = MachineState.Surroundings(tick: number, step: step, sky: sky)
        signal.advance(kind, paces: paces, surroundings: surroundings)
        model.advance(&state, machine: signal, weather: surroundings.weather, drift: drift, tick: number)
        return model.value(state, noise: noise, tick: number)
    }

    /// The next values.
    package mutating func values(_ count: Int) -> [Double] {
        var values: [Double] = []
        values.reserveCapacity(count)
        while values.count < count { values.append(next()) }
        return values
    }
}

extension Plant {
    /// What a sensor shows while nothing is done to it, from `from` seconds of plant time on, a value every `step`
    /// seconds. Twins of different numbers have different random numbers; number 0 is the plant itself, and shows
    /// exactly what it shows when it starts with it at 0 and has its step.
    package func twin(of place: Int, number: UInt64, step: Double, from seconds: Double = 0) -> SensorTwin {
        let machine = spans.firstIndex { $0.sensors.contains(place) } ?? 0
        let seed = number == 0 ? seed : Randomness(seed: seed, name: "twin", purpose: number).key
        return SensorTwin(
            sensors[place], kind: kinds[spans[machine].kind], machine: machines[machine].path, seed: seed, step: step,
            from: UInt64(max(0, seconds / step)))
    }
}
