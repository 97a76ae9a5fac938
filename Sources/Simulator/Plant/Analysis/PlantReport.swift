/// A plant watched over a time, and what it shows: limits, motion, and the physics of its motors.
package struct PlantReport: Sendable {
    /// The power and the current of one motor.
    package struct Motor: Sendable {
        package let machine: String
        package let correlation: Double
        /// The least that power and current of a motor must go together.
        package static let correlationMin = 0.8
        package var isSound: Bool { correlation >= Self.correlationMin }
    }

    /// A temperature behind the load of its machine.
    package struct Lag: Sendable {
        package let path: String
        /// The time constant that the catalogue states, in seconds.
        package let stated: Double
        /// The one found in the values.
        package let found: Double
        package let correlation: Double
        package var isSound: Bool { abs(found - stated) <= 0.2 * stated }
    }

    /// One for each sensor, in the order of the plant.
    package let sensors: [SensorSummary]
    package let motors: [Motor]
    package let lags: [Lag]

    /// Everything that is not as it should be, one sentence each.
    package var faults: [String] {
        sensors.compactMap { sensor in sensor.fault.map { "\(sensor.path): \($0)" } }
            + motors.filter { !$0.isSound }.map { "\($0.machine): power and current have r \($0.correlation)" }
            + lags.filter { !$0.isSound }.map { "\($0.path): lags by \($0.found) s, not \($0.stated) s" }
    }

    /// Runs one copy of a catalogue for `hours` of plant time, a sample every `step` seconds.
    package init(_ catalogue: Catalogue, seed: UInt64, hours: Int, step: Int) throws(PlantError) {
        var plant = try Plant(
            catalogue: catalogue, settings: PlantSettings(seed: seed, intervalMilliseconds: step * 1000), start: 0)
        let electric = plant.machines.map { Electric($0, plant.sensors) }
        var series: [Int: [Double]] = [:]
        for place in electric.flatMap(\.places) { series[place] = [] }
        var summaries = plant.sensors.map(SensorSummary.init)
        for number in 1...UInt64(max(1, hours * 3600 / step)) {
            plant.advance(to: number)
            for place in summaries.indices { summaries[place].add(plant.tick.values[place]) }
            for place in series.keys { series[place]?.append(plant.tick.values[place]) }
        }
        sensors = summaries
        motors = electric.compactMap { machine in
            guard let power = machine.power, let current = machine.current else { return nil }
            return Motor(
                machine: machine.path,
                correlation: Series.correlation(series[power]?[...] ?? [], series[current]?[...] ?? []))
        }
        lags = electric.flatMap { machine in
            machine.temperatures.map { place in
                let stated = plant.sensors[place].definition.response.lag
                let (found, correlation) = Series.timeConstant(
                    of: series[place] ?? [], behind: series[machine.load ?? place] ?? [], step: Double(step),
                    guess: stated)
                return Lag(path: plant.sensors[place].path, stated: stated, found: found, correlation: correlation)
            }
        }
    }
}

/// The sensors of a machine that tell of its motor.
private struct Electric {
    let path: String
    /// Power and current that follow the same signal at once.
    private(set) var power: Int?
    private(set) var current: Int?
    /// Temperatures that follow the same signal with a lag of a minute or more.
    private(set) var temperatures: [Int] = []

    /// What shows the load.
    var load: Int? { power ?? current }
    var places: [Int] { [power, current].compactMap { $0 } + temperatures }

    init(_ machine: Plant.Machine, _ sensors: [Sensor]) {
        path = machine.path
        func places(_ type: String, _ fits: (SensorResponse) -> Bool) -> [Int] {
            machine.sensors.filter { place in
                let definition = sensors[place].definition
                return definition.type == type && fits(definition.response)
            }
        }
        let direct = { (response: SensorResponse) in
            response.lag == 0 && (response.driver == .load || response.driver == .cube)
        }
        power = places("power", direct).first
        current = places("current", direct).first
        guard let load else { return }
        let driver = sensors[load].definition.response.driver
        if power != nil, let other = current, sensors[other].definition.response.driver != driver { current = nil }
        temperatures = places("temperature") { $0.lag >= 60 && $0.driver == driver }
    }
}
