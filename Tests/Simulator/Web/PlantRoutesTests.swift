import SimulatorPlant
import TestKit
import Testing

@testable import SimulatorWeb

/// Faults, scenarios, replays and what is worked out from values, over HTTP.
@Suite(.serialized) struct PlantRoutesTests {
    private let power = "mining/crusher_1_motor_power"

    private func delete(_ http: LocalHTTP, _ path: String) async throws -> HTTPAnswer {
        try await http.request("DELETE", path, headers: [:], body: [])
    }

    @Test func faultsAreInjectedListedAndCleared() async throws {
        try await withSimulatorRoutes(sensors: 60) { http, _ in
            let order = #"{"sensor":"\#(power)","kind":"fixed","value":700,"duration_s":30,"ramp_s":2}"#
            let made = try await http.post("/api/faults", order)
            #expect(made.status == 201)
            let id = try #require(try made.json()["id"].integer)
            #expect(made.headers["location"] == "/api/faults/\(id)")
            let list = try await http.json("/api/faults")
            #expect(list["count"].integer == 1)
            let fault = try #require(list["faults"].array.first)
            #expect(fault["id"].integer == id && fault["sensor"].text == power && fault["kind"].text == "fixed")
            #expect(fault["value"].double == 700 && fault["duration_s"].double == 30 && fault["ramp_s"].double == 2)
            let wear = #"{"sensor":"mining/crusher_1","kind":"bearing_wear","value":0.9}"#
            check(try await http.post("/api/faults", wear), 201)
            let count2 = try await http.json("/api/faults")["count"].integer
            #expect(count2 == 2)
            check(try await delete(http, "/api/faults/\(id)"), 200)
            check(try await delete(http, "/api/faults/\(id)"), 404)
            check(try await delete(http, "/api/faults/x"), 400)
            let cleared = try await delete(http, "/api/faults").json()
            #expect(cleared["cleared"].integer == 1)
            let count0 = try await http.json("/api/faults")["count"].integer
            #expect(count0 == 0)
        }
    }

    @Test func faultsThatCannotBeAreRefused() async throws {
        let orders = [
            ("", 400), ("[]", 400), (#"{"sensor":"x"}"#, 400), (#"{"sensor":5,"kind":"stuck"}"#, 400),
            (#"{"sensor":"mining/none","kind":"stuck"}"#, 404),
            (#"{"sensor":"mining/none","kind":"overheating"}"#, 404),
            (#"{"sensor":"mining/crusher_1_motor_power","kind":"melt"}"#, 422),
            (#"{"sensor":"mining/crusher_1_motor_power","kind":"fixed"}"#, 422),
            (#"{"sensor":"mining/crusher_1_motor_power","kind":"stuck","value":1}"#, 422),
            (#"{"sensor":"mining/crusher_1_motor_power","kind":"stuck","duration_s":-1}"#, 422),
            (#"{"sensor":"mining/crusher_1_motor_power","kind":"fixed","value":1e400}"#, 400),
            (#"{"sensor":"mining/crusher_1","kind":"bearing_wear","value":2}"#, 422),
        ]
        try await withSimulatorRoutes(sensors: 60) { http, _ in
            for (order, status) in orders {
                let answer = try await http.post("/api/faults", order)
                check(answer, status)
                #expect(answer.headers["content-type"] == "application/problem+json")
                let problem = try answer.json()
                #expect(problem["status"].integer == Int64(status))
            }
            let faults = try await http.json("/api/faults")
            #expect(faults["count"].integer == 0)
        }
    }

    @Test func bodiesAreBounded() async throws {
        try await withSimulatorRoutes { http, _ in
            let large = String(repeating: " ", count: (64 << 10) + 1)
            check(try await http.post("/api/faults", large), 413)
            check(try await http.post("/api/protocols/opcua/start", large), 413)
            check(try await http.get("/health"), 200)
        }
    }

    @Test func scenariosRunAndStop() async throws {
        try await withSimulatorRoutes(sensors: 60) { http, _ in
            let all = try await http.json("/api/scenarios")["scenarios"].array
            #expect(all.contains { $0["name"].text == "bearing_failure" && $0["state"].text == "idle" })
            check(try await http.post("/api/scenarios/bearing_failure/run", ""), 200)
            check(try await http.post("/api/scenarios/bearing_failure/run", ""), 409)
            let listed = try await http.json("/api/scenarios")
            let states = listed["scenarios"].array.map { [$0["name"].text, $0["state"].text] }
            #expect(states.contains(["bearing_failure", "running"]), "\(listed)")
            #expect(states.contains(["lost_cooling", "idle"]), "\(listed)")
            check(try await http.post("/api/scenarios/bearing_failure/stop", ""), 200)
            check(try await http.post("/api/scenarios/bearing_failure/stop", ""), 404)
            check(try await http.post("/api/scenarios/none/run", ""), 404)
        }
    }

    @Test func recordingsAreReplayed() async throws {
        try await withSimulatorRoutes(sensors: 60) { http, _ in
            let csv = "time,path,value\n0,\(power),451\n5,\(power),452\n"
            let made = try await http.post("/api/replays?name=day&speed=2", csv, contentType: "text/csv")
            #expect(made.status == 201, "\(made.text)")
            let list = try await http.json("/api/replays")["replays"].array
            #expect(list.count == 1 && list[0]["name"].text == "day" && list[0]["rows"].integer == 2)
            #expect(list[0]["speed"].double == 2 && list[0]["length_s"].double == 5)
            let json = #"{"name":"other","csv":"time,path,value\n0,\#(power),1\n"}"#
            check(try await http.post("/api/replays", json), 201)
            check(try await http.post("/api/replays", json), 409)
            check(try await delete(http, "/api/replays/other"), 200)
            check(try await delete(http, "/api/replays/other"), 404)
            for (path, body, status) in [
                ("?name=a", "no head", 422), ("?name=a", "time,path,value\n0,moon/dust,1\n", 404), ("", csv, 400),
                ("?name=a&speed=fast", csv, 400), ("?name=a&speed=0", csv, 422), ("?name=a", "", 422),
            ] {
                let answer = try await http.post("/api/replays" + path, body, contentType: "text/csv")
                #expect(answer.status == status, "\(path) \(answer.text)")
            }
        }
    }

    @Test func historyBeginsWithTheFirstQuestion() async throws {
        try await withSimulatorRoutes { http, plant in
            let answer = try await http.json("/api/sensors/\(power)/history")
            #expect(answer["path"].text == power && answer["unit"].text == "kW")
            let samples = answer["samples"].array
            #expect(samples.count == 1 && samples[0]["timestamp"].integer == plant.tick.timestamp)
            #expect(answer["statistics"]["count"].integer == 1)
            check(try await http.get("/api/sensors/\(power)/history?limit=0"), 400)
            check(try await http.get("/api/sensors/mining/none/history"), 404)
            let chart = try await http.json("/api/sensors/\(power)/spc")
            #expect(chart["state"].text == "charted" && chart["reason"] == .null)
            #expect(chart["interval_s"].double == 1)
            let mean = try #require(chart["healthy"]["mean"].double)
            #expect((200...800).contains(mean))
            #expect(chart["timestamps"].array.count == 1 && chart["values"].array.count == 1)
            let expected = try #require(chart["expected"].array.first?.double)
            #expect(abs(expected - mean) < 1)
            #expect(chart["violations"].array.isEmpty)
            check(try await http.get("/api/sensors/\(power)/spc?limit=0"), 400)
            check(try await http.get("/api/sensors/mining/conveyor_belt_1_running/spc"), 422)
        }
    }

    @Test func aWornBearingShowsItsLine() async throws {
        try await withSimulatorRoutes(sensors: 60) { http, _ in
            let path = "/api/sensors/mining/crusher_1_vibration_x/spectrum"
            let spectrum = try await http.json(path)
            #expect(spectrum["samples"].integer == 4096 && spectrum["sample_rate_hz"].double == 8192)
            #expect(spectrum["resolution_hz"].double == 2 && spectrum["amplitudes"].array.count == 2049)
            #expect(spectrum["lines"].array.count == 5 && spectrum["waveform"] == .null)
            #expect(spectrum["wear"].double == 0)
            let waveform = try await http.json(path + "?samples=64&rate=1000&waveform=true")["waveform"]
            #expect(waveform.array.count == 64)
            check(try await http.get("/api/sensors/\(power)/spectrum"), 422)
            check(try await http.get(path + "?samples=1"), 400)
            check(try await http.get(path + "?rate=1000000"), 400)
        }
    }

    @Test func tablesCanBeSearched() async throws {
        try await withSimulatorRoutes { http, plant in
            let nodes = try await http.json("/api/opcua/nodes?search=crusher_1_motor_power")
            #expect(nodes["count"].integer == 1)
            let node = try #require(nodes["nodes"].array.first)
            #expect(node["node_id"].text == "nsu=urn:penstock:ot-simulator;s=\(power)")
            #expect(node["browse_path"].text == "/Objects/mining/crusher_1/crusher_1_motor_power")
            #expect(node["data_type"].text == "Double")
            let map = try await http.json("/api/modbus/map?offset=2&limit=3")
            #expect(map["count"].integer == 17)
            #expect(map["registers"].array.compactMap { $0["path"].text } == plant.sensors[2..<5].map(\.path))
            let found = try await http.json("/api/sensors?search=MOTOR_POWER&limit=1")
            #expect(found["sensors"].array.count == 1)
            let machines = try await http.json("/api/machines?search=crusher_1")
            #expect(machines["machines"].array.first?["path"].text == "mining/crusher_1")
            for bad in ["offset=-1", "limit=1.5", "search=" + String(repeating: "x", count: 201)] {
                check(try await http.get("/api/sensors?\(bad)"), 400)
            }
        }
    }
}
