import TestKit
import Testing

extension ForeignPeers {
    /// One protocol after the other is stopped and started, twenty times each and from several sides at once, while
    /// programs that this project did not write read all of them.
    @Suite struct SimulatorSwitches {
        @Test(arguments: [("json", "opcua,mqtt,modbus"), ("sparkplug", "mqtt")])
        func stoppingOneProtocolDisturbsNoOther(payload: String, protocols: String) async throws {
            try await withTemporaryDirectory { directory in
                let log = directory + "/truth.ndjson"
                try write("mqtt: {payload: \(payload)}\n", to: directory + "/plant.yaml")
                let simulator = try await startSimulator(
                    arguments: ["--config", directory + "/plant.yaml", "--interval-ms", "100", "--truth", log])
                let seen = try await runPeer(
                    "Tests/Interop/peers/plant_switches.py",
                    [
                        "--opcua", "\(simulator.opcuaPort)", "--mqtt", "\(simulator.mqttPort)",
                        "--modbus", "\(simulator.modbusPort)", "--web", "\(simulator.webPort)",
                        "--payload", payload, "--protocols", protocols,
                        "--process", "\(simulator.program.processIdentifier)",
                        "mining/crusher_1_motor_power", "utilities/turbine_1_energy",
                    ], within: .seconds(120))
                // The peer asked it to end, with everybody connected.
                let ending = try await simulator.program.waitForEnd()
                #expect(ending == .exited(code: 0), "\(simulator.program.lastLines())")
                #expect(seen["seconds"].double ?? .infinity < 2, "SIGTERM ends it at once")

                let ticks = Set(try Truth(path: log).entries.keys.map(\.timestamp))
                for (name, port) in [
                    ("opcua", simulator.opcuaPort), ("mqtt", simulator.mqttPort), ("modbus", simulator.modbusPort),
                ] where protocols.contains(name) {
                    let switched = seen["switched"][name]
                    #expect(switched["refused"].integer == 20, "\(name): new connections")
                    #expect(switched["closed"].integer == 20, "\(name): connections that were there")
                    #expect(switched["lost"].integer ?? 0 >= 4, "\(name): sessions")
                    for (other, losses) in switched["noticed"].object {
                        #expect(losses.array.isEmpty, "\(other) while \(name) was stopped: \(losses)")
                    }
                    let (began, ended) = (
                        try #require(switched["began"].integer), try #require(switched["ended"].integer)
                    )
                    // Modbus and the WebSocket ask for values; these two are told of every tick.
                    for other in ["opcua", "mqtt"] where other != name {
                        let missed = ticks.filter { $0 >= began && $0 < ended }
                            .subtracting(seen["ticks"][other].array.compactMap { inTicks($0.integer, payload, ticks) })
                        #expect(missed.isEmpty, "\(other) missed ticks while \(name) was stopped")
                    }
                    let taken = seen["occupied"][name]
                    #expect(taken["status"].integer == 503 && taken["health"].text == "degraded")
                    #expect(taken["detail"].text?.contains("127.0.0.1:\(port): the port is in use") == true)
                    #expect(taken["later"].text == "healthy", "started once the port is free")
                }
                #expect(seen["before"] == seen["after"], "open files")
            }
        }

        /// The tick that a moment stands for; Sparkplug B tells milliseconds.
        private func inTicks(_ moment: Int64?, _ payload: String, _ ticks: Set<Int64>) -> Int64? {
            moment.flatMap { moment in ticks.contains(moment) ? moment : ticks.first { $0 / 1000 == moment / 1000 } }
        }
    }
}
