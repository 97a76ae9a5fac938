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
    }
}
