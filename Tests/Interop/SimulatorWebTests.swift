import Foundation
import TestKit
import Testing

extension ForeignPeers {
    /// Programs that we did not write on the simulator's page, its REST interface and its WebSocket.
    @Suite struct SimulatorWeb {
        /// Chromium goes through every page, starts a protocol, charts, injects a fault and sees it.
        @Test func chromiumFindsEverythingOnThePages() async throws {
            try await withTemporaryDirectory { directory in
                let assets = directory + "/assets"
                let copy = Launch(
                    name: "dev-assets", path: Workplace.repository + "/dev/assets", arguments: [assets])
                let (ending, output) = try await run(copy)
                #expect(ending == .exited(code: 0), "\(output)")
                try await withSimulator(arguments: ["--protocols", "none", "--assets", assets]) { simulator in
                    let seen = try await runPeer(
                        "Tests/Interop/peers/simulator_pages.py",
                        ["http://127.0.0.1:\(simulator.webPort)", photographs(directory)], within: .seconds(240))
                    #expect(seen["complaints"].array.compactMap(\.text) == [])
                    #expect(seen["too_wide"].array.compactMap(\.text) == [], "wider than 360 pixels")
                    #expect(seen["unlabelled"].array.compactMap(\.text) == [], "for screen readers")
                    #expect(seen["style"].bool == true)
                    #expect(seen["provoked"].integer == 1)
                    #expect(seen["refusal"].text?.contains("moon/dust") == true)
                    #expect(seen["connection"].text == "connected")
                    #expect(seen["protocol_before"].text == "stopped")
                    #expect(seen["in_words"].text?.contains("nobody can connect over Modbus TCP") == true)
                    #expect(seen["endpoint"].text?.contains("\(simulator.modbusPort)") == true)
                    #expect(
                        seen["series"].array.compactMap(\.text)
                            == ["mining/crusher_1_motor_power", "mining/crusher_1_motor_current"])
                    #expect(seen["axes"].array.compactMap(\.text) == ["x", "y", "y1"])
                    #expect(seen["sigma"].text.flatMap(Double.init) ?? 0 > 0)
                    #expect(seen["closer"].bool == true && seen["in_chart"].bool == true)
                    #expect(seen["bands"].array.count == 4 && seen["flagged"].text?.contains("777") == true)
                    #expect(seen["untouched"].text == "", "a field that somebody stands in")
                    #expect(seen["lines"].array.count == 5)
                    #expect(seen["tables"].array.compactMap(\.integer) == [2, 2], "lines of CSV")
                }
            }
        }

        /// The simulator is killed and started anew under an open page, which says so and goes on.
        @Test func thePageSurvivesTheSimulator() async throws {
            try await withTemporaryDirectory { directory in
                let assets = directory + "/assets"
                let copy = Launch(
                    name: "dev-assets", path: Workplace.repository + "/dev/assets", arguments: [assets])
                _ = try await run(copy)
                let arguments = ["--protocols", "none", "--assets", assets]
                try await withSimulator(arguments: arguments) { simulator in
                    let page = try start(
                        .peer(
                            "Tests/Interop/peers/simulator_restart.py",
                            ["http://127.0.0.1:\(simulator.webPort)", photographs(directory)]))
                    _ = try await page.line(containing: "ready", within: .seconds(60))
                    simulator.program.kill()
                    _ = try await page.line(containing: "lost", within: .seconds(60))
                    let again = try start(
                        .program("ot-simulator", ["run", "--web-port", "\(simulator.webPort)"] + arguments))
                    let seen = try await result(of: page, within: .seconds(120))
                    await again.stop()
                    #expect(seen["lost"].text?.contains("not of now") == true)
                    #expect(seen["state"].text == "no connection" && seen["gone"].text == "")
                    #expect(seen["told"].text?.contains("started anew") == true)
                    #expect(seen["same_page"].bool == true)
                    #expect(seen["complaints"].array.compactMap(\.text) == [])
                }
            }
        }

        /// With 100,000 sensors every answer that the page asks for stays small, and what is searched is found.
        @Test func aLargePlantStaysUsable() async throws {
            try await withSimulator(arguments: ["--protocols", "none", "--tags", "100000"]) { simulator in
                let paths = [
                    "/health", "/api/industries", "/api/sensors?limit=50", "/api/sensors?search=crusher&limit=50",
                    "/api/sensors?search=mining.200%2Fcrusher_1_motor_power&limit=50", "/api/faults", "/api/scenarios",
                    "/api/machines?search=pump&limit=50", "/api/sensors?type=vibration&limit=30",
                    "/api/modbus/map?offset=50000&limit=50", "/api/opcua/nodes?search=turbine&limit=50",
                    "/api/mqtt/topics?industry=mining&limit=50",
                    "/api/sensors/mining.200/crusher_1_motor_power/spc?limit=300",
                    "/api/sensors/mining.200/crusher_1_vibration_x/spectrum",
                ]
                for path in paths {
                    let answer = try await simulator.http.get(path)
                    #expect(answer.status == 200, "\(path): \(answer.text.prefix(300))")
                    #expect(answer.text.utf8.count <= 32_000, "\(path) weighs \(answer.text.utf8.count) bytes")
                }
                let found = try await simulator.http.json(paths[4])
                #expect(found["count"].integer == 1)
                #expect(found["sensors"].array.first?["path"].text == "mining.200/crusher_1_motor_power")
            }
        }

        /// Without Bootstrap and Chart.js the page says so and works else.
        @Test func thePageSaysWhatItLacks() async throws {
            try await withTemporaryDirectory { directory in
                try FileManager.default.createDirectory(
                    atPath: directory + "/assets", withIntermediateDirectories: true)
                try await withSimulator(
                    arguments: ["--protocols", "none", "--assets", directory + "/assets"]
                ) { simulator in
                    let seen = try await runPeer(
                        "Tests/Interop/peers/simulator_plain_page.py", ["http://127.0.0.1:\(simulator.webPort)"],
                        within: .seconds(120))
                    #expect(seen["sentence"].text?.contains("dev/build") == true)
                    #expect(seen["protocols"].integer == 3)
                }
            }
        }

        /// Where the photographs go: kept when `PENSTOCK_ARTIFACTS` names a folder.
        private func photographs(_ directory: String) -> String {
            let folder = ProcessInfo.processInfo.environment["PENSTOCK_ARTIFACTS"]
            return (folder.flatMap { $0.isEmpty ? nil : $0 } ?? directory) + "/simulator-pages"
        }

        /// The values that a WebSocket client gets are those of the truth log.
        @Test func theWebSocketShowsTheTruth() async throws {
            try await withTemporaryDirectory { directory in
                let log = directory + "/truth.ndjson"
                try await withSimulator(
                    arguments: ["--protocols", "none", "--interval-ms", "500", "--truth", log]
                ) { simulator in
                    let paths = try await simulator.sensors().prefix(10).compactMap { $0["path"].text }
                    let seen = try await runPeer(
                        "Tests/Interop/peers/simulator_socket.py", ["\(simulator.webPort)"] + paths,
                        within: .seconds(60))
                    let truth = try Truth(path: log)
                    #expect(seen["messages"].array.count == 4)
                    for message in seen["messages"].array {
                        let time = try #require(message["timestamp"].integer)
                        #expect(Set(message["sensors"].object.keys) == Set(paths))
                        for (path, sample) in message["sensors"].object {
                            let entry = try #require(truth[path, time], "\(path) at \(time) is not in the truth log")
                            #expect(sample["value"] == entry.value, "\(path) at \(time)")
                            #expect(sample["quality"].text == entry.quality)
                        }
                    }
                    #expect(seen["plain"].double != nil)
                    #expect(seen["unsubscribed"].bool == true)
                    #expect(seen["unknown"]["status"].integer == 404)
                    #expect(seen["malformed"]["status"].integer == 400)
                    #expect(seen["too_many_clients"]["status"].integer == 503)
                    #expect(seen["foreign_origin"].integer == 403)
                    let health = try await simulator.http.get("/health").status
                    #expect(health == 200)
                }
            }
        }

        /// Schemathesis makes requests of all kinds from the OpenAPI document, and judges the answers by it.
        @Test func schemathesisFindsNothing() async throws {
            try await withTemporaryDirectory { directory in
                try await withSimulator(arguments: ["--protocols", "none"]) { simulator in
                    let seen = try await runPeer(
                        "Tests/Interop/peers/api_check.py",
                        ["http://127.0.0.1:\(simulator.webPort)/api/openapi.json", directory], within: .seconds(300))
                    #expect(seen["failures"].array.compactMap(\.text) == [])
                    #expect(seen["operations"].integer ?? 0 >= 25)
                    let health = try await simulator.http.get("/health").status
                    #expect(health == 200)
                }
            }
        }
    }
}
