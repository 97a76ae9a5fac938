import TestKit
import Testing

/// Compares what readers saw of a simulated plant with the simulator's log of it.
struct PlantJudge {
    private let truth: Truth
    private let seen: JSONValue
    /// The ticks of the log in order, and all of them by the moment at which a protocol shows them.
    private let ticks: [Int64]
    private let rounded: [Int64: Int64]
    private let mqttTellsMilliseconds: Bool
    private let mqttQuality: (Truth.Entry) -> JSONValue

    init(log: String, payload: String, _ seen: JSONValue) throws {
        truth = try Truth(path: log)
        self.seen = seen
        ticks = Set(truth.entries.keys.map(\.timestamp)).sorted()
        rounded = Dictionary(ticks.map { ($0 / 1000 * 1000, $0) }) { first, _ in first }
        mqttTellsMilliseconds = payload != "json"
        switch payload {
        case "kepware": mqttQuality = { .bool($0.quality == "good") }
        case "sparkplug": mqttQuality = { .integer(["good": 192, "uncertain": 64][$0.quality] ?? 0) }
        default: mqttQuality = { .string($0.quality) }
        }
    }

    private func times(_ name: String, _ path: String) -> [Int64] {
        let found = seen["seen"][name][path].array.compactMap { $0.array.first?.integer }
        return name == "mqtt" && mqttTellsMilliseconds ? found.compactMap { rounded[$0] } : found
    }

    /// Every value of every protocol, and its quality, is that of the tick whose time it bears.
    func everySampleIsTrue(_ paths: [String]) throws {
        for name in ["opcua", "mqtt", "modbus", "websocket"] {
            for path in paths {
                let samples = seen["seen"][name][path].array
                #expect(samples.count >= 4, "\(name): \(path)")
                for (sample, time) in zip(samples, times(name, path)) {
                    let entry = try #require(truth[path, time], "\(name): \(path) at \(time) is not in the log")
                    let parts = sample.array
                    let context: Comment = "\(name): \(path) at \(time): \(parts), but it was \(entry)"
                    switch name {
                    case "opcua":
                        #expect(same(parts[1], entry.value) && parts[2].text == Self.status(entry), context)
                    case "mqtt": #expect(same(parts[1], entry.value) && parts[2] == mqttQuality(entry), context)
                    case "websocket":
                        #expect(same(parts[1], entry.value) && parts[2].text == entry.quality, context)
                    default:
                        // In a dropout the registers keep what they showed.
                        let shown = try #require(lastValue(of: path, at: time), context)
                        #expect(parts[1].double.map { Float($0) } == Float(shown), context)
                        #expect(parts[2].bool == (entry.quality != "good"), context)
                        #expect(parts[3].integer == entry.int16, context)
                        // A state stands at its coil and its discrete input too.
                        #expect(parts.dropFirst(4).allSatisfy { $0.bool == (shown != 0) }, context)
                        #expect((parts.count == 6) == (entry.value.bool != nil), context)
                    }
                }
            }
        }
        for faulty in seen["faulty"].array {
            let time = try #require(faulty.array.first?.integer)
            let bad = truth.entries.count { $0.key.timestamp == time && $0.value.quality != "good" }
            #expect(faulty.array[1].integer == Int64(bad), "input register 6 at \(time)")
        }
    }

    private func same(_ value: JSONValue, _ exact: JSONValue) -> Bool {
        exact == .null ? value == .null : number(value) == number(exact)
    }

    private static func status(_ entry: Truth.Entry) -> String {
        if entry.value == .null { return "BadNoCommunication" }
        return ["good": "Good", "uncertain": "UncertainSensorNotAccurate"][entry.quality] ?? "BadSensorFailure"
    }

    private func lastValue(of path: String, at time: Int64) -> Double? {
        for tick in ticks.reversed() where tick <= time {
            if let value = truth[path, tick].flatMap({ number($0.value) }) { return value }
        }
        return nil
    }

    /// Who is told of every tick gets every one.
    func nobodyMissesATick() {
        guard let begin = seen["begin"].integer, let end = seen["end"].integer else {
            Issue.record("no begin and end")
            return
        }
        let all = ticks.filter { $0 >= begin && $0 <= end }
        #expect(all.count >= 10)
        for name in ["opcua", "mqtt"] {
            for path in seen["seen"][name].object.keys {
                let got = Set(times(name, path))
                #expect(all.filter { !got.contains($0) } == [], "\(name) misses ticks of \(path)")
            }
        }
    }

    /// Each fault shows at the tick after it was asked for, for one second, and to everybody.
    func theFaultsComeAndGo() throws {
        let before = try #require(seen["before"].integer)
        let after = try #require(seen["after"].integer)
        // The faults were asked for before or after a tick; the next one shows them.
        let firsts = ticks.count { $0 <= before }...ticks.count { $0 <= after }
        func healthy(_ name: String) -> Double {
            let entries = ticks.filter { $0 <= before }.compactMap { truth["mining/vent_fan_1_\(name)", $0] }
            return entries.compactMap { number($0.value) }.max() ?? .infinity
        }
        let (vibration, temperature) = (healthy("vibration"), healthy("motor_temp"))
        let shows: [(path: String, isFaulty: (Truth.Entry) -> Bool)] = [
            ("mining/crusher_1_motor_power", { number($0.value) == 777 }),
            ("mining/pump_1_flow", { $0.value == .null && $0.quality == "bad" }),
            ("utilities/turbine_1_energy", { $0.quality == "bad" && $0.value != .null }),
            ("chemical/safety_gas_alarm", { $0.quality == "uncertain" }),
            ("mining/vent_fan_1_vibration", { (number($0.value) ?? 0) > 2 * vibration }),
            ("mining/vent_fan_1_motor_temp", { (number($0.value) ?? 0) > 1 + temperature }),
        ]
        for (path, isFaulty) in shows {
            let faulty = ticks.indices.filter { truth[path, ticks[$0]].map(isFaulty) ?? false }
            let first = try #require(faulty.first, "\(path) never shows its fault")
            #expect(firsts.contains(first), "\(path): within one tick")
            #expect(faulty == Array(first..<first + 4), "\(path): one second is four ticks, one after the other")
            isSeen(path, at: faulty.map { ticks[$0] })
        }
        let path = "mining/conveyor_belt_1_motor_current"
        let values = ticks.map { truth[path, $0]?.value }
        func isStuck(_ places: Range<Int>) -> Bool { places.allSatisfy { values[$0] == values[$0 - 1] } }
        let first = try #require(firsts.first { isStuck($0..<$0 + 4) }, "\(path) is not stuck for four ticks")
        #expect(!isStuck(first + 4..<values.count), "\(path) moves again")
        isSeen(path, at: (first..<first + 4).map { ticks[$0] })
    }

    /// What is seen is true (above); so a tick of the fault that was seen was seen as faulty.
    private func isSeen(_ path: String, at moments: [Int64]) {
        for name in ["opcua", "mqtt"] {
            #expect(Set(moments).isSubset(of: times(name, path)), "\(name): \(path) during its fault")
        }
        for name in ["modbus", "websocket"] {
            #expect(!Set(moments).isDisjoint(with: times(name, path)), "\(name): \(path) during its fault")
        }
    }
}
