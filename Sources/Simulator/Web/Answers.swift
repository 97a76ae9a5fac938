import SimulatorExposures

// The JSON bodies of the API; their property names are the keys.

struct HealthAnswer: Encodable {
    let status: String
    /// Microseconds of UTC of the latest tick.
    let timestamp: Int64
    let tick: UInt64
    let ticksLeftOut: UInt64
    /// Seconds of plant time from tick to tick, and how much faster than real time it runs.
    let interval: Double
    let speed: Double
    let sensors: Int
    /// Faults that are not over, and scenarios that run.
    let faults: Int
    let scenarios: Int
    let protocols: [ProtocolAnswer]

    enum CodingKeys: String, CodingKey {
        case status, timestamp, tick, speed, sensors, faults, scenarios, protocols
        case ticksLeftOut = "ticks_left_out"
        case interval = "interval_s"
    }
}

struct IndustryAnswer: Encodable {
    let name: String
    let sensors: Int
}

struct ProtocolAnswer: Encodable {
    let name: String
    let title: String
    let state: String
    let url: String?
    let error: String?
    let remark: String?

    init(_ kind: ExposureKind, _ state: ExposureSwitchboard.State, remark: String?) {
        self.remark = remark
        name = kind.rawValue
        title = kind.title
        self.state = state.word
        if case .running(let url) = state { self.url = url } else { url = nil }
        if case .failed(let message) = state { error = message } else { error = nil }
    }
}

struct ChangeAnswer: Encodable {
    let status: String
    let `protocol`: ProtocolAnswer
}
