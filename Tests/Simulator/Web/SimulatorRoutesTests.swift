import SimulatorPlant
import TestKit
import Testing

@Suite struct SimulatorRoutesTests {
    @Test func sensorsHaveTheShapeThatIsPromised() async throws {
        try await withSimulatorRoutes { http, plant in
            let answer = try await http.json("/api/sensors")
            #expect(answer["count"].integer == 17)
            #expect(answer["sensors"].array.count == 17)
            let power = answer["sensors"].array[7]
            #expect(power["path"].text == "mining/crusher_1_motor_power")
            #expect(power["industry"].text == "mining")
            #expect(power["machine"].text == "crusher_1")
            #expect(power["type"].text == "power")
            #expect(power["unit"].text == "kW")
            #expect(power["min"].double == 200 && power["max"].double == 800)
            #expect(power["value"].double == plant.tick.values[7])
            #expect(power["quality"].text == "good")
            #expect(power["timestamp"].integer == 1_700_000_000_123_456)
            let one = try await http.json("/api/sensors/mining/crusher_1_motor_power")
            #expect(one == power)
            let missing = try await http.get("/api/sensors/mining/nothing")
            #expect(missing.status == 404 && missing.text.contains("mining/nothing"))
        }
    }

    @Test func theListCanBeCut() async throws {
        try await withSimulatorRoutes(sensors: 60) { http, _ in
            let cut = try await http.json("/api/sensors?limit=3")
            #expect(cut["sensors"].array.count == 3 && cut["count"].integer == 60)
            let copy = try await http.json("/api/sensors?industry=mining.2")
            #expect(copy["count"].integer == 25)
            let all = try await http.json("/api/sensors?industry=mining")
            #expect(all["count"].integer == 60)
            for bad in ["limit=-1", "limit=x"] {
                let status = try await http.get("/api/sensors?\(bad)").status
                #expect(status == 400)
            }
            let unknown = try await http.get("/api/sensors?industry=moon").status
            #expect(unknown == 404)
            let industries = try await http.json("/api/industries")["industries"].array
            #expect(industries.map { $0["name"].text } == ["mining"])
            #expect(industries.map { $0["sensors"].integer } == [60])
        }
    }

    @Test func protocolsAreStartedAndStopped() async throws {
        try await withSimulatorRoutes { http, _ in
            var list = try await http.json("/api/protocols")["protocols"].array
            #expect(list.map { $0["name"].text } == ["opcua", "mqtt"])
            #expect(list.map { $0["state"].text } == ["stopped", "stopped"])
            let started = try await http.post("/api/protocols/opcua/start", "")
            #expect(started.status == 200)
            #expect(try started.json()["protocol"]["url"].text == "fake://here")
            let failed = try await http.post("/api/protocols/mqtt/start", "")
            #expect(failed.status == 503 && failed.text.contains("port 1883 is in use"))
            let degraded = try await http.json("/health")["status"].text
            #expect(degraded == "degraded")
            let stopped = try await http.post("/api/protocols/opcua/stop", "")
            #expect(try stopped.json()["protocol"]["state"].text == "stopped")
            list = try await http.json("/api/protocols")["protocols"].array
            #expect(list.map { $0["state"].text } == ["stopped", "failed"])
            let unknown = try await http.post("/api/protocols/bacnet/start", "")
            #expect(unknown.status == 404 && unknown.text.contains("opcua, mqtt, modbus"))
        }
    }

    @Test func healthMapAndPageAnswer() async throws {
        try await withSimulatorRoutes { http, _ in
            for path in ["/health", "/api/health"] {
                let health = try await http.json(path)
                #expect(health["status"].text == "healthy")
                #expect(health["sensors"].integer == 17)
                #expect(health["timestamp"].integer == 1_700_000_000_123_456)
            }
            let map = try await http.json("/api/modbus/map")
            #expect(map["count"].integer == 17)
            #expect(map["registers"].array[7]["input_address"].integer == 24)
            #expect(map["registers"].array[7]["scale"].double == 0.1)
            let csv = try await http.get("/api/modbus/map?format=csv")
            #expect(csv.text.split(separator: "\n").count == 18)
            let wrong = try await http.get("/api/modbus/map?format=xml").status
            #expect(wrong == 400)
            let page = try await http.get("/")
            #expect(page.status == 200 && !page.text.contains("<script>") && !page.text.contains("style="))
            for file in ["/page/main.js", "/page/style.css"] {
                #expect(page.text.contains("\"\(file)\""))
                let status = try await http.get(file).status
                #expect(status == 200)
            }
        }
    }
}
