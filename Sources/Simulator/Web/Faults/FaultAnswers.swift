import SimulatorPlant

// The JSON bodies of faults, machines, scenarios and replays.

struct KindAnswer: Encodable {
    let name: String
    /// Whether it befalls a machine.
    let machine: Bool
    let summary: String

    init(_ kind: Fault.Kind) {
        name = kind.rawValue
        machine = kind.isOfMachine
        summary = kind.summary
    }
}

extension Fault.Kind {
    /// What the page says of a kind and of the value that goes with it.
    var summary: String {
        switch self {
        case .fixed: "The sensor shows the value."
        case .stuck: "The sensor shows what it showed last. It takes no value."
        case .drift: "The sensor moves away by the value while the ramp lasts; without a value by a fifth of its range."
        case .spike: "Now and then a sample is off by the value; without a value by half the range."
        case .noise: "Noise with the value as its standard deviation; without a value a twentieth of the range."
        case .oscillation: "A swing with the value as its amplitude; without a value a fifth of the range."
        case .dropout: "No value comes. It takes no value."
        case .badQuality: "Values come and are bad. It takes no value."
        case .uncertainQuality: "Values come and are uncertain. It takes no value."
        case .bearingWear: "Vibration with the bearing's lines, heat and some power."
        case .cavitation: "A pump draws vapour: flow and pressure break down, it vibrates."
        case .overheating: "The machine is not cooled: heat and some power."
        }
    }
}

struct FaultAnswer: Encodable {
    let id: UInt64
    /// The path of the sensor; of a failure that of the machine.
    let sensor: String
    let kind: String
    let value: Double?
    let duration: Double?
    let ramp: Double
    let remaining: Double?
    let scenario: String?

    enum CodingKeys: String, CodingKey {
        case id, sensor, kind, value, scenario
        case duration = "duration_s"
        case ramp = "ramp_s"
        case remaining = "remaining_s"
    }

    /// - Parameter step: seconds of plant time from tick to tick.
    init(_ active: ActiveFault, tick: UInt64, step: Double) {
        id = active.id
        sensor = active.fault.target
        kind = active.fault.kind.rawValue
        value = active.fault.value
        duration = active.fault.duration
        ramp = active.fault.ramp
        remaining = active.end.map { $0 > tick ? Double($0 - tick) * step : 0 }
        scenario = active.scenario
    }
}

struct FaultsAnswer: Encodable {
    let faults: [FaultAnswer]
    let count: Int
}

struct ClearedAnswer: Encodable {
    let status = "ok"
    let cleared: Int
}

struct MachinesAnswer: Encodable {
    struct Machine: Encodable {
        let path: String
        let sensors: [String]
    }

    let machines: [Machine]
    let count: Int
}

struct ScenarioAnswer: Encodable {
    let name: String
    let summary: String
    let events: Int
    /// Seconds of plant time; nil when one of its faults stays until it is cleared.
    let length: Double?
    /// `running` or `idle`.
    let state: String
    let eventsDone: Int
    let eventsRefused: Int
    /// Seconds of plant time since its start; left out while it is idle.
    let elapsed: Double?

    enum CodingKeys: String, CodingKey {
        case name, summary, events, state
        case length = "length_s"
        case eventsDone = "events_done"
        case eventsRefused = "events_refused"
        case elapsed = "elapsed_s"
    }

    init(_ scenario: Scenario, _ run: ScenarioRun?, tick: UInt64, step: Double) {
        name = scenario.name
        summary = scenario.summary
        events = scenario.events.count
        length = scenario.length
        state = run == nil ? "idle" : "running"
        eventsDone = run?.done ?? 0
        eventsRefused = run?.refused ?? 0
        elapsed = run.map { Double(max(tick, $0.start) - $0.start) * step }
    }
}

struct ReplayAnswer: Encodable {
    let name: String
    let rows: Int
    let rowsDone: Int
    let speed: Double
    let length: Double

    enum CodingKeys: String, CodingKey {
        case name, rows, speed
        case rowsDone = "rows_done"
        case length = "length_s"
    }

    init(_ run: ReplayRun) {
        name = run.name
        rows = run.rowCount
        rowsDone = run.rowsDone
        speed = run.speed
        length = run.length
    }
}
