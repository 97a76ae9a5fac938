import Foundation
import TestKit
import Testing

extension ForeignPeers {
    /// `penstock test`, `read` and `check` on Modbus sources: pymodbus' server and the simulator's.
    @Suite struct ModbusCommands {
        private static let registers = """
                registers:
                  - {address: 0, type: input, data_type: int16, name: a_int16}
                  - {address: 6, type: input, data_type: int64, name: a_int64}
                  - {address: 16, type: input, data_type: float64, name: a_float64, unit: bar}
                  - {address: 20, type: input, data_type: float32, byte_order: CDAB, name: a_cdab}
                  - {address: 1, scale: 0.1, name: scaled}
                  - {address: 0, type: coil, data_type: bool, count: 10, name: coil}
                  - {address: 500, type: input, name: nowhere}
                  - {address: 0, unit_id: 2, poll_interval_ms: 250, name: other}

            """

        /// What a command on that source prints.
        private func penstock(
            _ arguments: [String], _ configuration: String, in directory: String, isSuccess: Bool = true
        ) async throws -> [String] {
            let file = directory + "/penstock.yaml"
            try configuration.write(toFile: file, atomically: true, encoding: .utf8)
            let (ending, output) = try await run(
                .program("penstock", arguments + ["--config", file], directory: directory))
            #expect((ending == .exited(code: 0)) == isSuccess, "\(output)")
            return output.split(separator: "\n").map(String.init)
        }

        /// pymodbus loses a request that comes with one for another unit, so they come apart, and none is waited for long.
        private func withPymodbus(_ body: (String, _ directory: String) async throws -> Void) async throws {
            try await withTemporaryDirectory { directory in
                let port = try FreePorts.next()
                try await withProgram(.peer("Tests/Interop/peers/modbus_server.py", ["--port", "\(port)"])) { peer in
                    _ = try await peer.line(containing: "ready")
                    let source = """
                        sources:
                          - name: press
                            endpoint: modbus://127.0.0.1:\(port)
                            poll_interval_ms: 100
                            timeout: 0.5
                            retries: 8
                            frame_gap_ms: 10

                        """
                    try await body(source + Self.registers, directory)
                }
            }
        }

        @Test func testTellsThePlanAndWhatIsBad() async throws {
            try await withPymodbus { configuration, directory in
                let lines = try await penstock(["test", "press"], configuration, in: directory)
                #expect(lines.first?.hasPrefix("connected to modbus://127.0.0.1:") == true)
                #expect(lines.contains { $0.hasPrefix("unit 1: ") } && lines.contains { $0.hasPrefix("unit 2: ") })
                // Requests of 12 bytes; answers of 9 bytes and the data: 22 and 1 input registers, 1 holding, 10 coils.
                let bytes = 48 + 36 + 48 + 2
                let plan = "unit 1, every 100 ms: 16 tags, 4 requests, 24 registers, 10 bits, \(bytes) bytes per cycle"
                #expect(lines.contains(plan))
                #expect(lines.contains("  input 0 to 21: 4 tags"))
                #expect(lines.contains("  input 500 to 500: 1 tags"))
                #expect(lines.contains("  holding 1 to 1: 1 tags"))
                #expect(lines.contains("  coil 0 to 9: 10 tags"))
                #expect(lines.contains("unit 2, every 250 ms: 1 tags, 1 requests, 1 registers, 23 bytes per cycle"))
                #expect(lines.contains("press: connected, 17 tags, 16 of them good"))
                #expect(lines.last == "  1/input/500 nowhere: IllegalDataAddress")
            }
        }

        @Test func readPrintsExactValues() async throws {
            try await withPymodbus { configuration, directory in
                let csv = try await penstock(["read", "press", "--format", "csv"], configuration, in: directory)
                #expect(csv.first == "timestamp,sensor,value,source,quality,unit")
                let cells = csv.dropFirst().map { $0.split(separator: ",", omittingEmptySubsequences: false) }
                let bySensor = Dictionary(cells.map { ($0[1], $0.dropFirst(2).joined(separator: ",")) }) { $1 }
                #expect(bySensor["a_int16"] == "-12345,press,good,")
                #expect(bySensor["a_int64"] == "-1234567890123456789,press,good,")
                #expect(bySensor["a_float64"] == "2.718281828459045,press,good,bar")
                #expect(bySensor["a_cdab"] == "3.14,press,good,")
                #expect(bySensor["scaled"] == "-2553.6,press,good,")
                #expect(bySensor["coil_3"] == "true,press,good," && bySensor["coil_4"] == "false,press,good,")
                #expect(bySensor["nowhere"] == ",press,IllegalDataAddress,")
                #expect(bySensor["other"] == "222,press,good,")

                let lines = try await penstock(["read", "press", "--format", "ndjson"], configuration, in: directory)
                let values = try lines.map { try JSONValue.parse($0) }
                let wide = try #require(values.first { $0["sensor"].text == "a_int64" })
                #expect(wide["value"].text == "-1234567890123456789" && wide["source"].text == "press")
                #expect(values.first { $0["sensor"].text == "nowhere" }?["value"] == .null)
            }
        }

        @Test func testPrintsTheSimulatorsIdentification() async throws {
            try await withTemporaryDirectory { directory in
                try await withSimulator(arguments: ["--protocols", "modbus"]) { simulator in
                    let configuration = """
                        sources:
                          - name: plant
                            endpoint: "127.0.0.1:\(simulator.modbusPort)"
                            registers: [{address: 0, type: input}]

                        """
                    let lines = try await penstock(["test", "plant"], configuration, in: directory)
                    let identity = lines.first { $0.hasPrefix("unit 1: ") } ?? ""
                    #expect(identity.contains("vendor Penstock") && identity.contains("product"))
                    #expect(lines.last == "plant: connected, 1 tags, 1 of them good")
                }
            }
        }

        @Test func aDeviceThatIsNotThereIsSaidInOneLine() async throws {
            try await withTemporaryDirectory { directory in
                let port = try FreePorts.next()
                let configuration =
                    "sources: [{name: gone, endpoint: \"127.0.0.1:\(port)\", registers: [{address: 0}]}]\n"
                let lines = try await penstock(["test", "gone"], configuration, in: directory, isSuccess: false)
                #expect(lines.count == 1)
                #expect(lines.first?.contains("gone: modbus://127.0.0.1:\(port) cannot be reached") == true)
            }
        }

        @Test func checkWarnsOfOtherNamesOnceEach() async throws {
            try await withTemporaryDirectory { directory in
                let configuration = """
                    sources:
                      - name: old
                        protocol: modbus
                        endpoint: modbus://plc
                        slave_id: 4
                        poll_interval: 2
                        registers:
                          - {address: 0, register_type: input, data_type: float, scale_factor: 0.5}
                          - {address: 2, register_type: input, data_type: float, scale_factor: 0.5}

                    """
                let lines = try await penstock(["check"], configuration, in: directory)
                let warnings = lines.filter { $0.hasPrefix("warning: ") }
                #expect(warnings.count == 5, "\(warnings)")
                #expect(warnings.contains { $0.contains("sources[0].slave_id: is taken as 'unit_id'") })
                #expect(lines.contains("    unit_id: 4  # line 5, as sources[0].slave_id"))
                #expect(lines.contains("    poll_interval_ms: 2000  # line 6, as sources[0].poll_interval"))
            }
        }
    }
}
