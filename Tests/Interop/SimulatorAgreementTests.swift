import TestKit
import Testing

extension ForeignPeers {
    /// All protocols of one simulator, read at the same time by programs that this project did not write, and judged by
    /// the simulator's own log.
    @Suite struct SimulatorAgreement {
        /// Sensors of five industries and of every kind: measurements, counters, states.
        private static let paths = [
            "mining/crusher_1_motor_power", "mining/conveyor_belt_1_motor_current", "mining/pump_1_flow",
            "mining/vent_fan_1_vibration", "mining/vent_fan_1_motor_temp", "utilities/turbine_1_energy",
            "manufacturing/cnc_1_running", "manufacturing/cnc_1_parts_count", "chemical/safety_gas_alarm",
            "data_center/pdu_1_energy",
        ]

        private static let faults = """
            [{"sensor":"mining/crusher_1_motor_power","kind":"fixed","value":777,"duration_s":1},
            {"sensor":"mining/conveyor_belt_1_motor_current","kind":"stuck","duration_s":1},
            {"sensor":"mining/pump_1_flow","kind":"dropout","duration_s":1},
            {"sensor":"utilities/turbine_1_energy","kind":"bad_quality","duration_s":1},
            {"sensor":"chemical/safety_gas_alarm","kind":"uncertain_quality","duration_s":1},
            {"sensor":"mining/vent_fan_1","kind":"bearing_wear","value":1,"ramp_s":0.25,"duration_s":1}]
            """

        @Test(arguments: ["json", "kepware", "sparkplug"])
        func everyProtocolShowsTheSameTickAndTheSameFaults(payload: String) async throws {
            try await withTemporaryDirectory { directory in
                let log = directory + "/truth.ndjson"
                try write("mqtt: {payload: \(payload)}\n", to: directory + "/plant.yaml")
                try await withSimulator(
                    arguments: [
                        "--config", directory + "/plant.yaml", "--start", "2026-05-01T06:00:00Z", "--interval-ms",
                        "250",
                        "--truth", log,
                    ]
                ) { simulator in
                    let seen = try await runPeer(
                        "Tests/Interop/peers/plant_agreement.py",
                        [
                            "--opcua", "\(simulator.opcuaPort)", "--mqtt", "\(simulator.mqttPort)",
                            "--modbus", "\(simulator.modbusPort)", "--web", "\(simulator.webPort)",
                            "--payload", payload, "--faults", Self.faults, "--after", "2",
                        ] + Self.paths)
                    let judge = try PlantJudge(log: log, payload: payload, seen)
                    try judge.everySampleIsTrue(Self.paths)
                    judge.nobodyMissesATick()
                    try judge.theFaultsComeAndGo()
                    #expect(seen["left"].integer == 0, "faults that are over are not listed")
                    #expect(seen["losses"].object.values.allSatisfy { $0.array.isEmpty }, "\(seen["losses"])")
                }
            }
        }

        /// An answer holds the values of one tick, however fast the plant ticks.
        @Test func anAnswerNeverMixesTwoTicks() async throws {
            try await withTemporaryDirectory { directory in
                let log = directory + "/truth.ndjson"
                try await withSimulator(
                    arguments: [
                        "--protocols", "opcua,modbus", "--industries", "mining", "--interval-ms", "10", "--truth", log,
                    ]
                ) { simulator in
                    let paths = try await simulator.sensors().compactMap { $0["path"].text }
                    let seen = try await runPeer(
                        "Tests/Interop/peers/plant_blocks.py",
                        [
                            "--opcua", "\(simulator.opcuaPort)", "--modbus", "\(simulator.modbusPort)",
                            "--web", "\(simulator.webPort)",
                        ] + paths)
                    let truth = try Truth(path: log)
                    var ticks: Set<Int64> = []
                    for block in seen["blocks"].array {
                        let time = try #require(block.array.first?.integer)
                        ticks.insert(time)
                        let exact = try paths.map { try #require(truth[$0, time].flatMap { number($0.value) }) }
                        let values = block.array[1]
                        let shown = paths.map { values[$0].double.map { Float($0) } }
                        #expect(shown == exact.map { Float($0) }, "at \(time)")
                    }
                    for read in seen["reads"].array {
                        let times = read.array[0].array.compactMap(\.integer)
                        #expect(times.count == 1, "a Read with values of several ticks: \(times)")
                        let time = try #require(times.first)
                        let exact = try paths.map { try #require(truth[$0, time].flatMap { number($0.value) }) }
                        #expect(paths.map { number(read.array[1][$0]) } == exact, "at \(time)")
                    }
                    #expect(seen["blocks"].array.count == 300 && seen["reads"].array.count == 300)
                    #expect(ticks.count > 5, "the plant went on meanwhile")
                }
            }
        }
    }
}
