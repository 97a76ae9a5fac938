import SimulatorExposures

// The JSON bodies of the API; their property names are the keys.

struct HealthAnswer: Encodable {
    let status: String
    /// Microseconds of UTC of the latest tick.
    let timestamp: Int64
    let tick: UInt64
    let ticksLeftOut: UInt64
    let sensors: Int
    let protocols: [ProtocolAnswer]

    enum CodingKeys: String, CodingKey {
        case status, timestamp, tick, sensors, protocols
        case ticksLeftOut = "ticks_left_out"
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
