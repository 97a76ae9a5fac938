import SimulatorExposures
import SimulatorPlant
import WebSupport

/// One WebSocket client of the simulator: which sensors it wants, and what it is told. A pure value.
struct LiveSession {
    /// The most sensors of one client.
    static let sensorsMax = 1000

    private struct Message: Decodable {
        let type: String
        let sensors: [String]?
        let format: String?
    }

    private struct Listed: Encodable {
        let type = "subscribed"
        let sensors: [String]
        let format: String
    }

    private struct Refusal: Encodable {
        let type = "error"
        let status: Int
        let title: String
        let detail: String?
        let sensors: [String]?
    }

    private let index: SensorIndex
    /// The places of the sensors in the order in which they were asked for.
    private(set) var places: [Int] = []
    private var isPlain = false

    init(_ index: SensorIndex) { self.index = index }

    /// A message has come; returns the answers to it.
    ///
    /// Of a list the sensors that exist are taken; an answer of type `error` names the others.
    mutating func received(_ text: String) -> [String] {
        do throws(WebProblem) {
            let message = try WebJSON.decode(Message.self, from: Array(text.utf8))
            return try perform(message)
        } catch {
            return [Self.refusal(error)]
        }
    }

    private mutating func perform(_ message: Message) throws(WebProblem) -> [String] {
        switch message.format {
        case nil: break
        case "plain": isPlain = true
        case "full": isPlain = false
        case let other?: throw .unprocessable("'format' is plain or full, not '\(other.prefix(40))'")
        }
        let wanted = message.sensors ?? []
        switch message.type {
        case "subscribe": return try subscribe(wanted)
        case "unsubscribe":
            // Without a list: from all.
            let leaving = Set(wanted.compactMap(index.place))
            places = message.sensors == nil ? [] : places.filter { !leaving.contains($0) }
            return [listed]
        case let other:
            throw .unprocessable("'type' is subscribe or unsubscribe, not '\(other.prefix(40))'")
        }
    }

    private mutating func subscribe(_ wanted: [String]) throws(WebProblem) -> [String] {
        var known = Set(places)
        var added: [Int] = []
        var unknown: [String] = []
        for path in wanted {
            guard let place = index.place(path) else {
                unknown.append(String(path.prefix(200)))
                continue
            }
            if known.insert(place).inserted { added.append(place) }
        }
        guard known.count <= Self.sensorsMax else {
            throw .unprocessable("a client can have \(Self.sensorsMax) sensors at most; nothing was changed")
        }
        places += added
        guard !unknown.isEmpty else { return [listed] }
        let problem = WebProblem.notFound("no such sensors; see /api/sensors")
        return [listed, Self.refusal(problem, sensors: Array(unknown.prefix(20)))]
    }

    private var listed: String {
        Self.text(Listed(sensors: places.map { index.sensors[$0].path }, format: isPlain ? "plain" : "full"))
    }

    /// The values of now: `{"type":"sensor_data","timestamp":µs,"sensors":{path:{value,quality}}}`, in the plain
    /// format `{path:value}`; a dropout has the value `null`. Nil when nothing is subscribed.
    func data(_ tick: Tick) -> String? {
        guard !places.isEmpty else { return nil }
        var bytes = Array("{\"type\":\"sensor_data\",\"timestamp\":\(tick.timestamp),\"sensors\":{".utf8)
        for (position, place) in places.enumerated() {
            let sensor = index.sensors[place]
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONText.append(sensor.path, to: &bytes)
            let value = ValueText.json(
                tick.values[place], kind: sensor.definition.kind, quality: tick.qualities[place])
            if isPlain {
                bytes += ":\(value)".utf8
            } else {
                bytes += ":{\"value\":\(value),\"quality\":\"\(tick.qualities[place].word)\"}".utf8
            }
        }
        bytes += "}}".utf8
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What a client is told that cannot be served.
    static func refusal(_ problem: WebProblem, sensors: [String]? = nil) -> String {
        text(Refusal(status: problem.status, title: problem.title, detail: problem.detail, sensors: sensors))
    }

    private static func text(_ value: some Encodable) -> String {
        String(decoding: WebJSON.encode(value) ?? [], as: UTF8.self)
    }
}
