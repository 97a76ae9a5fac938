import Foundation
import Glibc
import TestKit
import Testing

extension ForeignPeers {
    /// pymodbus' client on the simulator's Modbus server.
    @Suite struct SimulatorModbus {
        @Test func pymodbusReadsEverySensor() async throws {
            try await withTemporaryDirectory { directory in
                let log = directory + "/truth.ndjson"
                try await withSimulator(
                    arguments: ["--protocols", "modbus", "--interval-ms", "500", "--truth", log]
                ) { simulator in
                    let sensors = try await simulator.sensors().count
                    let seen = try await runPeer(
                        "Tests/Interop/peers/modbus_client.py",
                        [
                            "--port", "\(simulator.modbusPort)",
                            "--map", "http://127.0.0.1:\(simulator.webPort)/api/modbus/map",
                        ])
                    #expect(seen["sensors"].integer == Int64(sensors))
                    #expect(seen["beyond"].integer == 2, "registers that nobody has: IllegalDataAddress")
                    #expect(seen["too_many"].text != "accepted", "126 registers in one request")

                    let truth = try Truth(path: log)
                    #expect(seen["ticks"].array.count == 3)
                    for tick in seen["ticks"].array {
                        let time = try #require(tick.array.first?.integer)
                        for (path, values) in tick.array[1].object {
                            let entry = try #require(truth[path, time], "\(path) at \(time) is not in the truth log")
                            let exact = try #require(number(entry.value))
                            // float32 has 24 bits of precision: that is its scaling.
                            #expect(values.array[0].double.map { Float($0) } == Float(exact), "\(path) at \(time)")
                            #expect(values.array[1].integer == entry.int16, "\(path) at \(time)")
                        }
                    }
                }
            }
        }

        /// What the simulator serves as its map can be edited and served instead.
        @Test func theMapComesBackEdited() async throws {
            try await withTemporaryDirectory { directory in
                let served = try await withSimulator(arguments: ["--protocols", "none"]) { simulator in
                    try await simulator.http.get("/api/modbus/map?format=csv").text
                }
                let lines = served.split(separator: "\n").map(String.init)
                // Three sensors, two of them one after the other at the end of the table.
                var edited = [lines[0], lines[8], lines[9], lines[10]]
                edited[2] = edited[2].replacing(/,26,float32,ABCD,8,/, with: ",65530,float64,DCBA,,")
                let config = directory + "/simulator.yaml"
                try edited.joined(separator: "\n")
                    .write(toFile: directory + "/map.csv", atomically: true, encoding: .utf8)
                try "modbus: {unit_id: 3, map: map.csv}\n".write(toFile: config, atomically: true, encoding: .utf8)
                let arguments = ["--config", config, "--protocols", "modbus"]
                try await withSimulator(arguments: arguments) { simulator in
                    let map = try await simulator.http.json("/api/modbus/map")["registers"].array
                    #expect(map.count == 3 && map[0]["unit_id"].integer == 1)
                    #expect(map[1]["path"].text == "mining/crusher_1_bearing_temp")
                    #expect(map[1]["input_address"].integer == 65_530 && map[1]["byte_order"].text == "DCBA")
                    #expect(map[1]["holding_address"].integer == nil)
                }
                try "path\nmining/none\n".write(toFile: directory + "/map.csv", atomically: true, encoding: .utf8)
                let (ending, output) = try await run(.program("ot-simulator", ["run"] + arguments))
                #expect(ending != .exited(code: 0))
                #expect(output.contains("map.csv:2: there is no sensor 'mining/none'"), "\(output)")
            }
        }

        /// On a pseudo-terminal: what pymodbus reads from the line is what the truth log has.
        @Test func pymodbusReadsTheSerialLine() async throws {
            try await withTemporaryDirectory { directory in
                let (left, right) = (directory + "/left", directory + "/right")
                let cable = Launch(
                    name: "socat", path: "/usr/bin/socat",
                    arguments: ["pty,raw,echo=0,link=\(left)", "pty,raw,echo=0,link=\(right)"])
                let (log, config) = (directory + "/truth.ndjson", directory + "/simulator.yaml")
                try """
                plant: {interval_ms: 300}
                modbus:
                  unit_id: 17
                  serial: {device: \(left), baud: 19200}
                """.write(toFile: config, atomically: true, encoding: .utf8)
                try await withProgram(cable) { cable in
                    try await cable.whileAlive("the line is there") {
                        FileManager.default.fileExists(atPath: right) ? () : nil
                    }
                    // Held open: else socat ends as soon as an end has nobody.
                    let ends = [left, right].map { (path: String) in open(path, O_RDWR | O_NOCTTY | O_NONBLOCK) }
                    defer { for end in ends { close(end) } }
                    try await withSimulator(
                        arguments: ["--config", config, "--protocols", "modbus", "--truth", log]
                    ) { simulator in
                        @Sendable func peer(_ more: [String] = []) async throws -> JSONValue {
                            try await runPeer(
                                "Tests/Interop/peers/modbus_rtu_client.py",
                                [
                                    "--device", right, "--baud", "19200", "--unit", "17", "--sensor",
                                    sensor, "--map", "http://127.0.0.1:\(simulator.webPort)/api/modbus/map",
                                ] + more)
                        }
                        @Sendable func remark() async throws -> String? {
                            try await simulator.http.json("/api/protocols")["protocols"].array
                                .first { $0["name"].text == "modbus" }?["remark"].text
                        }
                        #expect(try await remark() == "Modbus RTU on \(left) (19200 baud, 8N1)")
                        let seen = try await peer()
                        #expect(seen["others"].array.isEmpty, "other unit ids are not answered")
                        #expect(seen["identification"].array.map(\.text) == ["Penstock", "OT-SIMULATOR", "1"])
                        let truth = try Truth(path: log)
                        #expect(!seen["readings"].array.isEmpty)
                        for reading in seen["readings"].array.map(\.array) {
                            let time = try #require(reading[0].integer)
                            let entry = try #require(truth[sensor, time], "\(time) is not in the truth log")
                            #expect(reading[1].double.map { Float($0) } == number(entry.value).map { Float($0) })
                            #expect(reading[2].integer == entry.int16)
                        }

                        _ = try await simulator.http.post("/api/protocols/modbus/stop", "")
                        #expect(try await peer(["--silence"])["silent"].bool == true)
                        _ = try await simulator.http.post("/api/protocols/modbus/start", "")
                        #expect(try await peer()["readings"].array.isEmpty == false)
                    }
                    // Without the device the rest goes on, and the remark says what is missing.
                    try await withSimulator(
                        arguments: ["--protocols", "modbus", "--modbus-serial", directory + "/none"]
                    ) { simulator in
                        let answers = try await simulator.http.json("/api/protocols")["protocols"].array
                        let modbus = try #require(answers.first { $0["name"].text == "modbus" })
                        #expect(modbus["state"].text == "running")
                        #expect(modbus["remark"].text?.contains("is the adapter plugged in?") == true)
                    }
                }
            }
        }
    }
}

private let sensor = "mining/crusher_1_motor_power"
